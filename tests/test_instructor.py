"""The instructor's loop with nbgrader's own commands, from the sources to the exported grades, on a made-up class."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bubblewrap import NEEDS_BWRAP
from nbgrader.api import Gradebook
from students import answer_code, classroom, find_cell, hand_in, model_code, submission

pytestmark = NEEDS_BWRAP
CHAPTER = "01_distribution"
ALL = ["1-1", "1-2", "1-3", "1-4"]
PERFECT = {number: model_code(number) for number in ALL}

NOISY = "import sys, warnings\nwarnings.warn('careful')\nprint('noise', file=sys.stderr)\n"


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run one nbgrader command in the course's folder, as an instructor does."""
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(root / ".jupyter"),
        "IPYTHONDIR": str(root / ".ipython"),
    }
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=root, env=env, capture_output=True, text=True, timeout=600
    )


def _class_of_five(root: Path) -> None:
    right = {**PERFECT, "1-1": NOISY + PERFECT["1-1"]}
    hand_in(root, "青木", CHAPTER, submission(CHAPTER, right, written="経験分布は学習データの暗記だからです。"))
    partly = {**PERFECT, "1-2": answer_code("1-2", "lets_zero_by_zero_pass"), "1-4": answer_code("1-4", "without_half")}
    hand_in(root, "伊藤", CHAPTER, submission(CHAPTER, partly))
    wrong = {
        "1-1": answer_code("1-1", "counts_only"),
        "1-2": "def smoothed_pmf(counts, alpha):\n    return counts +",
        "1-3": answer_code("1-3", "uniform"),
        "1-4": "def total_variation(p, q):\n    raise RuntimeError('?')",
    }
    hand_in(root, "上田", CHAPTER, submission(CHAPTER, wrong))
    hand_in(root, "江口", CHAPTER, submission(CHAPTER, {}))
    hand_in(root, "大野", CHAPTER, b'{"cells": [{"cell_type": "markdown", "sou')


def _odd_ones(root: Path) -> None:
    """Notebooks that plain nbgrader scores wrongly or stops at."""
    deleted = submission(CHAPTER, {})
    del deleted.cells[find_cell(deleted, "test-1-1")]
    hand_in(root, "deleted-test-cell", CHAPTER, deleted)
    skipped = submission(CHAPTER, PERFECT | {"1-1": "pass"})
    skipped.cells[find_cell(skipped, "test-1-1")].metadata["tags"] = ["skip-execution"]
    hand_in(root, "skipped-test-cell", CHAPTER, skipped)
    copied = submission(CHAPTER, PERFECT)
    index = find_cell(copied, "ex-1-1")
    copied.cells.insert(index + 1, nbformat.from_dict({**copied.cells[index], "id": "copied"}))
    hand_in(root, "copied-cell", CHAPTER, copied)
    stripped = submission(CHAPTER, PERFECT)
    for cell in stripped.cells:
        cell.metadata.pop("nbgrader", None)
    hand_in(root, "stripped-metadata", CHAPTER, stripped)
    hand_in(root, "dead-kernel", CHAPTER, submission(CHAPTER, PERFECT | {"1-3": "import os\nos._exit(1)"}))
    hand_in(
        root,
        "endless",
        CHAPTER,
        submission(CHAPTER, PERFECT | {"1-2": "def smoothed_pmf(counts, alpha):\n    return sum(range(10**12))"}),
    )
    silent = submission(CHAPTER, PERFECT | {"1-2": "type(get_ipython().displayhook).__call__ = lambda *_: None"})
    hand_in(root, "silenced-display", CHAPTER, silent)
    text = nbformat.writes(submission(CHAPTER, PERFECT))
    hand_in(root, "shift-jis", CHAPTER, text.encode("cp932", errors="replace"))
    hand_in(root, "empty-file", CHAPTER, b"")
    foreign = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("check('9-1', f)")])
    foreign.cells[0].metadata["nbgrader"] = {
        "grade": True, "grade_id": "test-9-1", "locked": True, "points": 2, "schema_version": 3, "solution": False,
        "task": False,
    }  # fmt: skip
    hand_in(root, "another-chapter", CHAPTER, foreign)
    hand_in(root, "not-a-notebook", CHAPTER, b'{"hello": 1}')


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The course's folder after generate_assignment, autograde and generate_feedback, with what autograde said."""
    root = classroom(tmp_path_factory.mktemp("講座") / "生成モデル", [CHAPTER])
    made = nbgrader(root, "generate_assignment", CHAPTER)
    assert made.returncode == 0, made.stderr
    _class_of_five(root)
    _odd_ones(root)
    run = nbgrader(root, "autograde", CHAPTER, "--Isolated.cell_seconds=5")
    feedback = nbgrader(root, "generate_feedback", CHAPTER)
    assert feedback.returncode == 0, feedback.stderr
    return root, run


