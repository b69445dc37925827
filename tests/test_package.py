"""How the package hangs together: what imports what, what loads when, and what must never be written down."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "course_utils"
MODULES = sorted(p.relative_to(ROOT) for p in PACKAGE.rglob("*.py"))
# A layer may import its own and what is lower.
LAYERS = {
    "edition": 0, "data": 0, "models": 1, "metrics": 1, "progress": 1, "scoreboard": 2, "plots": 2, "widgets": 3,
    "remeasure": 4, "exercises": 4, "doctor": 5, "grading": 6, "cli": 7,
}  # fmt: skip


def layer(path: Path) -> str | None:
    name = path.parts[1].removesuffix(".py")
    return name if name in LAYERS else None


def imports(path: Path):
    """Absolute names of all modules imported anywhere in a file."""
    package = list(path.with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, node.module] if node.module else base)
            yield prefix
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_arrows_point_one_way(path):
    mine = layer(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "course_utils" and len(parts) > 1 and parts[1] in LAYERS and mine:
            assert LAYERS[parts[1]] <= LAYERS[mine], f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_learners_side_needs_no_processes_threads_or_nbgrader(path):
    if layer(path) in ("grading", "cli"):
        return
    banned = {"subprocess", "multiprocessing", "threading", "concurrent", "nbgrader", "socket", "urllib", "scipy"}
    assert not {name.split(".")[0] for name in imports(path)} & banned


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, course_utils, course_utils.exercises, course_utils.models; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "ipywidgets", "nbgrader", "IPython", "scipy", "sklearn"} & set(loaded)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing is tracked")
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_no_random_state_is_global():
    for path in tracked():
        if path.suffix in (".py", ".ipynb") and path.exists() and "tests" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "np.random.seed" not in text and "random.seed(" not in text, path


def test_no_class_is_committed():
    for path in tracked():
        assert path.relative_to(ROOT).parts[0] not in ("submitted", "autograded", "feedback", "reports"), path
        assert not path.name.startswith("gradebook.db"), path


def test_no_path_of_a_machine_and_no_registry_is_written_down():
    # Written in pieces, or this file would find itself.
    forbidden = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "pypi" + ".org", "npmjs" + ".org", "deb.debian" + ".org"]
    for path in tracked():
        if path.suffix not in (".png", ".npz") and path.exists():
            text = path.read_text(encoding="utf-8")
            assert not [word for word in forbidden if word in text], path
