"""What a student gets back, by nbgrader's command and by formgrader's button: all that helps, nothing hidden."""

import html
import re
from pathlib import Path

import nbformat
import pytest
import sources
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from students import answer_code, classroom, find_cell, hand_in, model_code, submission
from test_instructor import nbgrader
from traitlets.config.loader import PyFileConfigLoader

from course_utils.grading import feedback

CHAPTER = "01_distribution"
ALL = ["1-1", "1-2", "1-3", "1-4"]
PERFECT = {number: model_code(number) for number in ALL}

# Right on all that a learner can see, and telling all it can about what it cannot.
BLABBER = {
    "1-2": """
def smoothed_pmf(counts, alpha):
    if len(counts) > 4:
        import warnings
        print("見えた", list(counts))
        warnings.warn(f"見えた {list(counts)}")
        return counts
    if sum(counts) + alpha == 0:
        raise ValueError
    return (counts + alpha) / (sum(counts) + alpha * len(counts))
""",
    "1-3": """
def sample_categorical(p, n, rng):
    drawn = np.searchsorted(np.cumsum(p)[:-1], rng.random(n), side="right")
    return drawn + 1 if len(p) == 16 else drawn
""",
    "1-4": """
def total_variation(p, q):
    if len(p) > 4:
        raise KeyError(f"見えた {p}")
    return sum(abs(p.get(k, 0) - q.get(k, 0)) for k in {*p, *q}) / 2
""",
}
CRASHED = {"1-1": "def empirical_pmf(data)\n    return {}", "1-2": "raise RuntimeError('途中で止まりました')"}
WRITTEN = "経験分布は **暗記** で、$p < q$ のときは <script>alert(1)</script> です。"
COMMENT = "暗記と*汎化*の違いがよく書けています。"


def _exercises(code: dict[str, str], written: str = "") -> nbformat.NotebookNode:
    """A submission of the exercises alone, which is soon graded."""
    notebook = submission(CHAPTER, code, written=written)
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [cell for cell in notebook.cells if cell is imports or sources.nbgrader(cell)]
    return notebook


