"""Run the source notebooks, make the students' from them by nbgrader's own converter, tell when they differ."""

import filecmp
import logging
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from .. import edition


class BuildError(Exception):
    """A chapter that cannot be built; the message says which and why."""


def course_root(start: Path | None = None) -> Path:
    """The folder with ``nbgrader_config.py``, from ``start`` (default: here) upwards.

    Raises:
        BuildError: if there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "nbgrader_config.py").exists() and (folder / "solutions").is_dir():
            return folder
    raise BuildError(
        f"{start} はこの講座のフォルダーではありません。nbgrader_config.py のあるフォルダーで実行してください"
    )


def chapters(root: Path, wanted: list[str]) -> list[str]:
    """The chapter folders to build: all, or those whose names begin with one of ``wanted`` ("01", "2").

    Raises:
        BuildError: if a wanted chapter does not exist.
    """
    known = sorted(path.parent.name for path in root.glob("solutions/*/*.ipynb"))
    chosen = []
    for name in wanted:
        number = name.zfill(2) if name.isdigit() else name
        found = [chapter for chapter in known if chapter.startswith(number)]
        if not found:
            raise BuildError(f"章 {name!r} がありません（あるのは {', '.join(known)}）")
        chosen += found
    return chosen or known


def execute(root: Path, wanted: list[str]) -> list[str]:
    """Run the wanted source notebooks from top to bottom and store their outputs; returns the names.

    Raises:
        nbclient.exceptions.CellExecutionError: at the first cell that fails; the file is then left as it was.
    """
    names = chapters(root, wanted)
    for chapter in names:
        path = root / "solutions" / chapter / f"{chapter}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        # The state of the sliders is large, random, and of no use without a kernel.
        NotebookClient(
            notebook,
            timeout=300,
            store_widget_state=False,
            coalesce_streams=True,  # one output however the prints arrive, so that diffs stay quiet
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # time stamps
        # Which Python ran it is not part of the course.
        notebook.metadata.language_info.pop("version", None)
        notebook.metadata.pop("widgets", None)
        nbformat.write(notebook, path)
    return names


def nbgrader_config(root: Path) -> Config:
    """``nbgrader_config.py`` of the course in ``root``, read."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return config


def generate(root: Path, chapter: str, release: Path, *, db_url: str = "") -> None:
    """Write the student version of ``chapter`` below ``release``; with ``db_url``, register it in that gradebook.

    Raises:
        BuildError: if nbgrader refuses the source notebook.
    """
    config = nbgrader_config(root)
    config.CourseDirectory.release_directory = str(release)
    config.CourseDirectory.assignment_id = chapter
    config.GenerateAssignment.no_database = not db_url
    config.GenerateAssignment.force = True
    if db_url:
        config.CourseDirectory.db_url = db_url
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    said = _Said()
    converter.log = logging.Logger("course.build")
    converter.log.addHandler(said)
    if not db_url:  # SaveCells would write to the gradebook even so
        converter.preprocessors = [p for p in converter.preprocessors if p.__name__ != "SaveCells"]
    try:
        converter.start()
    except NbGraderException as error:
        # nbgrader logs the cause as a traceback and raises a general complaint.
        causes = [line for line in said.lines if line.startswith("Traceback")]
        cause = causes[0].strip().splitlines()[-1] if causes else str(error)
        raise BuildError(f"{chapter}: nbgrader が変換できませんでした: {cause}") from error


class _Said(logging.Handler):
    """Keeps nbgrader's errors, to be told in one line."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def build(root: Path, wanted: list[str]) -> list[str]:
    """Make ``notebooks/`` for the wanted chapters (all if none are named); returns their names."""
    names = chapters(root, wanted)
    for chapter in names:
        generate(root, chapter, root / "notebooks")
        if _editions(root).is_dir():
            _editions(root).joinpath(f"{chapter}.json").write_text(
                _edition(root / "notebooks", chapter), encoding="utf-8", newline="\n"
            )
    return names


def _editions(root: Path) -> Path:
    """Where the package keeps what ``course doctor`` compares with; an instructor's folder has none."""
    return root / "course_utils" / "assets" / "editions"


def _edition(release: Path, chapter: str) -> str:
    try:
        return edition.dumps(nbformat.read(release / chapter / f"{chapter}.ipynb", as_version=4))
    except ValueError as error:
        raise BuildError(f"{chapter}: {error}") from error


def stale(root: Path, wanted: list[str]) -> list[str]:
    """What in ``notebooks/`` differs from a fresh build, one line each, naming the cell; empty if all is current."""
    lines = []
    names = chapters(root, wanted)
    with tempfile.TemporaryDirectory() as fresh:
        for chapter in names:
            generate(root, chapter, Path(fresh))
            made, kept = Path(fresh, chapter), root / "notebooks" / chapter
            for path in sorted(made.rglob("*")):
                if path.is_file():
                    lines += _difference(path, kept / path.relative_to(made), root)
            file = _editions(root) / f"{chapter}.json"
            if file.parent.is_dir() and not (
                file.exists() and file.read_text(encoding="utf-8") == _edition(Path(fresh), chapter)
            ):
                lines.append(f"{file.relative_to(root)}: solutions/ と食い違っています")
            lines += [
                f"{path.relative_to(root)}: solutions/ にないファイルです"
                for path in sorted(kept.rglob("*"))
                if path.is_file()
                and ".ipynb_checkpoints" not in path.parts
                and not (made / path.relative_to(kept)).exists()
            ]
    if not wanted:
        lines += [
            f"{path.relative_to(root)}: solutions/ にない章です"
            for path in sorted((root / "notebooks").iterdir())
            if path.is_dir() and not path.name.startswith(".") and path.name not in names
        ]
        lines += [
            f"{path.relative_to(root)}: solutions/ にない章です"
            for path in sorted(_editions(root).glob("*.json"))
            if path.stem not in names
        ]
    return lines


def _difference(made: Path, kept: Path, root: Path) -> list[str]:
    name = kept.relative_to(root)
    if not kept.exists():
        return [f"{name}: まだ作られていません"]
    if filecmp.cmp(made, kept, shallow=False):
        return []
    if made.suffix != ".ipynb":
        return [f"{name}: solutions/ のものと違います"]
    try:
        old = nbformat.read(kept, as_version=4).cells
    except Exception as error:
        return [f"{name}: ノートブックとして読めません（{type(error).__name__}）"]
    new = nbformat.read(made, as_version=4).cells
    for index, (a, b) in enumerate(zip(new, old, strict=False)):
        if a != b:
            return [f"{name}: セル {index + 1}（{_label(a)}）が solutions/ と食い違っています"]
    if len(new) != len(old):
        return [f"{name}: セルの数が {len(old)} です（solutions/ からは {len(new)}）"]
    return [f"{name}: ノートブックのメタデータが solutions/ と食い違っています"]


def _label(cell) -> str:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    first = cell.source.strip().splitlines()[0][:40] if cell.source.strip() else "空のセル"
    return f"{grade_id}: {first}" if grade_id else first
