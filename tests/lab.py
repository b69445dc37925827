"""A JupyterLab of its own for the browser tests: fresh settings, and Debian's Chromium to look at it."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WHY_NOT = (
    "Chromium がありません: ブラウザのテストを飛ばします（Debian では apt install chromium fonts-ipaexfont-gothic）"
)
if not CHROMIUM:
    warnings.warn(WHY_NOT, stacklevel=1)
NEEDS_CHROMIUM = pytest.mark.skipif(not CHROMIUM, reason=WHY_NOT)
# As root, and without a network: Chromium must not try to reach its maker.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def server(folder: Path, home: Path, *options: str, **settings: str) -> Iterator[str]:
    """Run ``jupyter lab`` on ``folder`` with everything personal below ``home``; yields its address.

    ``settings`` are environment variables."""
    kept = ("PATH", "LANG", "VIRTUAL_ENV", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', '')}"
    env |= {"HOME": str(home), "PYTHONUTF8": "1"} | settings
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(home / name.lower())
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        env[name] = str(home / name.lower())
    log = home / "lab.log"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=course",
    ]
    with log.open("w") as out:
        process = subprocess.Popen([*command, *options], cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen, log: Path) -> str:
    for _ in range(600):
        found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/", log.read_text(encoding="utf-8"))
        if found:
            return f"http://127.0.0.1:{found[1]}/"
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


@contextlib.contextmanager
def browser(*, width: int = 1280, height: int = 1600, dark: bool = False) -> Iterator[Page]:
    """A page of a headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="ja-JP"
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        chromium.close()


def open_notebook(page: Page, address: str, path: str) -> None:
    """Open a notebook and wait until its kernel is idle."""
    page.goto(f"{address}lab/tree/{path}?token=course&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    wait_idle(page)


def wait_idle(page: Page) -> None:
    """Wait until the status bar says that the kernel is idle."""
    page.wait_for_function(
        """() => /(Idle|アイドル)/.test(document.querySelector('#jp-main-statusbar')?.innerText || '')"""
    )


def run_all(page: Page) -> None:
    """Run every cell and wait for the last one."""
    page.evaluate("() => window.jupyterapp?.commands.execute('notebook:run-all-cells')")
    page.wait_for_timeout(500)
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((p) => p.textContent);
            return prompts.length > 0 && prompts.every((text) => /\\d/.test(text));
        }""",
        timeout=120_000,
    )
    wait_idle(page)