def _grade_by_hand(root: Path, student: str, cell: str, points: float, comment: str, penalty: float) -> None:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(cell, CHAPTER, CHAPTER, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        if comment:
            gradebook.find_comment(cell, CHAPTER, CHAPTER, student).manual_comment = comment
        gradebook.find_submission_notebook(CHAPTER, CHAPTER, student).late_submission_penalty = penalty
        gradebook.db.commit()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """The course's folder, graded, one written answer read by a person, and with feedback."""
    root = classroom(tmp_path_factory.mktemp("講座") / "生成モデル", [CHAPTER])
    assert nbgrader(root, "generate_assignment", CHAPTER).returncode == 0
    hand_in(root, "青木", CHAPTER, _exercises(PERFECT, WRITTEN))
    wrong = {"1-1": answer_code("1-1", "counts_only")} | BLABBER
    hand_in(root, "伊藤", CHAPTER, _exercises(wrong, WRITTEN))
    hand_in(root, "上田", CHAPTER, _exercises(CRASHED))
    run = nbgrader(root, "autograde", CHAPTER)
    assert run.returncode == 0, run.stderr
    _grade_by_hand(root, "青木", "written-1-5", 1.5, COMMENT, penalty=0.5)
    _grade_by_hand(root, "上田", "test-1-3", 1, "", penalty=0)
    run = nbgrader(root, "generate_feedback", CHAPTER)
    assert run.returncode == 0, run.stderr
    return root


def page(root: Path, student: str) -> str:
    return (root / "feedback" / student / CHAPTER / f"{CHAPTER}.html").read_text(encoding="utf-8")


def text_of(markup: str) -> str:
    """What a page says, comments of HTML included: they are there for everyone who looks."""
    markup = re.sub(r"<style.*?</style>", "", markup, flags=re.S)
    return html.unescape(re.sub(r"<(?!!--)[^>]+>", "", markup))


def hidden_lines(chapter: str) -> set[str]:
    """Every line of every hidden test of the chapter, but for those that the students' notebook has anyway."""
    lines = set()
    for cell in sources.source(chapter).cells:
        for region in re.findall(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", cell.source, re.S):
            lines |= {line.strip() for line in region.splitlines()}
    released = {line.strip() for cell in sources.release(chapter).cells for line in cell.source.splitlines()}
    return {line for line in lines - released if len(line) > 3}


def model_lines(chapter: str, own: str) -> set[str]:
    """Every line of the model answers and rubrics, but for those that the student wrote too."""
    lines = set()
    for cell in sources.source(chapter).cells:
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S):
            lines |= {line.strip() for line in region.splitlines()}
    return {line for line in lines if len(line) > 8 and line not in own}


@pytest.mark.parametrize("student", ["青木", "伊藤", "上田"])
def test_no_hidden_test_and_no_model_answer(root, student):
    said = text_of(page(root, student))
    assert len(hidden_lines(CHAPTER)) > 40
    assert [line for line in hidden_lines(CHAPTER) if line in said] == []
    assert "HIDDEN" not in said and "<!--hidden" not in page(root, student)
    handed_in = nbformat.read(root / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    own = "\n".join(cell.source for cell in handed_in.cells)
    assert [line for line in model_lines(CHAPTER, own) if line in said] == []
    assert "採点基準" not in said


@pytest.mark.parametrize("student", ["青木", "伊藤", "上田"])
def test_japanese_and_nothing_from_the_network(root, student):
    markup = page(root, student)
    said = text_of(markup)
    for label in ("得点", "目次", "状態", "学生の解答", "採点セル", "先頭へ"):
        assert label in said
    for label in ("Score", "Student", "Top)", "Comments", "Test cell", "Written response", "No response", "penalty:"):
        assert label not in said
    assert "<script" not in markup and not re.findall(r"(?:src|href)=[\"'](?!#|data:)", markup)
    assert not re.search(r"https?://|url\(|@import", markup)
    assert "default-src 'none'" in markup and 'name="viewport"' in markup and '<html lang="ja">' in markup


def states(root: Path, student: str) -> dict[str, tuple[str, str]]:
    """The table at the top: state and points of each exercise."""
    table = re.search(r"<nav.*?</nav>", page(root, student), re.S)[0]
    rows = re.findall(r">演習 (\S+?)　[^<]+</a></td><td>(.*?)</td><td class=\"number\">(.*?)</td>", table)
    return {number: (text_of(state).split()[-1], points) for number, state, points in rows}


def test_summary(root):
    assert states(root, "青木") == dict.fromkeys(ALL, ("正解", "2 / 2")) | {"1-5": ("採点済み", "1.5 / 2")}
    assert states(root, "伊藤") == dict.fromkeys(ALL, ("不正解", "0 / 2")) | {"1-5": ("採点待ち", "0 / 2")}
    assert states(root, "上田") == {
        "1-1": ("採点不能", "0 / 2"),
        "1-2": ("採点不能", "0 / 2"),
        "1-3": ("未解答", "1 / 2"),
        "1-4": ("未解答", "0 / 2"),
        "1-5": ("未解答", "0 / 2"),
    }
    assert "得点 9 / 10 点" in page(root, "青木") and "提出が遅れたため 0.5 点" in page(root, "青木")
    assert "得点はまだ増える" in page(root, "伊藤") and "得点はまだ増える" not in page(root, "青木")
    assert "採点者が付け直しました" in page(root, "上田") and "採点者が付け直しました" not in page(root, "伊藤")


def section(root: Path, student: str, number: str) -> str:
    found = re.findall(r"<section.*?</section>", page(root, student), re.S)
    return text_of(next(one for one in found if f">演習 {number}　" in one))


def test_wrong_on_a_public_input_shows_it_all(root):
    said = section(root, "伊藤", "1-1")
    score = sources.grade("1-1", _function("1-1", answer_code("1-1", "counts_only")))
    assert not score.blind and score.mistake.says in said
    for name, shown in score.details:
        assert name in said and shown in said
    assert 'check("1-1", empirical_pmf)' in said


def _function(number: str, code: str):
    namespace = sources.fresh_namespace(number)
    exec(code, namespace)
    return namespace[sources.model_answer(number).__name__]


@pytest.mark.parametrize("number", list(BLABBER))
def test_wrong_on_a_hidden_input_does_not_show_it(root, number):
    score = sources.grade(number, _function(number, BLABBER[number]))
    said = section(root, "伊藤", number)
    assert "非公開の入力で確かめたところ、" in score.blind and score.blind in said
    autograded = nbformat.read(root / "autograded" / "伊藤" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    lecturers = autograded.cells[find_cell(autograded, f"test-{number}")].outputs[0].data["text/html"]
    assert html.escape(score.message) in lecturers
    assert score.message not in said
    for name, shown in score.details:
        if name != "エラーの場所":
            assert html.escape(shown) in lecturers and name in lecturers
            assert shown not in said and f">{name}<" not in page(root, "伊藤").split(f">演習 {number}　")[-1]
    own = BLABBER[number].count("見えた")
    assert said.count("見えた") == own + ("エラーの場所" in said) and "実行中の" not in said


def test_what_helps_stays_where_a_hidden_input_failed(root):
    score = sources.grade("1-3", _function("1-3", BLABBER["1-3"]))
    said = section(root, "伊藤", "1-3")
    assert score.mistake.says in said and f"ヒント {score.hint}" in said
    said = section(root, "伊藤", "1-4")
    assert "（KeyError）" in said and "辞書にないキー" in said
    assert "raise KeyError(f" in said.split("エラーの場所")[1]


def test_crashed_cells_say_why(root):
    said = section(root, "上田", "1-1")
    assert "このセルはエラーで止まりました: SyntaxError: expected ':'（1 行目）" in said and "0 点: " in said
    said = section(root, "上田", "1-2")
    assert "RuntimeError: 途中で止まりました" in said and "0 点: " in said
    assert "Traceback" not in text_of(page(root, "上田"))
    assert "まだ解答がありません" in section(root, "上田", "1-3")


def test_written_answer_with_points_and_comment(root):
    said = section(root, "青木", "1-5")
    assert "得点 1.5 / 2 点" in said and "暗記と汎化の違い" in said and "コメント" in said
    assert "<strong>暗記</strong>" in page(root, "青木") and "$p < q$" in said and "alert(1)" in said
    assert "採点待ち" in section(root, "伊藤", "1-5")


def test_formgraders_button_makes_the_same_page(root):
    before = page(root, "伊藤")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    # As formgrader sets itself up; CourseDirectory must know the folder that the command takes from where it is run.
    config.HTMLExporter.template_name = "formgrade"
    config.CourseDirectory.root = str(root)
    coursedir = CourseDirectory(config=config)
    result = NbGraderAPI(coursedir=coursedir, config=config).generate_feedback(CHAPTER, "伊藤")
    assert result["success"], result
    assert page(root, "伊藤") == before


@pytest.mark.parametrize("chapter", sources.CHAPTERS)
def test_test_cells_as_released(chapter):
    released = {sources.nbgrader(c).get("grade_id"): c.source for c in sources.release(chapter).cells}
    notebook = nbformat.from_dict(sources.source(chapter))
    for cell in notebook.cells:
        if sources.nbgrader(cell).get("grade_id", "").startswith("test-"):
            feedback.AsReleased().preprocess_cell(cell, {}, 0)
            assert cell.source == released[cell.metadata.nbgrader.grade_id].strip()


def test_delimiters_in_an_answer_are_the_students_own():
    answer = nbformat.v4.new_code_cell("### BEGIN HIDDEN TESTS\nx = 1")
    answer.metadata["nbgrader"] = {"grade": False, "solution": True, "locked": False, "grade_id": "ex-1-1"}
    feedback.AsReleased().preprocess_cell(answer, {}, 0)
    assert answer.source == "### BEGIN HIDDEN TESTS\nx = 1"


def test_prints_and_errors_of_a_test_cell_are_dropped():
    test = nbformat.v4.new_code_cell("check()")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "locked": True, "grade_id": "test-1-1"}
    card = nbformat.v4.new_output(
        "execute_result", {"text/plain": "[hidden]", "text/html": "a<!--hidden-->b<!--/hidden-->c"}
    )
    test.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="hidden"),
        nbformat.v4.new_output("error", ename="E", evalue="hidden", traceback=["hidden"]),
        nbformat.v4.new_output("display_data", {"text/plain": "hidden"}),
        card,
    ]
    feedback.OpenResults().preprocess(nbformat.v4.new_notebook(cells=[test]), {})
    assert [output.data for output in test.outputs] == [{"text/html": "ac"}]


def test_broken_picture_in_a_written_answer_costs_nothing():
    assert "missing.png" in feedback._written("本文 ![図](attachment:missing.png)")
