"""``course grade`` on whole classes: what it finds, what it says, what is left when it is killed or cannot write."""

import contextlib
import csv
import errno
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from datetime import datetime
from pathlib import Path

import nbformat
import psutil
import pytest
import sources
from bubblewrap import NEEDS_BWRAP
from nbgrader.api import Gradebook
from students import answer_code, classroom, hand_in, model_code, submission
from test_instructor import NOISY, nbgrader

from course_utils.cli import main
from course_utils.grading import classroom as grading
from course_utils.grading.classroom import grade
from course_utils.grading.gradebook import GradebookError
from course_utils.grading.results import Problem

pytestmark = NEEDS_BWRAP
CHAPTER = "01_distribution"
ALL = ["1-1", "1-2", "1-3", "1-4"]
PERFECT = {number: model_code(number) for number in ALL}
WRITTEN = "経験分布は学習データの暗記だからです。"
COURSE = [sys.executable, "-c", "from course_utils.cli import main; raise SystemExit(main())"]


def exercises(code: dict[str, str], written: str = "") -> nbformat.NotebookNode:
    """A submission of the exercises alone, which is soon graded."""
    notebook = submission(CHAPTER, code, written=written)
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [cell for cell in notebook.cells if cell is imports or sources.nbgrader(cell)]
    return notebook


def partly(number: int) -> nbformat.NotebookNode:
    """A submission with as many right answers, and one's own written answer."""
    return exercises({n: PERFECT[n] for n in ALL[: number % 5]}, WRITTEN * (number % 3))


HONEST = {
    "青木": exercises({**PERFECT, "1-1": NOISY + PERFECT["1-1"]}, WRITTEN),
    "伊藤": submission(
        CHAPTER,
        {**PERFECT, "1-2": answer_code("1-2", "lets_zero_by_zero_pass"), "1-4": "def total_variation(p, q):\n  x"},
    ),
    "上田": exercises(
        {"1-1": answer_code("1-1", "counts_only"), "1-2": "def smoothed_pmf(counts, alpha):\n  return ("}
    ),
    "江口": exercises({}),
}


def honest_class(root: Path) -> Path:
    for student, notebook in HONEST.items():
        hand_in(classroom(root, [CHAPTER]) if not root.exists() else root, student, CHAPTER, notebook)
    beside = root / "submitted" / "青木" / CHAPTER
    (beside / "data").mkdir()
    (beside / "data" / "own.csv").write_text("1,2\n", encoding="utf-8")
    (beside / "timestamp.txt").write_text("2026-04-10 09:00:00 Asia/Tokyo", encoding="utf-8")
    return root


def course(root: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    """Run ``course grade`` as a command of its own."""
    command = [*prefix, *COURSE, "grade", CHAPTER, *arguments]
    return subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, timeout=300)


def environment() -> dict[str, str]:
    """This package and no other, wherever the command runs."""
    return os.environ | {"PYTHONPATH": str(sources.ROOT)}


