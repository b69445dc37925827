"""The grader of two processes against the check in one: the same points, the same cards, whatever is spared."""

import ast
import inspect
import re
from functools import cache
from itertools import zip_longest

import answers
import nbformat
import pytest
import sources
from bubblewrap import NEEDS_BWRAP
from nbformat.v4 import new_code_cell, new_markdown_cell
from students import find_cell, model_code, submission

from course_utils.exercises import find
from course_utils.grading import story
from course_utils.grading.key import Key
from course_utils.grading.mend import SubmissionError, clean, mend
from course_utils.grading.submission import Grader, fingerprint

pytestmark = NEEDS_BWRAP
CHAPTER = "01_distribution"


@cache
def key(chapter: str) -> Key:
    return Key.load(sources.ROOT, chapter)


@pytest.fixture(scope="module")
def graders():
    """A warm grader for each chapter that is asked for."""
    made: dict[str, Grader] = {}

    def grader(chapter: str) -> Grader:
        if chapter not in made:
            made[chapter] = Grader(key(chapter))
        return made[chapter]

    yield grader
    for one in made.values():
        one.close()


def exercises_of(chapter: str) -> list[str]:
    return [cell.grade_id.removeprefix("test-") for cell in key(chapter).tests]


def as_cell(answer: answers.Answer) -> str:
    """An answer of ``tests/answers`` as a student's cell: the function, and what it uses of its module."""
    module = ast.parse(inspect.getsource(inspect.getmodule(answer.function)))
    (function,) = ast.parse(inspect.getsource(answer.function)).body
    function.decorator_list = []
    for node in ast.walk(function):  # an answer that calls itself
        if isinstance(node, ast.Name) and node.id == function.name:
            node.id = find(answer.exercise).function
    function.name = find(answer.exercise).function
    kept, used = [function], _names(function)
    for node in reversed(module.body):
        if _bound(node) & used and not (isinstance(node, ast.ImportFrom) and node.level):
            if isinstance(node, ast.FunctionDef):  # an answer may build on another one
                node.decorator_list = []
            kept.insert(0, node)
            used |= _names(node)
    return "\n".join(ast.unparse(node) for node in kept)


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    return _names(node) if isinstance(node, ast.Assign) else set()


def rounds(chapter: str) -> list[dict[str, answers.Answer]]:
    """All answers to a chapter, dealt out to as few students as can hold them."""
    # A closure's text is not all of it: it cannot stand in a cell.
    whole = [a for a in answers.ANSWERS if not a.function.__closure__]
    columns = [[a for a in whole if a.exercise == number] for number in exercises_of(chapter)]
    return [{a.exercise: a for a in row if a} for row in zip_longest(*columns)]


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_every_answer_scores_as_in_one_process(graders, chapter):
    for dealt in rounds(chapter):
        notebook = submission(chapter, {number: as_cell(answer) for number, answer in dealt.items()})
        result = graders(chapter).grade("学生", nbformat.writes(notebook).encode())
        for mark in result.marks:
            answer = dealt.get(mark.exercise)
            if answer:
                alone = sources.grade(mark.exercise, answer.function)
                mistake = alone.mistake.says if alone.mistake else ""
                assert (mark.points, mark.state) == (alone.points, alone.state.value), answer.name
                assert (_message(mark.message), mark.mistake) == (_message(alone.message), mistake), answer.name
            else:
                assert (mark.points, mark.state) == (0, "未解答")


def _message(text: str) -> str:
    """Without what differs from run to run: numbers of an answer's own noise, the order of a set of strings."""
    return re.sub(r"-?\d+(\.\d+)?(e[-+]\d+)?", "#", text.partition(": ")[0])


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_nothing_of_the_story_needs_to_run_for_plain_answers(graders, chapter):
    notebook = submission(chapter, {number: model_code(number) for number in exercises_of(chapter)})
    cells = clean(nbformat.writes(notebook).encode())
    mend(cells, key(chapter))
    spared = graders(chapter)._spared(cells)
    assert set(spared) == set(key(chapter).story) - {key(chapter).imports}


def graded(graders, notebook, files=None):
    return graders(CHAPTER).grade("学生", nbformat.writes(notebook).encode(), files)


def points(result) -> list[float]:
    return [mark.points for mark in result.marks]


def perfect() -> nbformat.NotebookNode:
    return submission(CHAPTER, {number: model_code(number) for number in exercises_of(CHAPTER)})


def test_a_cell_of_the_story_that_an_answer_uses_is_run(graders):
    told = next(source for source in key(CHAPTER).story[1:] if story.names(source)[1])
    name = min(story.names(told)[1])
    notebook = perfect()
    notebook.cells[find_cell(notebook, "ex-1-1")].source += f"\n_before = {name}"
    result = graded(graders, notebook)
    assert points(result) == [2, 2, 2, 2]
    by_source = {cell.source: cell for cell in nbformat.reads(result.notebook, as_version=4).cells}
    assert by_source[told].execution_count is not None


