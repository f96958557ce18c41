"""A real browser, with the fonts that the product ships for paper, on the live pages."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium

QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {1280: 900, 390: 844}
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""

_VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
BrowserPage = Callable[..., Page]
PATIENCE = 30_000  # milliseconds; a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless chromium, one for a worker's whole run."""
    folder = tmp_path_factory.mktemp("fonts")
    fonts = find_spec("manimgx_fonts_cjk")
    assert fonts is not None and fonts.origin is not None
    described = folder / "fonts.conf"
    described.write_text(FONTCONFIG.format(fonts=Path(fonts.origin).parent, cache=folder / "cache"))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.executable(),
            args=QUIET,
            chromium_sandbox=os.geteuid() != 0 and "CI" not in os.environ,
            env={**os.environ, "FONTCONFIG_FILE": str(described)},
        )
        yield started
        started.close()


@pytest.fixture
def browser_page(browser: Browser, live_server: Any) -> Iterator[BrowserPage]:
    """Open a page: `browser_page(width=390)`; addresses are relative to the live server.

    `javascript=False` opens one without scripts. Each call is a person of its own: no cookie is
    shared. An error in a page's script fails the test.
    """
    contexts = []
    errors: list[str] = []

    def open_page(*, width: int = 1280, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def barriers() -> Callable[[Page], list[str]]:
    """Say what axe finds on a page, one line each: `assert barriers(page) == []`."""

    script = Axe().axe_script

    def found(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):  # once a page, whatever its width is
            page.evaluate(script)
        violations = page.evaluate(_VIOLATIONS)
        return [
            f"{page.url}: {violation['id']} ({violation['help']}) at {node['target']}"
            for violation in violations
            for node in violation["nodes"]
        ]

    return found