def book_of(root: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{root}/gradebook.db", "generative-models")


def recorded(book: Gradebook) -> list[tuple]:
    """All that a gradebook holds of the chapter's submissions."""
    rows = []
    with book:
        for handed_in in book.assignment_submissions(CHAPTER):
            student = handed_in.student.id
            rows.append((student, "", str(handed_in.timestamp), handed_in.total_seconds_late))
            for notebook in handed_in.notebooks:
                rows.append((student, notebook.name, str(notebook.late_submission_penalty), notebook.score))
                for one in notebook.grades:
                    given = one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade
                    rows.append((student, one.name, *map(str, given)))
                rows += [
                    (student, one.name, one.auto_comment or "", one.manual_comment or "") for one in notebook.comments
                ]
    return sorted(rows, key=repr)


def registered(root: Path) -> list[tuple]:
    """All that the gradebook knows of the chapter itself."""
    with book_of(root) as book:
        known = book.find_notebook(CHAPTER, CHAPTER)
        return [
            sorted((c.name, c.max_score, c.cell_type) for c in known.grade_cells),
            sorted(c.name for c in known.solution_cells),
            sorted((c.name, c.source, c.checksum, c.locked) for c in known.source_cells),
            sorted(c.id for c in {book.find_assignment(CHAPTER).course}),
        ]


def version(root: Path) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchall()


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def stamps(root: Path) -> dict[str, int]:
    """When each file was last written, but those that a run makes anew."""
    found = {path for name in ("autograded", "reports") for path in (root / name).rglob("*") if path.is_file()}
    return {str(path): path.stat().st_mtime_ns for path in found if path.name not in ("report.html", "problems.csv")}


def names(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(problem.student, problem.kind) for problem in problems}


# A class of honest students, by nbgrader and by course grade.


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """Graded by ``nbgrader autograde``."""
    root = honest_class(tmp_path_factory.mktemp("講座") / "nbgrader")
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        run = nbgrader(root, command, CHAPTER)
        assert run.returncode == 0, run.stderr
    return root


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """Graded by ``course grade``, by two workers, in a gradebook that it made."""
    root = honest_class(tmp_path_factory.mktemp("講座") / "course")
    run = course(root, "--workers", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "4 件を採点しました" in run.stdout
    run = nbgrader(root, "generate_feedback", CHAPTER)
    assert run.returncode == 0, run.stderr
    return root


def test_as_nbgrader_autograde(plain, graded):
    assert recorded(book_of(graded)) == recorded(book_of(plain))
    assert registered(graded) == registered(plain)
    assert version(graded) == version(plain)
    total = {row[0]: row[3] for row in recorded(book_of(graded)) if row[1] == CHAPTER}
    assert total == {"青木": 8, "伊藤": 5, "上田": 0, "江口": 0}


def test_notebooks_and_feedback_as_nbgrader_autograde(plain, graded):
    for folder, kind in (("autograded", ".ipynb"), ("feedback", ".html")):
        ours, theirs = files_below(graded / folder), files_below(plain / folder)
        assert len([name for name in ours if name.endswith(kind)]) == 4
        # The time is the same, in UTC.
        for files, time_handed_in in ((ours, "2026-04-10 00:00:00 UTC"), (theirs, "2026-04-10 09:00:00 Asia/Tokyo")):
            assert files.pop(f"青木/{CHAPTER}/timestamp.txt").decode() == time_handed_in
        assert ours == theirs


def test_one_worker_gives_the_same(graded, tmp_path):
    root = honest_class(tmp_path / "講座")
    outcome = grade(root, CHAPTER, processes=1)
    assert outcome.fresh == 4
    assert recorded(book_of(root)) == recorded(book_of(graded))
    assert files_below(root / "autograded") == files_below(graded / "autograded")


def test_a_second_run_changes_nothing(graded):
    before = recorded(book_of(graded)), stamps(graded), (graded / "gradebook.db").read_bytes()
    outcome = grade(graded, "1", processes=1)
    assert outcome.fresh == 0 and len(outcome.results) == 4 and not outcome.problems
    assert (recorded(book_of(graded)), stamps(graded), (graded / "gradebook.db").read_bytes()) == before


# What changes when something is handed in again.


def test_only_what_changed_is_graded_again(tmp_path):
    root = classroom(tmp_path / "講座", [CHAPTER])
    for number, student in enumerate(["青木", "伊藤"]):
        hand_in(root, student, CHAPTER, partly(number + 1))
    own = root / "submitted" / "青木" / CHAPTER / "data"
    own.write_text("一つのファイル", encoding="utf-8")
    assert grade(root, CHAPTER, processes=1).fresh == 2
    _by_hand(root, "青木")
    before = {row for row in recorded(book_of(root)) if row[0] == "伊藤"}
    stamp = {path: at for path, at in stamps(root).items() if "伊藤" in path}
    unchanged = recorded(book_of(root))
    assert grade(root, CHAPTER, processes=1).fresh == 0
    assert recorded(book_of(root)) == unchanged  # what was graded by hand wants no second look

    # Another answer, as wrong as the one before, and a folder where a file was.
    path = root / "submitted" / "青木" / CHAPTER / f"{CHAPTER}.ipynb"
    nbformat.write(
        exercises({"1-1": PERFECT["1-1"], "1-2": answer_code("1-2", "denominator_n")}, "書き直しました。"), path
    )
    own.unlink()
    own.mkdir()
    (own / "own.csv").write_text("1", encoding="utf-8")
    outcome = grade(root, CHAPTER, processes=1)
    assert outcome.fresh == 1 and not outcome.problems
    rows = {row[1]: row[2:] for row in recorded(book_of(root)) if row[0] == "青木"}
    assert rows["test-1-1"] == ("2.0", "None", "None", "False")
    assert rows["written-1-5"][:2] == ("None", "1.5") and rows["written-1-5"][3] == "True"
    assert _comment(root, "青木", "written-1-5")[1] == "よく書けています。"
    assert _comment(root, "青木", "ex-1-2") == (None, None)  # no more "No response."
    assert _comment(root, "青木", "ex-1-3") == ("No response.", None)
    assert (root / "autograded" / "青木" / CHAPTER / "data" / "own.csv").read_bytes() == b"1"
    assert {row for row in recorded(book_of(root)) if row[0] == "伊藤"} == before
    assert {path: at for path, at in stamps(root).items() if "伊藤" in path} == stamp


def _by_hand(root: Path, student: str) -> None:
    with book_of(root) as book:
        given = book.find_grade("written-1-5", CHAPTER, CHAPTER, student)
        given.manual_score, given.needs_manual_grade = 1.5, False
        book.find_comment("written-1-5", CHAPTER, CHAPTER, student).manual_comment = "よく書けています。"
        book.db.commit()


def _comment(root: Path, student: str, cell: str) -> tuple:
    with book_of(root) as book:
        found = book.find_comment(cell, CHAPTER, CHAPTER, student)
        return found.auto_comment, found.manual_comment


# Everything about a class that is not as it should be.

PROBLEMS = {
    ("遅刻", "遅れ"),
    ("時刻なし", "提出時刻"),
    ("時刻帯", "提出時刻"),
    ("欠席", "未提出"),
    ("空の人", "未提出"),
    ("別の章だけ", "未提出"),
    ("重複", "重複"),
    ("名前違い", "名前違い"),
    ("置き違い", "名前違い"),
    ("どれか不明", "名前違い"),
    ("別の章", "採点できません"),
    ("壊れた", "採点できません"),
    ("読めない", "採点できません"),
    ("開けない", "採点できません"),
    ("リンク", "採点できません"),
    ("借り物", "採点できません"),
    ("パイプ", "未提出"),
    ("=cmd()", "採点できません"),
    ("文字化け\udc83", "採点できません"),
    ("長" * 84, "採点できません"),
    ("変な名前", "ファイル"),
    ("変な名前", "重複"),
    ("", "置き場所"),
}
RIGHT = {"遅刻", "時刻なし", "時刻帯", "重複", "名前違い", "置き違い", "変な名前", "山田　太郎"}
# root may read everything; without these capabilities it is like anybody else.
LESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


def _place(root: Path, student: str, *path: str) -> Path:
    place = root / "submitted" / student / Path(*path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def odd_class(root: Path) -> Path:
    classroom(root, [CHAPTER, "02_bernoulli"])
    assert nbgrader(root, "generate_assignment", CHAPTER).returncode == 0
    with book_of(root) as book:
        book.update_or_create_assignment(CHAPTER, duedate=datetime(2026, 4, 10))
        book.add_student("欠席")
        book.add_student("山田　太郎")
    right = nbformat.writes(exercises(PERFECT)).encode()
    notebook = f"{CHAPTER}.ipynb"
    for student in ("山田　太郎", "遅刻", "時刻なし", "時刻帯", "重複", "変な名前"):
        hand_in(root, student, CHAPTER, right)
    times = {"遅刻": "2026-04-11 11:30:00 +0900", "時刻なし": "昨日の夕方", "時刻帯": "2026-04-01 09:00:00 XYZ"}
    for student, text in (times | {"山田　太郎": "2026-04-10 09:00:00 JST"}).items():
        _place(root, student, CHAPTER, "timestamp.txt").write_text(text, encoding="utf-8")
    _place(root, "空の人", CHAPTER, "memo.txt").write_text("あとで出します", encoding="utf-8")
    _place(root, "別の章だけ", "02_bernoulli", "02_bernoulli.ipynb").write_bytes(right)
    _place(root, "重複", CHAPTER, "コピー.ipynb").write_bytes(right)
    _place(root, "名前違い", CHAPTER, "第1章.ipynb").write_bytes(right)
    _place(root, "置き違い", CHAPTER, "memo.txt").write_text("?", encoding="utf-8")
    _place(root, "置き違い", "答案.ipynb").write_bytes(right)
    for name in ("a.ipynb", "b.ipynb"):
        _place(root, "どれか不明", CHAPTER, name).write_bytes(right)
    hand_in(root, "別の章", CHAPTER, nbformat.from_dict(sources.release("02_bernoulli")))
    hand_in(root, "壊れた", CHAPTER, right[:3000])
    hand_in(root, "=cmd()", CHAPTER, b"")
    hand_in(root, "読めない", CHAPTER, right).chmod(0)
    hand_in(root, "開けない", CHAPTER, right).parent.chmod(0)
    _place(root, "リンク", CHAPTER, notebook).symlink_to(_place(root, "山田　太郎", CHAPTER, notebook))
    _place(root, "借り物", CHAPTER).symlink_to(_place(root, "山田　太郎", CHAPTER))
    os.mkfifo(_place(root, "パイプ", CHAPTER, notebook))
    hand_in(root, "文字化け\udc83", CHAPTER, right)
    hand_in(root, "長" * 84, CHAPTER, right)
    _place(root, "変な名前", CHAPTER, "\x1b[2J\udc83.ipynb").write_bytes(right)
    _place(root, "変な名前", CHAPTER, "表\udc83.csv").symlink_to("/etc/passwd")
    (root / "submitted" / "=迷子.ipynb").write_bytes(right)
    (root / "submitted" / ".DS_Store").write_bytes(b"")
    return root


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    root = odd_class(tmp_path_factory.mktemp("講座") / "生成モデル")
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            warnings.warn("root で setpriv がないので、読めないファイルは試せません", stacklevel=1)
            pytest.skip("root で setpriv がないので、読めないファイルは試せません")
        prefix = LESS
    run = course(root, "--workers", "2", prefix=prefix)
    for path in (
        root / "submitted" / "開けない" / CHAPTER,
        root / "submitted" / "読めない" / CHAPTER / f"{CHAPTER}.ipynb",
    ):
        path.chmod(0o700)
    return root, run


def test_every_problem_is_in_the_table(odd):
    root, run = odd
    assert run.returncode == 1, run.stderr
    raw = (root / "reports" / CHAPTER / "problems.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert head == ["学生", "ファイル", "種類", "説明"]
    found = {(row[0], row[2]) for row in rows}
    shown = {(student.encode(errors="backslashreplace").decode(), kind) for student, kind in PROBLEMS}
    assert found == {(f"'{student}" if student.startswith("=") else student, kind) for student, kind in shown}
    assert all(row[3] for row in rows)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]


def test_every_problem_is_said(odd):
    _, run = odd
    for student, kind in PROBLEMS - {("変な名前", "重複")}:
        name = student.encode(errors="backslashreplace").decode() or "（学生不明）"
        assert any(line.startswith(f"  {name}　") for line in run.stdout.splitlines()), (student, run.stdout)
        assert f"{kind}: " in run.stdout
    assert "\x1b" not in run.stdout and "Traceback" not in run.stderr
    for text in (
        "締め切りに 1 日 2 時間 30 分 遅れました",
        "JSON として読めません",
        "Permission denied",
        "ファイルが空です",
    ):
        assert text in run.stdout


def test_the_rest_is_graded(odd):
    root, run = odd
    assert f"{len(RIGHT)} 件を採点しました" in run.stdout and "満点 8 人" in run.stdout
    rows = recorded(book_of(root))
    assert {row[0]: row[3] for row in rows if row[1] == CHAPTER} == dict.fromkeys(RIGHT, 8)
    times = {row[0]: row[2:] for row in rows if row[1] == ""}
    assert times["遅刻"] == ("2026-04-11 02:30:00", 95400) and times["山田　太郎"] == ("2026-04-10 00:00:00", 0)
    assert times["時刻帯"] == times["時刻なし"] == ("None", 0)
    assert {path.name for path in (root / "autograded").iterdir()} == RIGHT
    assert nbgrader(root, "generate_feedback", CHAPTER).returncode == 0


def test_grading_the_odd_class_again_says_the_same(odd):
    root, _ = odd
    problems = (root / "reports" / CHAPTER / "problems.csv").read_bytes()
    for path in (
        root / "submitted" / "開けない" / CHAPTER,
        root / "submitted" / "読めない" / CHAPTER / f"{CHAPTER}.ipynb",
    ):
        path.chmod(0 if os.geteuid() else 0o700)
    outcome = grade(root, CHAPTER, processes=1)
    assert outcome.fresh == (0 if os.geteuid() else 2)
    again = {problem for problem in names(outcome.problems)}
    assert again == (PROBLEMS if os.geteuid() else PROBLEMS - {(s, "採点できません") for s in ("開けない", "読めない")})
    assert (root / "reports" / CHAPTER / "problems.csv").read_bytes() == problems or not os.geteuid()


def test_the_submitted_folder_may_be_anywhere(tmp_path, monkeypatch, capsys):
    root = classroom(tmp_path / "講座", [CHAPTER])
    place = tmp_path / "回収" / "青木" / "答案.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"{}")
    monkeypatch.chdir(place.parents[1])
    problems = grade(root, CHAPTER, processes=1, submitted=Path()).problems
    assert {(p.file, p.kind) for p in problems} <= {
        ("青木/答案.ipynb", "名前違い"),
        ("青木/答案.ipynb", "採点できません"),
        ("", "未提出"),
    }
    assert problems
    monkeypatch.chdir(root)
    assert main(["grade", CHAPTER, "--submitted", "nowhere"]) == 3
    assert "nowhere がありません" in capsys.readouterr().err


# Killed at any moment.


def many(root: Path) -> Path:
    classroom(root, [CHAPTER])
    for number in range(12):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
        own = root / "submitted" / f"学生{number:02}" / CHAPTER / "own.csv"
        own.write_text(f"{number}\n", encoding="utf-8")
    return root


def state(root: Path) -> dict:
    """All that a run leaves but the report, which tells how long it took."""
    assert nbgrader(root, "generate_feedback", CHAPTER, "--force").returncode == 0
    reports = files_below(root / "reports" / CHAPTER)
    reports.pop("report.html")
    return {
        "gradebook": recorded(book_of(root)),
        "chapter": registered(root),
        "version": version(root),
        "autograded": files_below(root / "autograded"),
        "feedback": files_below(root / "feedback"),
        "reports": {name: data if name == "problems.csv" else b"" for name, data in reports.items()},
    }


def family(process: subprocess.Popen) -> set[psutil.Process]:
    """A run's own processes, those of the sandboxes included."""
    with contextlib.suppress(psutil.Error):
        return {*psutil.Process(process.pid).children(recursive=True)}
    return set()


def alive(process: subprocess.Popen, known: set[psutil.Process] = frozenset()) -> list[psutil.Process]:
    """What is left of a run: of the processes that were known, and of its session."""
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if (one in known or os.getsid(one.pid) == process.pid) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def start(root: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COURSE, "grade", CHAPTER, "--workers", "2", *arguments],
        cwd=root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_until(true, seconds: float = 60) -> bool:
    """Whether it came true before the time ran out."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A class that was graded in one go: where, what is there, and how long it took."""
    root = many(tmp_path_factory.mktemp("講座") / "生成モデル")
    began = time.monotonic()
    process = start(root)
    assert process.wait(300) == 0
    return root, state(root), time.monotonic() - began


def test_killed_ten_times(undisturbed, tmp_path):
    _, wanted, seconds = undisturbed
    root = many(tmp_path / "講座")
    graded, killed, most = root / "reports" / CHAPTER, 0, 0
    kept: dict[str, int] = {}
    for number in range(10):
        process = start(root)
        if number < 4:
            # Before it grades: while it starts, makes the gradebook, registers the chapter, starts its workers.
            time.sleep(0.3 + number * seconds / 12)
        else:
            # While it grades: as soon as one more result is there, or a little later.
            enough = most + 1
            assert wait_until(lambda enough=enough: len(list(graded.glob("*/*.json"))) >= enough)
            time.sleep(0.011 * (number - 4))
        known = family(process)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert wait_until(lambda one=process, known=known: not alive(one, known)), alive(process, known)
        # What was graded is still there and is not written again.
        now = {path.name: path.stat().st_mtime_ns for path in graded.glob("*/*.json")}
        assert kept.items() <= now.items()
        kept, most = now, len(now)
    assert killed == 10 and 0 < most < 12
    process = start(root)
    assert process.wait(300) == 0
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in graded.glob("*/*.json")}.items()
    found = state(root)
    for part in wanted:
        assert found[part] == wanted[part], part
    assert wait_until(lambda: not alive(process))
    assert not [path for path in root.rglob(".*.tmp")]


def test_a_worker_that_is_killed_costs_nobody_a_point(undisturbed, tmp_path):
    _, wanted, _ = undisturbed
    root = many(tmp_path / "講座")
    process = start(root)
    assert wait_until(lambda: len(list((root / "reports" / CHAPTER).glob("*/*.json"))) > 1)
    known = family(process)
    spawned = [one for one in psutil.Process(process.pid).children() if "spawn_main" in " ".join(one.cmdline())]
    assert len(spawned) == 2 and len(known) > 4  # and the sandboxes
    spawned[0].kill()
    assert process.wait(300) == 0
    assert state(root) == wanted
    assert wait_until(lambda: not alive(process, known)), alive(process, known)


def test_what_kills_its_worker_every_time_is_reported(tmp_path, monkeypatch):
    """The grader's own process cannot be killed from the sandbox; the memory killer of the system can."""
    root = classroom(tmp_path / "講座", [CHAPTER])
    for student in ("伊藤", "青木"):
        hand_in(root, student, CHAPTER, exercises(PERFECT))
    monkeypatch.setattr(grading.workers, "work", _dies_of_one)
    outcome = grade(root, CHAPTER, processes=1)
    assert [(p.student, p.kind) for p in outcome.problems] == [("青木", "採点できません")]
    assert "プロセスが止まりました" in outcome.problems[0].says
    assert [result.student for result in outcome.results] == ["伊藤"] and outcome.results[0].points == 8


_work = grading.workers.work


def _dies_of_one(key, options, student, notebook, files):
    if student == "青木":
        os.kill(os.getpid(), signal.SIGKILL)
    return _work(key, options, student, notebook, files)


def test_two_runs_at_once(tmp_path, capsys, monkeypatch):
    root = classroom(tmp_path / "講座", [CHAPTER])
    hand_in(root, "青木", CHAPTER, exercises({}))
    monkeypatch.chdir(root)
    with grading.Shelf(root, CHAPTER).alone():
        assert main(["grade", CHAPTER, "--workers", "1"]) == 3
    assert "別の course grade が 01_distribution を採点しています" in capsys.readouterr().err
    assert not (root / "gradebook.db").exists()


# Nowhere to write.


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MB, which has room for a class of three but not for what fills it."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        why = "小さなディスクを mount できないので、満杯のディスクは試しません（root で試せます）"
        warnings.warn(why, stacklevel=1)
        pytest.skip(why)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("room", [0, 60_000, 250_000])
def test_full_disk(small_disk, undisturbed, room):
    """From a disk without any room to one that is full when two results are there."""
    root = classroom(small_disk / "講座", [CHAPTER])
    for number in range(3):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
    left = os.statvfs(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * (left.f_bavail * left.f_frsize - room))
    run = course(root, "--workers", "1")
    assert run.returncode == 3, run.stdout + run.stderr
    said = [line for line in run.stderr.splitlines() if line.startswith("course grade: ")]
    assert len(said) == 1 and "Traceback" not in run.stderr, run.stderr
    assert any(why in said[0] for why in ("ディスクがいっぱいです", "disk is full", "No space left", "disk I/O error"))
    assert not [path for path in root.rglob(".*.tmp")]
    for path in root.rglob("reports/*/*/*.json"):
        assert grading.Result.loads(path.read_text(encoding="utf-8")).student == path.stem
    kept = len(list(root.rglob("reports/*/*/*.json")))
    filler.unlink()
    run = course(root, "--workers", "1")
    assert run.returncode == 0, run.stderr
    assert (f"うち {kept} 件は前の結果のまま" in run.stdout) == (kept > 0)
    others = {f"学生{number:02}" for number in range(3)}
    assert recorded(book_of(root)) == [row for row in recorded(book_of(undisturbed[0])) if row[0] in others]
    assert registered(root) == registered(undisturbed[0]) and version(root) == version(undisturbed[0])


@pytest.mark.parametrize("part", ["graded", "autograded", "results", "report.html"])
def test_full_disk_at_each_step(tmp_path, monkeypatch, part, capsys):
    root = classroom(tmp_path / "講座", [CHAPTER])
    for number in range(2):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
    replace = os.replace

    def full(source, target):
        if part in Path(target).parts:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.chdir(root)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert main(["grade", CHAPTER, "--workers", "1"]) == 3
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("course grade: ") and "書けません（ディスクがいっぱいです）" in said and part in said
    assert not [path for path in root.rglob(".*.tmp")]
    kept = len(list(root.rglob("reports/*/*/*.json")))
    assert kept == {"graded": 0, "autograded": 1, "results": 1, "report.html": 2}[part]
    outcome = grade(root, CHAPTER, processes=1)
    assert outcome.fresh == 2 - kept and len(outcome.results) == 2
    assert {path.parent.name for path in root.rglob("reports/*/*/*.json")} == {"results"}


def test_locked_gradebook(tmp_path, monkeypatch, capsys):
    root = classroom(tmp_path / "講座", [CHAPTER])
    for number in range(2):
        hand_in(root, f"学生{number:02}", CHAPTER, partly(number))
    soon = f"sqlite:///{root}/gradebook.db?timeout=1"
    assert nbgrader(root, "generate_assignment", CHAPTER).returncode == 0
    with contextlib.closing(sqlite3.connect(root / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.chdir(root)
        assert main(["grade", CHAPTER, "--workers", "1", "--db", soon]) == 3
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert said.startswith("course grade: 成績簿（sqlite:///") and "database is locked" in said
        assert not (root / "autograded").exists()  # it comes before anything is graded
        other.execute("ROLLBACK")

        # Now while it grades: when the first is done.
        with pytest.raises(GradebookError, match="database is locked"):
            grade(root, CHAPTER, processes=1, db_url=soon, progress=lambda *_: other.execute("BEGIN EXCLUSIVE"))
        other.execute("ROLLBACK")
    kept = len(list(root.rglob("reports/*/*/*.json")))
    assert kept == 2 and {row[0] for row in recorded(book_of(root))} == {"学生00"}
    outcome = grade(root, CHAPTER, processes=1)
    assert outcome.fresh == 0 and len(outcome.results) == 2
    assert {row[0] for row in recorded(book_of(root))} == {"学生00", "学生01"}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+psycopg2://lecturer:secret@127.0.0.1:9/grades?password=secret", "Connection refused"),
        ("postgresql+psycopg2://lecturer:sec:ret@127.0.0.1:port/grades", "URL を読めません"),
        ("secret", "URL を読めません"),
        ("nosuch://lecturer:secret@host/grades", "nosuch"),
        ("sqlite:////nowhere/secretly/gradebook.db", "unable to open database file"),
    ],
)
def test_unreachable_gradebook(tmp_path, monkeypatch, capsys, url, says):
    pytest.importorskip("psycopg2")
    root = classroom(tmp_path / "講座", [CHAPTER])
    hand_in(root, "青木", CHAPTER, exercises({}))
    monkeypatch.chdir(root)
    assert main(["grade", CHAPTER, "--workers", "1", "--db", url]) == 3
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    assert line.startswith("course grade: 成績簿") and says in line
    assert "secret" not in (said.out + said.err).replace("secretly", "") and "sec:ret" not in line
    assert not list(root.rglob("reports/**/*.json")) and not (root / "autograded").exists()
