"""``course doctor``: whatever happened to a learner's notebook, the graded cells come back and no answer changes."""

import copy
import json
import os
import random
import re

import nbformat
import pytest
import sources
from hypothesis import example, given, settings
from hypothesis import strategies as st
from students import find_cell, model_code, submission

from course_utils import cli
from course_utils.doctor import cells as structure
from course_utils.doctor import doctor, examine, names
from course_utils.edition import dumps, editions

CHAPTER = "01_distribution"
EDITION = editions()[CHAPTER]
ALL = ["1-1", "1-2", "1-3", "1-4"]
ESSAY = "平滑化は、見ていない絵にも確率を残すからです。"
PERFECT = {number: model_code(number) for number in ALL}


def finished() -> nbformat.NotebookNode:
    return submission(CHAPTER, PERFECT, written=ESSAY)


def lean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Only the graded cells and the imports that they need, so that a clean run is short."""
    first = next(c for c in notebook.cells if c.cell_type == "code")
    first.source = first.source.replace("from course_utils import data, plots, widgets\n", "")
    notebook.cells = [first] + [c for c in notebook.cells if sources.nbgrader(c)]
    return notebook


def save(folder, notebook, name: str = f"{CHAPTER}.ipynb"):
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / name)
    return folder / name


def sees(notebook, tmp_path, **options) -> str:
    """What the doctor says of a notebook, structure only."""
    return repr(examine(save(tmp_path, notebook), **{"repair": False, "run": False} | options))


# The manifest of the released cells


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_editions_are_those_of_the_students_notebooks(chapter):
    path = sources.ROOT / "course_utils" / "assets" / "editions" / f"{chapter}.json"
    assert path.read_text(encoding="utf-8") == dumps(sources.release(chapter)), f"course build {chapter}"


def test_every_chapter_has_an_edition_and_it_is_small():
    assert sorted(editions()) == sources.CHAPTERS
    for path in (sources.ROOT / "course_utils" / "assets" / "editions").iterdir():
        assert path.stat().st_size < 10_000


def test_an_edition_holds_no_answer():
    whole = "".join(c.source for edition in editions().values() for c in edition.cells)
    assert "SOLUTION" not in whole and "HIDDEN" not in whole


def test_an_exercise_without_a_text_is_refused():
    notebook = copy.deepcopy(sources.release(CHAPTER))
    notebook.cells = [c for c in notebook.cells if not c.source.startswith("### 演習 1-2")]
    with pytest.raises(ValueError, match="演習 1-2"):
        dumps(notebook)


# Any damage


def new_copy(cell: dict, rng) -> dict:
    return copy.deepcopy(cell) | {"id": f"new-{rng.random()}"}


DAMAGES = {
    "delete": lambda cells, i, j, rng: cells.pop(i),
    "duplicate": lambda cells, i, j, rng: cells.insert(j, new_copy(cells[i], rng)),
    "move": lambda cells, i, j, rng: cells.insert(j, cells.pop(i)),
    "retag": lambda cells, i, j, rng: cells[i]["metadata"].update(
        nbgrader=copy.deepcopy(rng.choice(EDITION.cells).metadata["nbgrader"])
    ),
    "strip": lambda cells, i, j, rng: cells[i].update(metadata={}),
    "strip all": lambda cells, i, j, rng: [cell.update(metadata={}) for cell in cells],
    "half-erase": lambda cells, i, j, rng: cells[i]["metadata"].update(nbgrader={"grade": True}),
    "change type": lambda cells, i, j, rng: cells[i].update(cell_type=rng.choice(["code", "markdown", "raw"])),
    "edit test": lambda cells, i, j, rng: (
        (structure.label(cells[i]) or "").startswith("test-")
        and cells[i].update(source=f"# edited\n{cells[i]['source']}")
    ),
    "unlock": lambda cells, i, j, rng: cells[i]["metadata"].update(editable=True),
    "points": lambda cells, i, j, rng: cells[i]["metadata"].get("nbgrader", {}).update(points=99),
    "tag": lambda cells, i, j, rng: cells[i]["metadata"].update(tags=["skip-execution", "mine"]),
    "foreign": lambda cells, i, j, rng: cells[i]["metadata"].update(nbgrader={"grade_id": "test-9-9", "grade": True}),
    "forget ids": lambda cells, i, j, rng: [cell.pop("id", None) for cell in cells],
    "write": lambda cells, i, j, rng: cells.insert(
        i, {"cell_type": "code", "metadata": {}, "source": f"mine = {rng.random()}", "outputs": []}
    ),
}
TESTS = {cell.source for cell in EDITION.cells if cell.is_test}


@settings(max_examples=150)
@example(["delete", "strip all", "retag", "write", "retag", "forget ids"], 2061491)  # took two rounds to mend
@given(st.lists(st.sampled_from(sorted(DAMAGES)), max_size=8), st.integers(0, 2**32))
def test_any_damage_is_mended_and_no_answer_changes(damages, seed):
    rng = random.Random(seed)
    cells = json.loads(json.dumps(finished()))["cells"]
    for damage in damages:
        # Half the time where it hurts.
        places = [i for i, cell in enumerate(cells) if structure.label(cell)] if rng.random() < 0.5 else []
        DAMAGES[damage](cells, rng.choice(places or range(len(cells))), rng.randrange(len(cells)), rng)
    before = copy.deepcopy(cells)
    mended, findings = structure.mend(cells, EDITION)
    assert cells == before  # the argument is left alone
    assert bool(findings) == (mended != before)
    assert structure.mend(mended, EDITION) == (mended, [])

    labels = [structure.label(cell) for cell in mended]
    assert set(labels) <= {None} | {cell.grade_id for cell in EDITION.cells}
    for original in EDITION.cells:
        # A code answer may stand in another cell instead; everything that gives points is there exactly once.
        wanted = (1,) if "points" in original.metadata["nbgrader"] else (0, 1)
        assert labels.count(original.grade_id) in wanted, original.grade_id
        if original.grade_id not in labels:
            continue
        place = labels.index(original.grade_id)
        cell = mended[place]
        assert cell["cell_type"] == original.cell_type
        assert {**cell["metadata"]["nbgrader"], "checksum": 0} == {**original.metadata["nbgrader"], "checksum": 0}
        assert "skip-execution" not in cell["metadata"].get("tags", [])
        if original.is_test:
            assert cell["source"] == original.source
            assert structure.answer_place(mended, original, EDITION) < place

    # Whatever a person wrote is there, unchanged; only copies may be fewer.
    kept = {cell["source"] for cell in mended}
    assert all(cell["source"] in kept or cell["source"] in TESTS or "# edited" in cell["source"] for cell in before)


# Each damage, and what is said of it


def delete(notebook, grade_id):
    del notebook.cells[find_cell(notebook, grade_id)]


def duplicate(notebook, grade_id, source=None):
    index = find_cell(notebook, grade_id)
    cell = copy.deepcopy(notebook.cells[index]) | {"id": "copied"}
    if source is not None:
        cell["source"] = source
    notebook.cells.insert(index + 1, nbformat.from_dict(cell))


def change(notebook, grade_id, **values):
    notebook.cells[find_cell(notebook, grade_id)].update(values)


def move_to_top(notebook, grade_id):
    notebook.cells.insert(0, notebook.cells.pop(find_cell(notebook, grade_id)))


def strip(notebook):
    for cell in notebook.cells:
        cell.metadata.clear()


def age(notebook, grade_id):
    """As an older edition released it: another source, with its own checksum."""
    cell = notebook.cells[find_cell(notebook, grade_id)]
    cell.source = 'check("1-1", empirical)'
    cell.metadata.nbgrader["checksum"] = "0" * 32


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda n: delete(n, "test-1-2"), "演習 1-2 の採点セル（test-1-2）がありません → 元の場所に戻しました"),
        (lambda n: delete(n, "written-1-5"), "解答セル（written-1-5）がありません → 書く前の形で元の場所に戻しました"),
        (lambda n: duplicate(n, "test-1-1"), "採点セル（test-1-1）が 2 つあります → 余分な同じものを取り除きました"),
        (lambda n: duplicate(n, "ex-1-1"), "解答セル（ex-1-1）が 2 つあります → 余分な同じものを取り除きました"),
        (lambda n: duplicate(n, "written-1-5", "続き"), "ちがう内容で 2 つあります → 後のものだけを採点の対象とし"),
        (lambda n: change(n, "test-1-3", cell_type="markdown"), "種類が markdown に変わっています → code に戻しました"),
        (lambda n: change(n, "written-1-5", cell_type="raw"), "種類が raw に変わっています → markdown に戻しました"),
        (lambda n: change(n, "test-1-1", source="2"), "（test-1-1）が書き換えられています → 元の内容に戻しました"),
        (lambda n: age(n, "test-1-1"), "この環境の版と違います（古い版のノートブックです） → 今の版に替えました"),
        (lambda n: move_to_top(n, "test-1-4"), "解答より上にあります → 解答のすぐ下に移しました"),
        (strip, "演習 1-1 の解答セル（ex-1-1）から、採点用の情報が失われています → 元に戻しました"),
    ],
)  # fmt: skip
def test_damage_is_named_and_mended_once(tmp_path, damage, says):
    notebook = finished()
    damage(notebook)
    path = save(tmp_path, notebook)
    raw = path.read_bytes()
    only_told = examine(path, repair=False, run=False)
    assert only_told.status == 1 and path.read_bytes() == raw
    assert says.replace("ました", "ます") in repr(only_told)

    report = examine(path, repair=True, run=False)
    assert report.status == 0 and says in repr(report)
    assert report.backup.read_bytes() == raw and report.backup.name in repr(report)
    mended = nbformat.read(path, as_version=4)
    nbformat.validate(mended)
    raw = path.read_bytes()
    again = examine(path, repair=True, run=False)
    assert (again.status, again.findings, again.backup, path.read_bytes()) == (0, (), None, raw)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".bak", ".ipynb"]


def test_restored_cells_stand_where_they_stood(tmp_path):
    for grade_id in [c.grade_id for c in EDITION.cells]:
        notebook = nbformat.from_dict(sources.release(CHAPTER))
        delete(notebook, grade_id)
        path = save(tmp_path, notebook)
        examine(path, repair=True, run=False)
        for restored, cell in zip(nbformat.read(path, as_version=4).cells, sources.release(CHAPTER).cells, strict=True):
            assert (restored.id, restored.cell_type, restored.source) == (cell.id, cell.cell_type, cell.source)
            assert restored.metadata.get("nbgrader") == cell.metadata.get("nbgrader")


def test_a_healthy_notebook_is_not_rewritten(tmp_path):
    path = save(tmp_path, finished())
    path.write_bytes(path.read_bytes() + b"\n\n")  # not as JupyterLab writes it
    before = path.stat()
    report = examine(path, repair=True, run=False)
    assert (report.status, report.backup) == (0, None)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_of_two_written_answers_the_one_that_says_something_counts(tmp_path):
    notebook = finished()
    stub = next(c.source for c in EDITION.cells if c.grade_id == "written-1-5")
    duplicate(notebook, "written-1-5", stub)
    path = save(tmp_path, notebook)
    examine(path, repair=True, run=False)
    mended = nbformat.read(path, as_version=4)
    assert mended.cells[find_cell(mended, "written-1-5")].source == ESSAY
    assert not any(c.source == stub for c in mended.cells)


def test_of_two_test_cells_the_intact_one_counts(tmp_path):
    notebook = finished()
    duplicate(notebook, "test-1-1")
    change(notebook, "test-1-1", source="# mine\nscore = check('1-1', empirical_pmf)")
    path = save(tmp_path, notebook)
    examine(path, repair=True, run=False)
    mended = nbformat.read(path, as_version=4)
    assert sum(c.source == 'check("1-1", empirical_pmf)' for c in mended.cells) == 1
    assert [sources.nbgrader(c) for c in mended.cells if c.source.startswith("# mine")] == [{}]


def test_a_test_cell_with_an_answers_label_is_a_test_cell(tmp_path):
    notebook = finished()
    delete(notebook, "ex-1-2")
    cell = notebook.cells[find_cell(notebook, "test-1-2")]
    cell["id"] = "renumbered"
    cell.metadata["nbgrader"]["grade_id"] = "ex-1-2"
    path = save(tmp_path, notebook)
    examine(path, repair=True, run=False)
    mended = nbformat.read(path, as_version=4)
    assert [sources.nbgrader(c)["grade_id"] for c in mended.cells if 'check("1-2"' in c.source] == ["test-1-2"]
    assert "NotImplementedError" in mended.cells[find_cell(mended, "ex-1-2")].source


def test_all_is_found_again_in_a_notebook_without_metadata_and_ids(tmp_path):
    notebook = finished()
    strip(notebook)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"renumbered-{index}"
    path = save(tmp_path, notebook)
    assert examine(path, repair=True, run=False).status == 0
    mended = nbformat.read(path, as_version=4)
    assert [c.source for c in mended.cells] == [c.source for c in finished().cells]
    assert [sources.nbgrader(c) for c in mended.cells] == [sources.nbgrader(c) for c in finished().cells]


def test_an_answer_written_into_the_test_cell_is_not_overwritten(tmp_path):
    notebook = finished()
    delete(notebook, "ex-1-2")
    both = PERFECT["1-2"] + '\n\ncheck("1-2", smoothed_pmf)'
    change(notebook, "test-1-2", source=both)
    path = save(tmp_path, notebook)
    assert examine(path, repair=True, run=False).status == 0
    mended = nbformat.read(path, as_version=4)
    assert mended.cells[find_cell(mended, "ex-1-2")].source == both
    assert mended.cells[find_cell(mended, "test-1-2")].source == 'check("1-2", smoothed_pmf)'


def test_an_answer_in_a_cell_of_ones_own_is_not_undone_by_a_stub(tmp_path):
    notebook = finished()
    index = find_cell(notebook, "ex-1-2")
    notebook.cells[index] = nbformat.v4.new_code_cell(PERFECT["1-2"])
    path = save(tmp_path, notebook)
    assert examine(path, repair=True, run=False).status == 0
    mended = nbformat.read(path, as_version=4)
    assert mended.cells[find_cell(mended, "ex-1-2")].source == PERFECT["1-2"]
    assert len(mended.cells) == len(notebook.cells)


def test_an_answer_merged_into_another_cell_stays(tmp_path):
    notebook = finished()
    change(notebook, "ex-1-1", source=PERFECT["1-1"] + "\n\n" + PERFECT["1-2"])
    delete(notebook, "ex-1-2")
    report = examine(save(tmp_path, notebook), repair=True, run=False)
    assert (report.status, report.findings) == (0, ())


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def smoothed_pnf(counts, alpha):\n    return counts", "どこにも定義されていません（smoothed_pnf の"),
        ("def smoothed_pmf(counts, alpha):\n    return counts +", "文法の誤りがあります（2 行目"),
        ("", "smoothed_pmf がどこにも定義されていません"),
    ],
)  # fmt: skip
def test_missing_definition(tmp_path, source, says):
    said = sees(submission(CHAPTER, PERFECT | {"1-2": source}), tmp_path)
    assert says in said and said.count("問題: ") == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%matplotlib inline\n!ls\nnp.sum?\ndef f(): pass", {"f"}),
        ("%%time\nclass A: b = 1", {"A"}),
        ("import numpy as np, os.path\nfrom a import b as c", {"np", "os", "c"}),
        ("f = lambda x: [y for y in x]\nfor i in []:\n    if (j := i): k, (l, *m) = 1, 2", set("fijklm")),
        ("x = (7\n  % 2)", {"x"}),
        ("def f(", set()),
    ],
)
def test_defined_names(code, expected):
    assert names.defined(code) == expected


def test_a_changed_statement_is_a_remark(tmp_path):
    notebook = finished()
    for cell in notebook.cells:
        cell.source = cell.source.replace("### 演習 1-2　加算平滑化（2 点", "### 演習 1-2　加算平滑化（3 点")
    report = examine(save(tmp_path, notebook), repair=True, run=False)
    assert report.status == 0 and "問題文がこの環境の版と違います: 1-2" in repr(report)


# Files


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "ファイルが空です"),
        (b'{"cells": [\n{"cell_type": "markdown", "sou', "JSON として読めません（2 行目"),
        (b'{"hello": 1}', "cells がありません"),
        (b'{"cells": [1]}', "1 番目のセルが壊れています"),
        (b'{"cells": [{"cell_type": "code", "source": "", "outputs": [{}]}]}', "outputs の形が違います"),
        (b'{"cells": [{"cell_type": "code", "source": "1"}]}', "この講座のノートブックではありません"),
        (b"[" * 100_000, "JSON として読めません"),
        (nbformat.writes(finished()).encode("cp932", errors="replace"), "UTF-8 ではありません（Shift_JIS のようです）"),
        (nbformat.writes(sources.source(CHAPTER)).encode(), "教員用の原稿"),
        (None, "ファイルを開けません"),
    ],
)
def test_unusable_file_is_one_line_and_stays(tmp_path, capsys, raw, says):
    path = tmp_path / "提出.ipynb"
    if raw is not None:
        path.write_bytes(raw)
    assert cli.main(["doctor", str(path)]) == 2
    said = capsys.readouterr().out
    assert says in said and len(said.splitlines()) == 2
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [raw] * (raw is not None)


def test_byte_order_mark_is_removed(tmp_path):
    path = save(tmp_path, finished())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "BOM" in repr(examine(path, repair=True, run=False))
    assert nbformat.read(path, as_version=4) == finished()


KEYS = ["cells", "cell_type", "source", "metadata", "id", "outputs", "nbgrader", "grade_id", "data"]
JSON = st.recursive(
    st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.sampled_from(KEYS), x)
)
REQUIRED = {"cell_type": st.sampled_from(["code", "markdown"]), "source": st.text() | JSON}
CELL = st.fixed_dictionaries(REQUIRED, optional={
    "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": JSON}) | JSON}) | JSON,
    "id": st.sampled_from([cell.id for cell in EDITION.cells]) | JSON,
    "outputs": st.lists(st.fixed_dictionaries({"output_type": JSON, "data": JSON})) | JSON,
})  # fmt: skip


@settings(max_examples=60)
@given(cells=st.lists(CELL, max_size=3))
def test_nothing_that_stands_in_a_file_raises(tmp_path_factory, cells):
    path = tmp_path_factory.getbasetemp() / "anything.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    report = examine(path, repair=True, run=False)
    assert report.status in (0, 1, 2) and repr(report) and report._repr_html_()
    if report.backup:
        report.backup.unlink()
        assert not examine(path, repair=False, run=False).backup


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be written")
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    notebook = finished()
    delete(notebook, "test-1-1")
    path = save(tmp_path / "read-only", notebook)
    path.parent.chmod(0o555)
    report = examine(path, repair=True, run=False)
    path.parent.chmod(0o755)
    assert report.status == 1 and "直せませんでした" in repr(report)


def test_failed_write_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    notebook = finished()
    delete(notebook, "test-1-1")
    path = save(tmp_path, notebook)
    raw = path.read_bytes()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    report = examine(path, repair=True, run=False)
    assert report.status == 1 and "No space left" in repr(report)
    assert path.read_bytes() == raw and sorted(p.suffix for p in tmp_path.iterdir()) == [".bak", ".ipynb"]


def test_without_a_name_all_chapters_of_the_folder(tmp_path, monkeypatch, capsys):
    damaged = finished()
    delete(damaged, "test-1-1")
    save(tmp_path / "notebooks" / CHAPTER, damaged)
    save(tmp_path / "notebooks" / "02_bernoulli", sources.release("02_bernoulli"), "02_bernoulli.ipynb")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["doctor", "--check", "--no-run"]) == 1
    assert cli.main(["doctor", "--no-run"]) == 0
    said = capsys.readouterr().out
    assert "第 2 章" in said and "test-1-1）がありません → 元の場所に戻しました" in said
    monkeypatch.chdir("/")
    assert cli.main(["doctor"]) == 2


# The clean run


def test_what_works_only_out_of_order(tmp_path):
    notebook = lean(submission(CHAPTER, PERFECT | {"1-2": PERFECT["1-2"] + "    return helper(weights)"}))
    code = notebook.cells[find_cell(notebook, "ex-1-2")]
    code.source = code.source.replace("return weights / total", "return helper(weights)")
    change(notebook, "ex-1-4", source=PERFECT["1-4"].replace("sum(", "add_up("))
    notebook.cells += [
        nbformat.v4.new_code_cell("def helper(w):\n    return w / w.sum()", execution_count=1),
        nbformat.v4.new_code_cell("print(once_defined)", execution_count=2),
        nbformat.v4.new_code_cell("1 / 0"),
    ]
    for number in ALL:
        cell = notebook.cells[find_cell(notebook, f"test-{number}")]
        cell.execution_count = 9
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=9)]
    path = save(tmp_path, notebook)
    raw = path.read_bytes()
    report = examine(path, repair=True, run=True)
    said = repr(report)
    assert report.status == 1 and path.read_bytes() == raw
    helper = len(notebook.cells) - 2
    assert "演習 1-2 は、保存されている結果では 2 点ですが、上から順に実行し直すと 0 点（不正解）です" in said
    assert f"（helper を定義しているのは {helper} 番目のセルです" in said
    assert "演習 1-4 は" in said and "（add_up を定義しているセルがありません。消していませんか？）" in said
    assert "番目のセル（print(once_defined)）がエラーで終わります（once_defined を定義しているセルがありません" in said
    # A cell that never worked is remarked, no more.
    assert re.search(r"お知らせ: .*1 / 0.*ZeroDivisionError", said)
    assert "1-1 正解（2 / 2 点）" in said and "1-3 正解（2 / 2 点）" in said and "1-5 未記入" in said


def test_a_finished_notebook_may_be_handed_in(tmp_path):
    notebook = lean(finished())
    delete(notebook, "test-1-3")
    notebook.cells[0].metadata["tags"] = ["skip-execution"]  # no tag counts when an instructor grades
    # In a cell that runs while the doctor runs the notebook, the doctor does nothing.
    notebook.cells.append(nbformat.v4.new_code_cell("from course_utils.doctor import doctor\ndoctor('.')"))
    report = examine(save(tmp_path / CHAPTER, notebook), repair=True, run=True)
    assert report.status == 0 and "提出できます。" in repr(report) and not report.notes
    assert [r.points for r in report.results] == [2, 2, 2, 2, None]
    assert "提出前の検査" in report._repr_html_() and "まとめ" in report._repr_html_()
    assert sorted(p.suffix for p in (tmp_path / CHAPTER).iterdir()) == [".bak", ".ipynb"]  # no progress either


def test_a_kernel_that_dies(tmp_path):
    notebook = lean(submission(CHAPTER, PERFECT | {"1-3": "import os\nos._exit(1)\ndef sample_categorical(): pass"}))
    report = examine(save(tmp_path, notebook), repair=True, run=True)
    assert report.status == 1
    assert "番目のセル（import os）の実行で止まりました: カーネルが落ちました" in repr(report)
    assert [r.state for r in report.results][:4] == ["正解", "正解", "実行されず", "実行されず"]


# From a cell


def test_from_a_cell(tmp_path, monkeypatch):
    path = save(tmp_path, lean(finished()))
    with pytest.raises(ValueError, match="どのノートブック"):
        doctor()
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    monkeypatch.setitem(__import__("sys").modules, "ipykernel", object())
    report = doctor(run=False)
    assert report.path == path and "最後に保存した内容" in repr(report)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert doctor() is None


def test_html_is_escaped(tmp_path):
    notebook = finished()
    notebook.cells.append(nbformat.v4.new_code_cell("1"))
    notebook.cells[-1].metadata["nbgrader"] = {"grade_id": "<script>"}
    report = examine(save(tmp_path, notebook), repair=False, run=False)
    assert "&lt;script&gt;" in report._repr_html_() and "<script>" not in report._repr_html_()
