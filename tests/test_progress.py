"""Progress: recorded only where a learner sits, never lost between two notebooks, never in the way of a check."""

import ast
import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
import sources
from nbclient import NotebookClient
from students import model_code

from course_utils import cli, progress
from course_utils.edition import editions
from course_utils.exercises import check
from course_utils.progress import FILE, Entry, load, record

CHAPTER = "01_distribution"
RIGHT = sources.model_answer("1-4")


@pytest.fixture
def learner(tmp_path, monkeypatch):
    """A learner at chapter 1: the folder above the chapters."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    monkeypatch.setattr(progress, "_waiting", {})
    folder = tmp_path / "講座"
    sit_at(monkeypatch, folder / CHAPTER / f"{CHAPTER}.ipynb")
    return folder


def sit_at(monkeypatch, notebook: Path):
    notebook.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))


def states(folder: Path) -> dict[str, tuple]:
    return {number: (entry.state, entry.points) for number, entry in load(folder).items()}


# What is recorded, and where


def test_check_records_what_it_says(learner):
    def unanswered(p, q):
        raise NotImplementedError

    check("1-4", unanswered)
    assert states(learner) == {"1-4": ("未解答", 0)}
    check("1-4", lambda p, q: 0.5)
    check("1-1", "no function")
    assert states(learner) == {"1-1": ("不正解", 0), "1-4": ("不正解", 0)}
    check("1-4", RIGHT)
    assert states(learner) == {"1-1": ("不正解", 0), "1-4": ("正解", 2)}
    age = datetime.now(UTC) - datetime.fromisoformat(load(learner)["1-4"].time)
    assert 0 <= age.total_seconds() < 60
    assert [p.name for p in learner.iterdir() if p.is_file()] == [FILE]


def test_hidden_inputs_are_not_recorded(learner):
    check("1-4", RIGHT, [({1: 1.0}, {1: 1.0})], RIGHT)
    assert not (learner / FILE).exists()


@pytest.mark.parametrize(
    "place",
    [
        "notebooks/somewhere/01_distribution.ipynb",
        "solutions/01_distribution/01_distribution.ipynb",
        "submitted/青木/01_distribution/01_distribution.ipynb",
        "autograded/青木/01_distribution/01_distribution.ipynb",
        "notebooks/01_distribution/console-1",
    ],
)
def test_nobody_else_is_recorded(learner, monkeypatch, tmp_path, place):
    sit_at(monkeypatch, tmp_path / place)
    check("1-4", RIGHT)
    assert not list(tmp_path.rglob(".course*"))


def test_nothing_while_nbgrader_runs(learner, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check("1-4", RIGHT)
    assert not list(learner.rglob(".course*")) and repr(progress.progress()) == progress.NEUTRAL


def test_nothing_outside_a_kernel(learner, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel")
    check("1-4", RIGHT)
    assert not list(learner.rglob(".course*"))


def test_a_path_as_the_browser_sees_it_is_taken_from_the_kernels_folder(learner, monkeypatch):
    monkeypatch.chdir(learner / CHAPTER)
    monkeypatch.setenv("JPY_SESSION_NAME", f"notebooks/{CHAPTER}/{CHAPTER}.ipynb")
    check("1-4", RIGHT)
    assert states(learner) == {"1-4": ("正解", 2)}


def test_in_vs_code(learner, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", os.environ["JPY_SESSION_NAME"], raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME")
    check("1-4", RIGHT)
    assert states(learner) == {"1-4": ("正解", 2)}


def test_real_kernels(tmp_path):
    """A program that runs a notebook leaves no trace and gets a fixed card; a server's kernel records."""
    folder = tmp_path / CHAPTER
    folder.mkdir()
    code = [
        "from course_utils.exercises import check\nfrom course_utils.progress import progress",
        model_code("1-4"),
        'check("1-4", total_variation)',
        "progress()",
    ]
    cards = []
    env = {key: value for key, value in os.environ.items() if not key.startswith(("NBGRADER", "JPY_"))}
    for extra in ({}, {"JPY_SESSION_NAME": str(folder / f"{CHAPTER}.ipynb")}):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
        client = NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, kernel_name="python3")
        client.execute(env=env | extra)
        cards.append(notebook.cells[-1].outputs[0].data)
        assert (tmp_path / FILE).exists() is bool(extra)
    assert cards[0]["text/plain"] == progress.NEUTRAL
    assert not re.search(r"\d", re.sub("<[^>]+>", "", cards[0]["text/html"]))  # nothing that could change
    assert "正解 1、" in cards[1]["text/html"] and "2 / 8" in cards[1]["text/html"]


