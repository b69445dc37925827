"""What a chapter is graded by: its graded cells with their hidden tests, and the notebook as it was handed out."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode


class KeyMismatchError(Exception):
    """A chapter that cannot be graded by what is there; the message says which and why."""


@dataclass(frozen=True)
class KeyCell:
    """A cell that nbgrader knows.

    Args:
        grade_id: nbgrader's name, "test-1-1". id: Jupyter's name.
        source: of a test cell with its hidden tests; of any other as released.
        released: the source as released. metadata: nbgrader's, as released.
    """

    grade_id: str
    id: str
    cell_type: str
    source: str
    released: str
    metadata: dict = field(hash=False)

    @property
    def is_test(self) -> bool:
        """Whether it is graded by running it."""
        return self.metadata["grade"] and not self.metadata["solution"] and self.cell_type == "code"

    @property
    def is_graded(self) -> bool:
        return self.metadata["grade"]

    @property
    def points(self) -> float:
        return float(self.metadata.get("points", 0))

    @property
    def number(self) -> str:
        """The exercise that it belongs to: "1-1" of "test-1-1"."""
        return self.grade_id.partition("-")[2]


@dataclass(frozen=True)
class Key:
    """One chapter's key. It holds the hidden tests: it goes to the grader and its workers, never to the sandbox.

    Args:
        imports: the first code cell, which every test cell may rely on.
        cells: nbgrader's cells, in order.
        story: the sources of the other code cells, as released.
        kernel: the notebook's metadata as released.
        code: the digest of the package that made it.
        fingerprint: changes when anything that a score depends on changes, the graders' own code included.
    """

    chapter: str
    imports: str
    cells: tuple[KeyCell, ...]
    story: tuple[str, ...]
    kernel: dict = field(hash=False)
    code: str
    fingerprint: str

    @classmethod
    def load(cls, root: Path, chapter: str) -> "Key":
        """The key of a chapter of the course in ``root``.

        Raises:
            KeyMismatchError: if the source or the released notebook is missing or they do not belong together.
        """
        pair = []
        for path in notebooks(root, chapter):
            try:
                pair.append(nbformat.read(path, as_version=4))
            except FileNotFoundError:
                raise KeyMismatchError(f"{path.relative_to(root).as_posix()} がありません") from None
        return cls.of(chapter, *pair)

    @classmethod
    def of(cls, chapter: str, source: NotebookNode, release: NotebookNode) -> "Key":
        """The key from a source notebook and the students' notebook that was made from it.

        Raises:
            KeyMismatchError: if they do not belong together.
        """
        hidden = {name_of(cell): cell.source for cell in source.cells if name_of(cell)}
        cells, story = [], []
        for cell in release.cells:
            name = name_of(cell)
            if name is None:
                if cell.cell_type == "code":
                    story.append(cell.source)
                continue
            if name not in hidden:
                raise KeyMismatchError(
                    f"{chapter}: {name} が solutions/ にありません（course build で作り直してください）"
                )
            metadata = dict(cell.metadata.nbgrader)
            locked = metadata["grade"] and not metadata["solution"]
            tested = hidden.pop(name)
            kept = tested if locked else cell.source
            cells.append(KeyCell(name, cell.get("id", ""), cell.cell_type, kept, cell.source, metadata))
        if hidden:
            raise KeyMismatchError(
                f"{chapter}: {min(hidden)} が notebooks/ にありません（course build で作り直してください）"
            )
        if not story:
            raise KeyMismatchError(f"{chapter}: コードのセルがありません")
        kernel = {name: dict(release.metadata[name]) for name in ("kernelspec",) if name in release.metadata}
        content = json.dumps([chapter, [vars(cell) for cell in cells], story], ensure_ascii=False)
        fingerprint = hashlib.sha256((code_digest() + content).encode()).hexdigest()
        return cls(chapter, story[0], tuple(cells), tuple(story), kernel, code_digest(), fingerprint)

    @property
    def tests(self) -> tuple[KeyCell, ...]:
        """The auto-graded cells, in order."""
        return tuple(cell for cell in self.cells if cell.is_test)

    @property
    def points(self) -> dict[str, float]:
        """The points of every graded cell, written answers included."""
        return {cell.grade_id: cell.points for cell in self.cells if cell.is_graded}

    def answer_to(self, test: KeyCell) -> KeyCell | None:
        """The solution cell that a test cell is about: the last one above it."""
        above = self.cells[: self.cells.index(test)]
        return next((cell for cell in reversed(above) if cell.metadata["solution"]), None)


def notebooks(root: Path, chapter: str) -> list[Path]:
    """The two that a key is made from: the source, and what the students got."""
    return [root / folder / chapter / f"{chapter}.ipynb" for folder in ("solutions", "notebooks")]


def name_of(cell: NotebookNode) -> str | None:
    """nbgrader's name of a cell, if it has one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


@cache
def code_digest() -> str:
    """A digest of this package's code: results of another version are not taken for current ones."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
