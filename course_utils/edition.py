"""配ったときの各章の姿。``assets/editions/`` に、章ごとに 1 つの小さなファイルがあります。

A learner's notebook is compared with these (``course doctor``), and they say which exercises there are
(``course progress``). ``course build`` makes them from the students' notebooks. Standard library only.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# "### 演習 1-1　経験分布（2 点・…" opens the text of an exercise.
HEADING = re.compile(r"^### 演習 (\d+-\d+)　(.+?)（", re.M)


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader knows, as it was released.

    Attributes:
        grade_id: nbgrader's name, "ex-1-1", "test-1-1" or "written-1-5". id: Jupyter's name.
        after: Jupyter's name of the cell above it. metadata: what nbgrader and JupyterLab's locks need.
    """

    grade_id: str
    id: str
    after: str
    cell_type: str
    metadata: dict
    source: str

    @property
    def is_test(self) -> bool:
        """Whether the learner may not write here."""
        return self.metadata["nbgrader"]["locked"]

    @property
    def number(self) -> str:
        """The exercise it belongs to: "1-1"."""
        return self.grade_id.split("-", 1)[1]


@dataclass(frozen=True)
class Task:
    """An exercise as the text announces it. ``statement`` is the digest of its text."""

    number: str
    title: str
    points: float
    written: bool
    statement: str


@dataclass(frozen=True)
class Edition:
    """One chapter: folder name ("01_distribution"), title, graded cells and exercises in their order."""

    chapter: str
    title: str
    cells: tuple[Cell, ...]
    tasks: tuple[Task, ...]


@cache
def editions() -> dict[str, Edition]:
    """All chapters in order, by folder name."""
    found = {}
    for file in sorted((files("course_utils") / "assets" / "editions").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            chapter = file.name.removesuffix(".json")
            kept = json.loads(file.read_text(encoding="utf-8"))
            cells = tuple(Cell(grade_id=c["metadata"]["nbgrader"]["grade_id"], **c) for c in kept["cells"])
            found[chapter] = Edition(chapter, kept["title"], cells, tuple(Task(**task) for task in kept["tasks"]))
    return found


def digest(statement: str) -> str:
    """A short name for the text of an exercise."""
    return hashlib.sha256(statement.strip().encode()).hexdigest()[:12]


def dumps(notebook: dict) -> str:
    """What ``assets/editions/`` keeps of a students' notebook (nbformat 4, sources as strings).

    Raises:
        ValueError: if a graded exercise has no text that begins with "### 演習 N-k　題（".
    """
    cells, tasks = notebook["cells"], []
    statements = {m[1]: (m[2], cell["source"]) for cell in cells for m in HEADING.finditer(cell["source"])}
    kept = []
    for before, cell in zip([{"id": ""}, *cells], cells, strict=False):
        nbgrader = cell["metadata"].get("nbgrader")
        if not nbgrader:
            continue
        metadata = {
            key: cell["metadata"][key] for key in ("deletable", "editable", "nbgrader") if key in cell["metadata"]
        }
        one = {"id": cell["id"], "after": before["id"], "cell_type": cell["cell_type"], "metadata": metadata}
        kept.append(one | {"source": cell["source"]})
        if nbgrader["grade"]:
            number = nbgrader["grade_id"].split("-", 1)[1]
            if number not in statements:
                raise ValueError(f"{nbgrader['grade_id']}: 「### 演習 {number}　題（…）」で始まる問題文がありません")
            title, text = statements[number]
            written = bool(nbgrader["solution"])
            points = nbgrader["points"]
            tasks.append(
                {"number": number, "title": title, "points": points, "written": written, "statement": digest(text)}
            )
    title = re.match(r"# (.+)", cells[0]["source"])
    edition = {"title": title[1].strip() if title else "", "tasks": tasks, "cells": kept}
    return json.dumps(edition, ensure_ascii=False, indent=1) + "\n"
