"""What a reader may rely on in every notebook: it was run, its prose agrees with it, the students' copy works."""

import ast
import re
from pathlib import Path

import nbformat
import psutil
import pytest
import sources
from nbclient import NotebookClient

from course_utils.exercises import find

CHAPTERS = sources.CHAPTERS


def outputs_text(cell) -> str:
    """All text of a code cell's stored outputs."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_code_cell_was_executed_in_order(chapter):
    # nbval compares nothing in a cell that was never run, so an unexecuted notebook would pass.
    counts = [c.execution_count for c in sources.source(chapter).cells if c.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_output_is_an_error_or_a_warning(chapter):
    for cell in sources.source(chapter).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_stored_scores_are_full_marks(chapter):
    for cell in sources.source(chapter).cells:
        if sources.nbgrader(cell).get("grade") and cell.cell_type == "code":
            assert float(cell.outputs[-1].data["text/plain"]) == sources.nbgrader(cell)["points"]


def names_bound_by_hidden_tests(source: str) -> set[str]:
    """What the hidden region of a test cell defines in the notebook's namespace, imports aside."""
    start = source.split("### BEGIN HIDDEN TESTS")[0].count("\n") + 1
    bound = set()
    for statement in ast.parse(source).body:
        if statement.lineno > start:
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                bound.add(statement.name)
            elif not isinstance(statement, (ast.Import, ast.ImportFrom, ast.Expr)):
                inner = {
                    n.id for c in ast.walk(statement) if isinstance(c, ast.comprehension) for n in ast.walk(c.target)
                    if isinstance(n, ast.Name)
                }  # fmt: skip
                bound |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                bound -= inner
    return bound


@pytest.mark.parametrize("exercise", sources.exercises())
def test_hidden_tests_leave_the_story_alone(exercise):
    # They are not in the students' notebook, so what follows must not see what they define.
    bound = names_bound_by_hidden_tests(sources.cell(exercise, "test").source)
    assert all(name.startswith("_") for name in bound), bound


def narrative(chapter: str):
    """(index, cell) of the prose: Markdown that is neither an exercise's text, nor a hint, nor an answer."""
    for index, cell in enumerate(sources.source(chapter).cells):
        apart = sources.nbgrader(cell) or "<details>" in cell.source or re.search(r"^#+ 演習", cell.source, re.M)
        if cell.cell_type == "markdown" and not apart and "参考文献" not in cell.source.split("## まとめ")[0]:
            yield index, cell


# Decimals that are no results: section numbers, licences, identifiers, versions.
NOT_A_RESULT = r"^#+ .*$|第? ?\d+\.\d+(?:\.\d+)? ?(?:節|章)|CC BY(?:-SA)? \d\.\d|10\.\d{4,}/\S+|[Vv]ersion \d+\.\d+"


def invented_numbers(prose: str, above: str) -> list[str]:
    """The decimal numbers of ``prose`` that do not stand in ``above``."""
    prose = re.split(r"^## 参考文献", prose, flags=re.M)[0]
    prose = re.sub(NOT_A_RESULT, "", prose, flags=re.M)
    return [number for number in re.findall(r"(?<![\w.])\d+\.\d+(?:e[+-]?\d+)?", prose) if number not in above]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_in_the_prose_come_from_the_code_above(chapter):
    cells = sources.source(chapter).cells
    for index, cell in narrative(chapter):
        above = "\n".join(c.source + "\n" + outputs_text(c) for c in cells[:index] if c.cell_type == "code")
        assert not invented_numbers(cell.source, above), cell.source


