"""A JupyterLab of its own for the browser tests: fresh settings, and Debian's Chromium to look at it."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
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


def prefer(home: Path, plugin: str, **settings) -> None:
    """Write a person's settings of a ``plugin`` ("extension:name"), before the server of ``home`` starts."""
    extension, name = plugin.split(":")
    file = home / "jupyterlab_settings_dir" / extension / f"{name}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings), encoding="utf-8")


def trust(home: Path, notebooks: Iterable[Path]) -> None:
    """Let JupyterLab show the stored outputs as if this person had run them."""
    data = home / "jupyter_data_dir"
    data.mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(data))
    for path in notebooks:
        notary.sign(nbformat.read(path, as_version=4))


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


def change_notebook(page: Page, path: str) -> None:
    """Open another notebook in place of the open one (its kernel is shut down), and wait until all of it is drawn.

    All its cells are in the page only with the setting ``windowingMode="none"``."""
    page.evaluate(
        """async (path) => {
            const { commands, shell } = window.jupyterapp;
            const old = shell.currentWidget;
            await old.context.sessionContext.shutdown();
            old.dispose();
            await commands.execute('docmanager:open', { path });
        }""",
        path,
    )
    page.wait_for_function(
        """(path) => {
            const panel = window.jupyterapp.shell.currentWidget;
            const cells = panel?.content?.model?.cells.length;
            if (panel?.context?.path !== path || panel.node.querySelectorAll('.jp-Cell').length !== cells) {
                return false;
            }
            const formulas = [...panel.node.querySelectorAll('.jp-RenderedMarkdown')].some((rendered) => {
                const copy = rendered.cloneNode(true);
                copy.querySelectorAll('code').forEach((code) => code.remove());
                return copy.textContent.includes('$');
            });
            return !formulas && !panel.node.textContent.includes('Loading widget...');
        }""",
        arg=path,
    )
    wait_idle(page)


# JupyterLab's body has no height of its own, and axe-core takes what stands in it for invisible. Without the code,
# which JupyterLab draws and not the course, a notebook is half as long; the buttons over it would cover the output.
UNROLLED = "body { height: 100vh; } :is(.jp-CodeCell .jp-Cell-inputWrapper, .jp-cell-toolbar) { display: none; }"


def unroll(page: Page, *, width: int) -> None:
    """Show prose and outputs alone, in a window as high as they are: axe-core does not see what is scrolled away."""
    page.evaluate(
        """(rules) => {
            const style = document.getElementById('unrolled') ?? document.createElement('style');
            Object.assign(style, { id: 'unrolled', textContent: rules });
            document.head.append(style);
        }""",
        UNROLLED,
    )
    notebook = page.locator(".jp-WindowedPanel-outer")
    for _ in range(4):  # again when figures and formulas have their new width
        spare = notebook.evaluate("outer => outer.clientHeight - outer.firstElementChild.scrollHeight")
        if spare >= 0 and page.viewport_size["width"] == width:
            notebook.evaluate("outer => { outer.scrollTop = 0; }")  # one can scroll past the end
            return
        height = page.viewport_size["height"] + max(0, 500 - spare)
        page.set_viewport_size({"width": width, "height": height})
        # JupyterLab lays out a little later; around the notebook stand only the side bars and the status bar.
        page.wait_for_function(
            """() => {
                const { right, bottom } = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
                const rest = [innerWidth - right, innerHeight - bottom];
                return rest.every((pixels) => pixels >= 0 && pixels < 80);
            }"""
        )
    raise AssertionError("the notebook does not fit into the window")


def roll_up(page: Page) -> None:
    """The notebook as a person sees it, after :func:`unroll`."""
    page.evaluate("() => document.getElementById('unrolled')?.remove()")
    page.set_viewport_size({"width": 1280, "height": 1600})


def theme(page: Page, *, dark: bool) -> None:
    """Change JupyterLab's theme."""
    name = "JupyterLab Dark" if dark else "JupyterLab Light"
    page.evaluate("(theme) => void window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
    page.wait_for_function(
        "(name) => document.body.dataset.jpThemeName === name && !document.getElementById('jupyterlab-splash')",
        arg=name,
    )


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
