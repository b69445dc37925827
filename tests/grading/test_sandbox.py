"""Where there is no sandbox, and what holds without one. (What the sandbox keeps out: test_corpus.py.)"""

import stat
import sys

import nbformat
import pytest
import sources
from bubblewrap import NEEDS_BWRAP
from students import model_code, submission

from course_utils.cli import main
from course_utils.grading import sandbox
from course_utils.grading.files import usable
from course_utils.grading.key import Key
from course_utils.grading.sandbox import Gone, Limits, Sandbox, SandboxError
from course_utils.grading.submission import Grader

CHAPTER = "01_distribution"
PERFECT = {f"1-{k}": model_code(f"1-{k}") for k in (1, 2, 3, 4)}


def program(folder, text: str) -> None:
    path = folder / "bwrap"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_without_bubblewrap_nothing_runs_before_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="--no-sandbox を付けて"):
        Sandbox("raise SystemExit('must not run')")


def test_a_bubblewrap_that_may_not_is_told_with_its_reason(monkeypatch, tmp_path):
    program(tmp_path, f"#!{sys.executable}\nimport sys\nsys.exit('bwrap: No permissions to create new namespace')\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="No permissions to create new namespace"):
        Sandbox("")
    assert not sandbox.available()


def test_the_command_says_so_and_grades_nothing(monkeypatch, tmp_path, capsys):
    from students import classroom, hand_in

    root = classroom(tmp_path / "class", [CHAPTER])
    hand_in(root, "学生", CHAPTER, submission(CHAPTER, PERFECT))
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", "1"]) == 2
    assert "--no-sandbox" in capsys.readouterr().err
    assert not (root / "reports").exists() and not (root / "autograded").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="採点は Linux と macOS だけです")
def test_limits_hold_without_bubblewrap():
    limits = Limits(cell_seconds=2, memory=1_500_000_000)
    hungry = "def empirical_pmf(data):\n    return bytearray(10**10)"
    endless = "def smoothed_pmf(counts, alpha):\n    return sum(range(10**12))"
    notebook = submission(CHAPTER, PERFECT | {"1-1": hungry, "1-2": endless, "1-3": "import os\nos._exit(1)"})
    with Grader(Key.load(sources.ROOT, CHAPTER), isolated=False, limits=limits) as grader:
        result = grader.grade("学生", nbformat.writes(notebook).encode())
        again = grader.grade("学生", nbformat.writes(submission(CHAPTER, PERFECT)).encode())
    assert [mark.points for mark in result.marks] == [0, 0, 0, 2]
    assert "MemoryError" in result.marks[0].message and "時間切れ" in result.marks[1].message
    assert [mark.points for mark in again.marks] == [2, 2, 2, 2]


def test_imports_that_fail_are_the_course_s_fault_and_told():
    with Sandbox("import no_such_module", isolated=False) as room, pytest.raises(SandboxError, match="no_such_module"):
        room.open()


@NEEDS_BWRAP
def test_a_keeper_that_is_gone_is_replaced():
    with Sandbox("") as room:
        room.open()
        room._keeper.kill()
        room._keeper.wait()
        with pytest.raises(Gone):
            room.run("1", 5)
        room.open()
        (output,) = room.run("6 * 7", 5)["outputs"]
        assert output["data"]["text/plain"] == "42"


def test_files_by_name():
    good = {"データ　その 1.csv": b"", "mine/__init__.py": b"", "…": b""}
    bad = {
        "../x": b"",
        "/etc/passwd": b"",
        "a//b": b"",
        ".": b"",
        "a\0b": b"",
        "a\nb": b"",
        "a\udcff": b"",
        "あ" * 90: b"",
    }
    kept, left_out = usable(good | bad)
    assert kept == good and len(left_out) == len(bad) and all("使いません" in text for text in left_out)