def test_an_invented_number_is_noticed():
    assert invented_numbers("NLL は 2.234 です（2.4 節、CC BY 4.0）。", "NLL = 2.233") == ["2.234"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_paragraphs_stand_on_one_line(chapter):
    # A line break inside a paragraph shows as a space, which is wrong between Japanese characters.
    japanese = r"[ぁ-んァ-ヶ一-龠、。」）]"
    for cell in sources.source(chapter).cells:
        if cell.cell_type == "markdown":
            broken = re.search(rf"{japanese}\n(?![-|#<$>!`]|\d+\. |\s)[ぁ-んァ-ヶ一-龠「（]", cell.source)
            assert not broken, cell.source[max(0, broken.start() - 40) : broken.end() + 40]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_links_between_notebooks_lead_somewhere(chapter):
    folder = sources.ROOT / "solutions" / chapter
    for cell in sources.source(chapter).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((\.\.?/[^)#]+)\)", cell.source):
                assert (folder / target).exists(), target


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_figures_have_alt_text(chapter):
    for cell in sources.source(chapter).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt) >= 15, cell.source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_are_complete(chapter):
    cells = sources.source(chapter).cells
    ids = [sources.nbgrader(c).get("grade_id") for c in cells]
    number = int(chapter[:2])
    auto = [i for i in ids if i and i.startswith("test-")]
    assert 3 <= len(auto) <= 5
    assert sum(bool(i) and i.startswith("written-") for i in ids) == 1
    for grade_id in auto:
        exercise = grade_id.removeprefix("test-")
        assert exercise.startswith(f"{number}-")
        place = ids.index(f"ex-{exercise}")
        assert place < ids.index(grade_id)
        statement, hints = cells[place - 2].source, cells[place - 1].source
        assert re.match(rf"### 演習 {exercise}　.+（2 点・目安 \d+ 分・[★☆]{{3}}）", statement), statement
        assert "**入力**" in statement and "**出力**" in statement and "**例**" in statement
        assert hints.count("<details>") == 3


# A chapter may take 600 MB; the kernels of the first chapters stay far below it.
MEMORY = 600e6


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_untouched_notebook_runs_and_every_exercise_reads_unanswered(chapter):
    notebook = nbformat.from_dict(sources.release(chapter))
    client = NotebookClient(notebook, timeout=120, store_widget_state=False, coalesce_streams=True)
    folder = str(sources.ROOT / "notebooks" / chapter)
    with client.setup_kernel(cwd=folder):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)  # raises at the first error
        memory = _peak_memory(psutil.Process(client.km.provisioner.pid))
    assert memory < MEMORY
    _assert_same_story(chapter, notebook)
    graded = [c for c in notebook.cells if sources.nbgrader(c).get("grade") and c.cell_type == "code"]
    assert graded
    for cell in graded:
        result = cell.outputs[-1]
        assert result.data["text/plain"] == "0"
        assert "未解答" in result.data["text/html"]


def _assert_same_story(chapter: str, notebook) -> None:
    """The prose quotes the source's outputs, so a learner must see the same ones before solving anything."""
    stored = {c.id: c for c in sources.source(chapter).cells}
    functions = {find(n).function for n in sources.exercises() if sources.chapter_of(n) == chapter}
    for cell in notebook.cells:
        # A cell that uses the learner's answers ("使ってみよう") tells something else until they are there.
        uses_answers = functions & set(re.findall(r"\w+", cell.source))
        if cell.cell_type == "code" and not sources.nbgrader(cell) and not uses_answers:
            assert outputs_text(cell) == outputs_text(stored[cell.id]), cell.source


def _peak_memory(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():  # not Linux: what it holds at the end will do
        return process.memory_info().rss
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_students_notebook_holds_no_answer(chapter):
    whole = "\n".join(c.source for c in sources.release(chapter).cells)
    assert "BEGIN" not in whole and "SOLUTION" not in whole and "採点基準" not in whole
    assert not any(c.get("outputs") for c in sources.release(chapter).cells)


def test_kernels_use_one_thread_however_they_are_started(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell('import os; print(os.environ["OMP_NUM_THREADS"])')],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    assert NotebookClient(notebook).execute().cells[0].outputs[0].text == "1\n"
