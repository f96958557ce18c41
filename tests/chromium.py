"""Where the browser of the tests is: Debian's, another on PATH, or playwright's own."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def executable() -> str | None:
    """Return the path of a chromium that can be started, or nothing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


if __name__ == "__main__":
    found = executable()
    sys.stdout.write(f"{found or 'no chromium'}\n")
    sys.exit(found is None)