def scores(root: Path, student: str) -> dict[str, float | None]:
    """The automatic scores of a student, by grade id."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(CHAPTER, CHAPTER, student)
        return {grade.name.removeprefix("test-"): grade.auto_score for grade in notebook.grades}


def total(root: Path, student: str) -> float:
    return sum(points or 0 for points in scores(root, student).values())


def test_release_equals_the_committed_notebooks(graded):
    root, _ = graded
    committed = Path(__file__).parents[1] / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb"
    assert (root / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb").read_bytes() == committed.read_bytes()


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("青木", {"1-1": 2, "1-2": 2, "1-3": 2, "1-4": 2}),
        ("伊藤", {"1-1": 2, "1-2": 1, "1-3": 2, "1-4": 0}),
        ("上田", {"1-1": 0, "1-2": 0, "1-3": 0, "1-4": 0}),
        ("江口", {"1-1": 0, "1-2": 0, "1-3": 0, "1-4": 0}),
        ("deleted-test-cell", {"1-1": 0, "1-2": 0, "1-3": 0, "1-4": 0}),
        ("skipped-test-cell", {"1-1": 0, "1-2": 2, "1-3": 2, "1-4": 2}),
        ("copied-cell", {"1-1": 2, "1-2": 2, "1-3": 2, "1-4": 2}),
        ("stripped-metadata", {"1-1": 2, "1-2": 2, "1-3": 2, "1-4": 2}),
        ("dead-kernel", {"1-1": 2, "1-2": 2, "1-3": 0, "1-4": 2}),
        ("endless", {"1-1": 2, "1-2": 0, "1-3": 2, "1-4": 2}),
        ("silenced-display", {"1-1": 2, "1-2": 0, "1-3": 2, "1-4": 2}),
    ],
)
def test_scores(graded, student, expected):
    root, run = graded
    found = scores(root, student)
    assert {number: found[number] for number in ALL} == expected, run.stderr[-3000:]


def test_written_answer_waits_for_a_person(graded):
    root, _ = graded
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        waiting = {s.student.id for s in gradebook.assignment_submissions(CHAPTER) if s.needs_manual_grade}
    assert "青木" in waiting and "江口" not in waiting


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("大野", "JSON として読めません"),
        ("shift-jis", "UTF-8 ではありません（Shift_JIS のようです）"),
        ("empty-file", "ファイルが空です"),
        ("not-a-notebook", "Jupyter ノートブックではありません"),
        ("another-chapter", "この章（01_distribution）のノートブックではありません"),
    ],
)
def test_unreadable_notebook_is_one_clear_line(graded, student, says):
    root, run = graded
    assert run.returncode == 1  # the lecturer must hear of it
    lines = [line for line in run.stderr.splitlines() if says in line]
    assert len(lines) == 1 and student in lines[0], run.stderr[-3000:]
    assert "AutogradeApp | ERROR] Traceback" not in run.stderr
    assert not (root / "autograded" / student).exists()


def test_what_did_not_run_says_why(graded):
    _, run = graded
    for student, reason in [
        ("dead-kernel", "ex-1-3: 実行中にプロセスが終わりました"),
        ("endless", "test-1-2 は 0 点です（解答の関数を実行できません（時間切れです（5 秒を超えました）））"),
        ("deleted-test-cell", "採点セル test-1-1 がありません"),
        ("copied-cell", "重複しています"),
    ]:
        assert any(student in line and reason in line for line in run.stderr.splitlines()), (student, run.stderr)


def test_feedback_shows_the_cards(graded):
    root, _ = graded
    html = (root / "feedback" / "伊藤" / CHAPTER / f"{CHAPTER}.html").read_text(encoding="utf-8")
    assert "½ を掛けていません" in html and "正解" in html
    html = (root / "feedback" / "dead-kernel" / CHAPTER / f"{CHAPTER}.html").read_text(encoding="utf-8")
    assert "0 点: 関数 sample_categorical が定義されていません。解答のセルが止まりました" in html


def test_export(graded):
    root, _ = graded
    run = nbgrader(root, "export")
    assert run.returncode == 0, run.stderr
    with (root / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows["青木"] == 8 and rows["伊藤"] == 5 and rows["江口"] == 0


def test_autograding_again_changes_nothing(graded):
    root, _ = graded
    before = scores(root, "伊藤")
    again = nbgrader(root, "autograde", CHAPTER, "--student", "伊藤", "--force")
    assert again.returncode == 0, again.stderr
    assert scores(root, "伊藤") == before
