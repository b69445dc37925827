"""nbgrader's own hooks, set up in ``nbgrader_config.py``: no submission is lost, no point is lost or given by accident.

While sanitizing (before anything runs):

- :class:`SubmissionExporter` reads a submission, or says in one line why it cannot be read;
- :class:`DropDuplicates` keeps one cell of each id (plain nbgrader aborts the whole batch);
- :class:`RestoreTests` puts back test cells that were deleted or lost their metadata.

While autograding:

- :class:`ExecuteAll` goes on when a kernel dies or hangs, keeping the points earned so far;
- :class:`FailClosed` lets warnings cost nothing, and gives 0 and a reason to what did not run.
"""

from html import escape
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.preprocessors.execute import UnresponsiveKernelError

from ..doctor.notebook import NotebookError, read


class SubmissionError(Exception):
    """A submission that cannot be graded; the message is one line that names the file."""


class SubmissionExporter(NotebookExporter):
    """Reads a notebook and names the file where nbformat would give a page of traceback."""

    def from_filename(self, filename, resources=None, **kwargs):
        try:
            _, marked = read(Path(filename))
        except NotebookError as error:
            raise SubmissionError(f"{filename}: {error}") from None
        if marked:
            raise SubmissionError(f"{filename}: ファイルの先頭に BOM があります（course doctor で取り除けます）")
        return super().from_filename(filename, resources=resources, **kwargs)


class OneLine:
    """A logging filter: the traceback of a :class:`SubmissionError` says all in its last line."""

    def filter(self, record) -> bool:
        text = record.getMessage()
        last = text.strip().splitlines()[-1] if text.strip() else ""
        for error in (SubmissionError, "nbgrader.converters.base.NbGraderException"):
            name = error if isinstance(error, str) else f"{error.__module__}.{error.__qualname__}"
            if text.startswith("Traceback") and last.startswith(f"{name}: "):
                record.msg, record.args = last.removeprefix(f"{name}: "), ()
        return True


class DropDuplicates(NbGraderPreprocessor):
    """Copies of a cell (copy and paste keeps nbgrader's id) become ordinary cells; the last one counts.

    ``nbgrader.preprocessors.DeduplicateIds`` leaves an empty ``nbgrader`` entry behind, at which its own
    metadata check stops the whole batch (nbgrader issue 1083).
    """

    def preprocess(self, nb, resources):
        seen = set()
        for cell in reversed(nb.cells):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id is None:
                # Half-erased metadata would trip nbgrader later; without an id it says nothing anyway.
                cell.metadata.pop("nbgrader", None)
            elif grade_id in seen:
                self.log.warning("%s: セル %s が重複しています（最後のものを採点します）", _where(resources), grade_id)
                del cell.metadata["nbgrader"]
            seen.add(grade_id)
        return nb, resources


class RestoreTests(NbGraderPreprocessor):
    """Graded cells that are missing come back from the gradebook, each after the cell it belongs to.

    Tags go: ``skip-execution`` on a test cell is full marks in plain nbgrader. A notebook that holds none of
    this assignment's cells is refused: it is another chapter's, or no notebook of this course.
    """

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            cell.metadata.pop("tags", None)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            source = gradebook.find_notebook(names["notebook"], names["assignment"])
            points = {cell.name: cell.max_score for cell in source.grade_cells}
            originals = [(cell, points.get(cell.name)) for cell in source.source_cells]
            answered = {cell.name for cell in source.solution_cells}
            self._refuse_foreign(nb, [cell.name for cell, _ in originals], resources)
            self._restore(nb, originals, answered, resources)
        return nb, resources

    def _refuse_foreign(self, nb, ids: list[str], resources) -> None:
        present = {_grade_id(cell) for cell in nb.cells} - {None}
        if present and present.isdisjoint(ids):
            raise SubmissionError(
                f"{_where(resources)}: この章（{resources['nbgrader']['assignment']}）のノートブックではありません"
                f"（{sorted(present)[0]} などのセルがあります）"
            )

    def _restore(self, nb, originals: list, answered: set[str], resources) -> None:
        place = -1
        for original, points in originals:
            index = next((i for i, cell in enumerate(nb.cells) if _grade_id(cell) == original.name), None)
            if index is not None:
                place = index
            elif points is not None:
                # At the end if nothing before it is left: then everything the student wrote runs first.
                place = place + 1 if place >= 0 else len(nb.cells)
                nb.cells.insert(place, _rebuilt(original, points, original.name in answered))
                self.log.warning(
                    "%s: 採点セル %s がありません（元に戻して採点します）", _where(resources), original.name
                )


def _rebuilt(original, points: float, is_solution: bool) -> NotebookNode:
    cell = new_code_cell() if original.cell_type == "code" else new_markdown_cell()
    cell.source = original.source
    cell.metadata["nbgrader"] = {
        "grade": True,
        "grade_id": original.name,
        "locked": bool(original.locked),
        "points": points,
        "schema_version": 3,
        "solution": is_solution,
        "task": False,
        "cell_type": original.cell_type,
        "checksum": original.checksum,
    }
    return cell


def _grade_id(cell) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _where(resources) -> str:
    names = resources["nbgrader"]
    return f"{names['student']}/{names['assignment']}/{names['notebook']}.ipynb"


class ExecuteAll(Execute):
    """Runs a notebook as nbgrader does; a dead or stuck kernel ends the run, not the grading."""

    def preprocess(self, nb, resources=None, km=None):
        try:
            return super().preprocess(nb, resources, km=km)
        except (DeadKernelError, CellTimeoutError, UnresponsiveKernelError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            self.log.warning("%s: 実行が途中で止まりました（%s）", _where(resources), first)
            return nb, resources


class FailClosed(NbGraderPreprocessor):
    """After execution: warnings on stderr cost nothing, and no score means 0 with a reason, not full marks."""

    def preprocess_cell(self, cell, resources, cell_index):
        if not (utils.is_grade(cell) and cell.cell_type == "code"):
            return cell, resources
        # nbgrader takes anything on stderr for a failure; here the check itself decides.
        cell.outputs = [o for o in cell.outputs if not (o.output_type == "stream" and o.name == "stderr")]
        reason = self._why_no_score(cell)
        if reason:
            self.log.warning("%s: %s は 0 点です（%s）", _where(resources), _grade_id(cell), reason)
            kept = [o for o in cell.outputs if o.output_type != "execute_result"]
            cell.outputs = [_zero(reason), *kept]
        return cell, resources

    def _why_no_score(self, cell) -> str | None:
        errors = [o for o in cell.outputs if o.output_type == "error"]
        if errors:
            name, text = errors[0].ename, errors[0].evalue
            if name == "NameError":
                return f"必要な名前が定義されていません: {text}"
            return f"採点セルがエラーで終わりました: {name} {text}".strip()
        if cell.get("execution_count") is None:
            return "採点セルが実行されませんでした（その前で実行が止まっています）"
        results = [o.data.get("text/plain", "") for o in cell.outputs if o.output_type == "execute_result"]
        if len(results) != 1:
            return "採点の結果が出ませんでした"
        try:
            points = float(results[0])
        except ValueError:
            return f"採点の結果が数ではありません: {results[0][:60]}"
        if not 0 <= points <= float(cell.metadata.nbgrader["points"]):
            return f"採点の結果が配点の範囲にありません: {results[0][:60]}"
        return None


def _zero(reason: str) -> NotebookNode:
    html = f'<div style="border-left:6px solid #b3261e;padding:8px 12px">0 点: {escape(reason)}</div>'
    return new_output("execute_result", {"text/plain": "0.0", "text/html": html}, execution_count=0)