# The file


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"format": 0, "exercises": {}}',
        b'{"format": 1, "exercises": {"1-1": {"state": "?", "points": 0, "time": ""}}}',
        b'{"format": 1, "exercises": {"1-1": {"state": "\xe6\xad\xa3\xe8\xa7\xa3", "points": "2", "time": ""}}}',
        b'{"format": 1, "exercises": {"1-1": {"points": 2}}}',
        b"[" * 100_000,
    ],
    ids=lambda content: content[:20],
)
def test_an_unreadable_file_is_kept_aside(learner, content):
    (learner / FILE).write_bytes(content)
    assert "未解答" in repr(progress.progress()) and (learner / FILE).read_bytes() == content  # looking changes nothing
    check("1-4", RIGHT)
    assert states(learner) == {"1-4": ("正解", 2)}
    [bad] = learner.glob(f"{FILE}.*.bad")
    assert bad.read_bytes() == content


def test_deleting_the_file_starts_anew(learner):
    record("1-1", "正解", 2.0)
    (learner / FILE).unlink()
    record("1-2", "正解", 2.0)
    assert list(states(learner)) == ["1-2"]


@pytest.mark.parametrize("error", [PermissionError(13, "read-only"), FileNotFoundError(2, "gone"), OSError(28, "full")])
def test_a_check_does_not_notice_that_nothing_can_be_written(learner, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(os, "open", refuse)
    assert repr(check("1-4", RIGHT)) == "2"
    assert "正解 1、" in repr(progress.progress())  # the kernel still knows


def test_disk_full_leaves_the_old_file_and_no_lock(learner, monkeypatch):
    record("1-1", "正解", 2.0)

    def refuse(*_, **__):
        raise OSError(28, "full")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert repr(check("1-4", RIGHT)) == "2"
    assert list(states(learner)) == ["1-1"]
    assert [p.name for p in learner.iterdir() if p.is_file()] == [FILE]


def test_a_busy_file_is_written_next_time(learner):
    lock = learner / f"{FILE}.lock"
    lock.touch()
    started = time.monotonic()
    record("1-1", "正解", 2.0)
    assert time.monotonic() - started >= progress.PATIENCE
    assert not load(learner) and lock.exists()
    assert "正解 1、" in repr(progress.progress())
    lock.unlink()
    record("1-2", "不正解", 1.0)
    assert states(learner) == {"1-1": ("正解", 2), "1-2": ("不正解", 1)}


def test_the_lock_of_a_killed_kernel_is_broken(learner):
    lock = learner / f"{FILE}.lock"
    lock.touch()
    long_ago = time.time() - 2 * progress.STALE
    os.utime(lock, (long_ago, long_ago))
    record("1-1", "正解", 2.0)
    assert list(states(learner)) == ["1-1"] and not lock.exists()


WRITER = """
import sys
sys.modules["ipykernel"] = sys
from course_utils import progress
me = sys.argv[1]
sys.stdin.readline()
for k in range(40):
    progress.record(f"{me}-{k}", "正解", 1.0)
while progress._waiting:
    progress.record(f"{me}-0", "正解", 1.0)
"""


def test_notebooks_that_run_at_once_lose_nothing(learner):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(me)], stdin=subprocess.PIPE, text=True)
        for me in range(1, 4)
    ]
    for writer in writers:  # all at once
        writer.stdin.write("\n")
        writer.stdin.close()
    seen = 0
    while any(writer.poll() is None for writer in writers):
        if (learner / FILE).exists():
            seen = max(seen, len(json.loads((learner / FILE).read_text(encoding="utf-8"))["exercises"]))
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(load(learner)) == sorted(f"{me}-{k}" for me in range(1, 4) for k in range(40))
    assert [p.name for p in learner.iterdir() if p.is_file()] == [FILE]


