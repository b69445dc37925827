"""``course build`` and ``course build --check``: from the sources to the students' notebooks, and what differs."""

import nbformat
import pytest
from students import classroom

from course_utils.cli import main

CHAPTER = "01_distribution"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the course with chapter 1, entered."""
    root = classroom(tmp_path / "講座", [CHAPTER])
    monkeypatch.chdir(root)
    return root


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_current_notebooks_pass(course, capsys):
    assert main(["build", "--check"]) == 0
    assert "一致しています" in capsys.readouterr().out


def test_check_works_from_a_subfolder(course, monkeypatch):
    monkeypatch.chdir(course / "notebooks" / CHAPTER)
    assert main(["build", "--check", "1"]) == 0


def test_a_hand_edited_cell_is_named(course, capsys):
    def change(notebook):
        notebook.cells[10].source += "\n# 手で直した"

    edit(course / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb", change)
    before = (course / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb").read_bytes()
    assert main(["build", "--check"]) == 1
    assert "セル 11（" in capsys.readouterr().out
    # Checking writes nothing; building mends.
    assert (course / "notebooks" / CHAPTER / f"{CHAPTER}.ipynb").read_bytes() == before
    assert main(["build"]) == 0
    assert main(["build", "--check"]) == 0


def test_a_changed_hidden_test_does_not_make_the_release_stale_but_a_changed_stub_does(course, capsys):
    def hidden(notebook):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "test-1-1")
        cell.source = cell.source.replace("default_rng(101)", "default_rng(7)")

    source = course / "solutions" / CHAPTER / f"{CHAPTER}.ipynb"
    edit(source, hidden)
    assert main(["build", "--check"]) == 0

    def stub(notebook):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "ex-1-2")
        cell.source = cell.source.replace("def smoothed_pmf(counts, alpha)", "def smoothed_pmf(counts, a)")

    edit(source, stub)
    assert main(["build", "--check"]) == 1
    assert "ex-1-2" in capsys.readouterr().out


def test_a_missing_a_foreign_and_a_broken_file_are_named(course, capsys):
    folder = course / "notebooks" / CHAPTER
    (folder / "extra.txt").write_text("?", encoding="utf-8")
    (course / "notebooks" / "99_extra").mkdir()
    (folder / f"{CHAPTER}.ipynb").write_text("{", encoding="utf-8")
    assert main(["build", "--check"]) == 1
    out = capsys.readouterr().out
    assert "extra.txt" in out and "99_extra" in out and "ノートブックとして読めません" in out
    (folder / f"{CHAPTER}.ipynb").unlink()
    assert main(["build", "--check"]) == 1
    assert "まだ作られていません" in capsys.readouterr().out


def test_the_doctors_editions_are_built_and_checked(course, capsys):
    folder = course / "course_utils" / "assets" / "editions"
    folder.mkdir(parents=True)
    (folder / "99_gone.json").write_text("{}", encoding="utf-8")
    assert main(["build", "--check"]) == 1
    out = capsys.readouterr().out
    assert f"{CHAPTER}.json: solutions/ と食い違っています" in out and "99_gone.json: solutions/ にない章です" in out
    (folder / "99_gone.json").unlink()
    assert main(["build"]) == 0 and main(["build", "--check"]) == 0
    assert [path.name for path in folder.iterdir()] == [f"{CHAPTER}.json"]


def test_building_leaves_the_gradebook_alone(course):
    assert main(["build", "01"]) == 0
    assert not list(course.glob("gradebook.db*"))


def test_unknown_chapter_and_wrong_folder_are_one_clear_line(course, capsys, monkeypatch, tmp_path):
    assert main(["build", "42"]) == 2
    assert "章 '42' がありません" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "この講座のフォルダーではありません" in capsys.readouterr().err


def test_a_source_that_nbgrader_refuses_says_why(course, capsys):
    def change(notebook):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "ex-1-1")
        cell.source = cell.source.replace("### END SOLUTION", "")

    edit(course / "solutions" / CHAPTER / f"{CHAPTER}.ipynb", change)
    assert main(["build"]) == 2
    err = capsys.readouterr().err
    assert "no end solution" in err and "Traceback" not in err


def test_execute_runs_and_stores_outputs(course, capsys):
    def small(notebook):
        del notebook.cells[3:]
        notebook.cells.append(nbformat.v4.new_code_cell("print(1 + 1)"))

    edit(course / "solutions" / CHAPTER / f"{CHAPTER}.ipynb", small)
    assert main(["execute", "1"]) == 0
    notebook = nbformat.read(course / "solutions" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    assert notebook.cells[-1].outputs[0].text == "2\n"
    assert "widgets" not in notebook.metadata and "version" not in notebook.metadata.language_info
    assert main(["build", "--check"]) == 0