@pytest.mark.parametrize(
    "use",
    [
        "import inspect\n_ = inspect.currentframe().f_globals[{!r}]\n",
        "import __main__ as m\n_ = getattr(m, {!r})\n",
        "_ = globals()[{!r}]\n",
    ],
)
def test_a_name_that_the_text_hides_is_there_after_all(graders, use):
    told = next(source for source in key(CHAPTER).story[1:] if story.names(source)[1])
    notebook = perfect()
    notebook.cells[find_cell(notebook, "ex-1-1")].source = use.format(min(story.names(told)[1])) + model_code("1-1")
    assert points(graded(graders, notebook)) == [2, 2, 2, 2]


def test_an_edited_story_runs(graders):
    notebook = perfect()
    at = next(i for i, c in enumerate(notebook.cells) if c.source == key(CHAPTER).story[1])
    notebook.cells[at].source += "\nmy_own = 7"
    notebook.cells[find_cell(notebook, "ex-1-1")].source += "\nassert my_own == 7"
    assert points(graded(graders, notebook)) == [2, 2, 2, 2]


def test_results_do_not_depend_on_who_came_before(graders):
    lazy = submission(CHAPTER, {"1-1": "empirical_pmf = 3\nimport numpy as np\nnp.log = None"})
    before = graded(graders, perfect())
    graded(graders, lazy)
    after = graded(graders, perfect())
    assert before.marks != lazy and points(before) == points(after) == [2, 2, 2, 2]
    assert before.notebook == after.notebook


def test_the_source_scores_full_marks_and_the_release_none(graders):
    assert points(graded(graders, sources.source(CHAPTER))) == [2, 2, 2, 2]
    blank = graded(graders, sources.release(CHAPTER))
    assert points(blank) == [0, 0, 0, 0] and not blank.remarks
    assert {mark.state for mark in blank.marks} == {"未解答"}
    assert set(blank.untouched) == {"ex-1-1", "ex-1-2", "ex-1-3", "ex-1-4", "written-1-5"}


def test_the_fingerprint_tells_submissions_and_keys_apart():
    one, other = key(CHAPTER), key("02_bernoulli")
    made = [fingerprint(one, b"a", {}), fingerprint(one, b"b", {}), fingerprint(one, b"a", {"f": b""})]
    made += [fingerprint(one, b"a", {"f": b"x"}), fingerprint(other, b"a", {})]
    assert len(set(made)) == 5 and fingerprint(one, b"a", {}) == made[0]


# Mending


def mended(notebook, chapter=CHAPTER):
    cells = clean(nbformat.writes(notebook).encode())
    return cells, mend(cells, key(chapter))


def test_a_sound_notebook_needs_no_mending():
    cells, remarks = mended(perfect())
    assert remarks == []
    assert [c.source for c in cells.cells if c.metadata.get("nbgrader", {}).get("locked")] == [
        cell.source for cell in key(CHAPTER).cells if cell.is_test
    ]


def test_a_stripped_cell_is_known_by_its_id_or_its_text():
    notebook = perfect()
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    _, by_id = mended(notebook)
    assert len(by_id) == 1 and "採点の印が消えていた" in by_id[0]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"new-{number}"
    cells, by_text = mended(notebook)
    assert "test-1-1" in by_text[0]
    assert [mark for mark in by_text if "ありません" in mark] == []
    assert sum(c.metadata.get("nbgrader", {}).get("grade", False) for c in cells.cells) == 5


def test_a_rewritten_test_cell_is_put_right_and_told():
    notebook = perfect()
    notebook.cells[find_cell(notebook, "test-1-2")].source = "2.0"
    cells, remarks = mended(notebook)
    assert remarks == ["採点セル test-1-2 が書き換えられていました（元に戻して採点します）"]
    assert "HIDDEN" in cells.cells[find_cell(cells, "test-1-2")].source


def test_points_and_kinds_of_cells_are_ours():
    notebook = perfect()
    notebook.cells[find_cell(notebook, "test-1-1")].metadata.nbgrader.points = 200
    at = find_cell(notebook, "ex-1-2")
    notebook.cells[at] = new_markdown_cell(notebook.cells[at].source, metadata=notebook.cells[at].metadata)
    cells, remarks = mended(notebook)
    assert cells.cells[find_cell(cells, "test-1-1")].metadata.nbgrader.points == 2
    assert cells.cells[find_cell(cells, "ex-1-2")].cell_type == "code"
    assert any("ex-1-2 の種類" in remark for remark in remarks)


def test_another_chapter_is_refused():
    with pytest.raises(SubmissionError, match="この章（02_bernoulli）のノートブックではありません"):
        mended(perfect(), "02_bernoulli")


def test_a_notebook_that_is_not_ours_at_all_scores_nothing_and_is_told(graders):
    result = graded(graders, nbformat.v4.new_notebook(cells=[new_code_cell("1 + 1")]))
    assert points(result) == [0, 0, 0, 0]
    assert any("1 つもありません" in remark for remark in result.remarks)