# The table and the card


def all_right(*but: str) -> dict[str, Entry]:
    return {
        task.number: Entry("正解", task.points, "2026-01-01T00:00:00+00:00")
        for edition in editions().values()
        for task in edition.tasks
        if not task.written and task.number not in but
    }


@pytest.mark.parametrize(
    ("entries", "chapter", "number"),
    [
        ({}, None, "1-1"),
        ({}, "02_bernoulli", "2-1"),
        (all_right("1-2", "2-3"), "02_bernoulli", "2-3"),
        (all_right("1-2", "2-3"), "01_distribution", "1-2"),
        (all_right("1-2"), "02_bernoulli", "1-2"),
        (all_right("1-2") | {"1-2": Entry("不正解", 1, "2026-01-02T00:00:00+00:00")}, "02_bernoulli", "1-2"),
        # Without a notebook: where one worked last.
        (all_right("1-2", "2-3") | {"2-1": Entry("正解", 2, "2026-01-02T00:00:00+00:00")}, None, "2-3"),
        (all_right(), "01_distribution", None),
    ],
)
def test_where_to_go_next(entries, chapter, number):
    step = progress._next(entries, chapter)
    assert (step and step[1].number) == number
    shown = progress.Progress(entries, chapter)
    for text in (repr(shown), shown._repr_html_()):
        assert ("次は" in text) is (number is not None)
        assert (f"演習 {number}「" in text) if number else (progress.ALL_RIGHT in text)


def test_the_card(learner):
    record("1-1", "正解", 2.0)
    record("1-2", "不正解", 1.0)
    html = progress.progress()._repr_html_()
    row = re.search(r"<tr><th[^>]*>第 1 章.*?</tr>", html)[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == ["1-1", "1-2", "1-3 1-4", "3 / 8"]
    assert html.count('scope="row"') == len(editions()) and html.count('scope="col"') == 5
    assert "次は、この章の演習 1-2「加算平滑化」です" in html and FILE in html
    for number in ("1-2", "1-3", "1-4"):
        record(number, "正解", 2.0)
    html = progress.progress()._repr_html_()
    assert "この章の演習は、すべて正解です。次は、第 2 章　多次元ベルヌーイ の演習 2-1" in html


def test_the_command(learner, monkeypatch, capsys):
    record("2-1", "正解", 2.0)
    for place in (learner, learner / CHAPTER):
        monkeypatch.chdir(place)
        assert cli.main(["progress"]) == 0
        said = capsys.readouterr().out
        assert "正解 1、不正解 0" in said and "次は、第 2 章　多次元ベルヌーイ の演習 2-2" in said
    lines = said.splitlines()[: len(editions()) + 1]
    columns = {progress._width(line[: re.search(r"\d+/\d+$|点$", line).start()]) for line in lines}
    assert len(columns) == 1  # aligned in a terminal
    assert said.encode("cp932")  # and in a Japanese Windows one
    monkeypatch.chdir("/")
    assert cli.main(["progress"]) == 2


def test_the_command_in_the_repository(tmp_path, monkeypatch, capsys):
    (tmp_path / "solutions" / CHAPTER).mkdir(parents=True)
    (tmp_path / "notebooks" / CHAPTER).mkdir(parents=True)
    for place in (tmp_path, tmp_path / "solutions", tmp_path / "solutions" / CHAPTER):
        assert progress.chapter_folders(place) == [tmp_path / "notebooks" / CHAPTER]


@pytest.mark.parametrize("name", ["progress", "edition"])
def test_standard_library_only(name):
    tree = ast.parse((sources.ROOT / "course_utils" / f"{name}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in sys.stdlib_module_names or (
                node.level == 1 and node.module == "edition"
            )
