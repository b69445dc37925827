"""What a student gets back: one page in Japanese with the points, the answers, the cards and the comments.

nbgrader's own feedback prints the hidden tests, and the errors that quote them. Its hooks do better
(``GenerateFeedback`` in ``nbgrader_config.py``):

- :class:`Grades` knows which answers still wait for a person;
- :class:`AsReleased` cuts the hidden tests out of the test cells;
- :class:`OpenResults` leaves of the outputs what a student may read;
- :class:`FeedbackPage` makes the page (``templates/course_feedback``) of the exercises alone. The chapter around
  them is in the student's own notebook, and here it would come without its figures: grading draws none.

The page needs no network and no script, and forbids both: it may hold anything that a student wrote.
"""

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import bleach
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from ..edition import editions
from ..exercises.card import without_hidden
from .results import NOT_GRADED

WAITING, READ, UNANSWERED = "採点待ち", "採点済み", "未解答"
_STATE = re.compile(r'aria-label="演習 \S+ の採点結果: (正解|不正解|未解答)"')
# What nbgrader itself writes where an answer was left as it was; the state says it in Japanese.
_UNTOUCHED = "No response."


class Grades(GetGrades):
    """Points and comments from the gradebook, as in nbgrader, and whether a person has given them."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        names = (cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*names)
        cell.metadata.nbgrader["waiting"] = grade.needs_manual_grade
        cell.metadata.nbgrader["by_hand"] = grade.manual_score is not None and grade.manual_score != grade.auto_score


class AsReleased(ClearHiddenTests):
    """Test cells without their hidden tests. Only there: a student may write the delimiters anywhere else."""

    def preprocess_cell(self, cell, resources, cell_index):
        if _is_test(cell):
            super().preprocess_cell(cell, resources, cell_index)
            cell.source = cell.source.strip()
        return cell, resources


class OpenResults(NbGraderPreprocessor):
    """Of a test cell the cards, without what quotes a hidden input; of an answer the errors in one line each.

    Tracebacks quote the hidden tests, and prints may: both go.
    """

    def preprocess(self, nb, resources):
        sources = [cell.source for cell in nb.cells if cell.cell_type == "code" and not _is_test(cell)]
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            if _is_test(cell):
                cell.outputs = [o for o in cell.outputs if o.output_type == "execute_result" and "text/html" in o.data]
                for output in cell.outputs:
                    output.data = {"text/html": without_hidden(output.data["text/html"], sources)}
                    output.metadata = {}
            else:
                cell.outputs = [o for o in cell.outputs if o.output_type == "error"]
                for output in cell.outputs:
                    output.traceback = []
                    # IPython's name of a cell means nothing to a reader: "invalid syntax (2810522684.py, line 1)".
                    output.evalue = re.sub(r" \([^()]*, line (\d+)\)$", r"（\1 行目）", output.evalue)[:300]
        return nb, resources


@dataclass
class Part:
    """One exercise of the page: nbgrader's cells that belong to it, in their order."""

    number: str
    title: str
    cells: list[NotebookNode] = field(default_factory=list)

    @property
    def graded(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if utils.is_grade(cell) or utils.is_task(cell)]

    @property
    def points(self) -> float:
        return sum(cell.metadata.nbgrader["score"] for cell in self.graded)

    @property
    def possible(self) -> float:
        return sum(cell.metadata.nbgrader["points"] for cell in self.graded)

    @property
    def by_hand(self) -> bool:
        """Whether a person changed the points of a check."""
        return any(_is_test(cell) and cell.metadata.nbgrader["by_hand"] for cell in self.graded)

    @property
    def state(self) -> str:
        return "、".join(dict.fromkeys(map(_state, self.graded)))


class FeedbackExporter(HTMLExporter):
    """Writes the page. Whatever else nbgrader sets for HTML (formgrader its own template) does not matter here."""

    @property
    def default_config(self):
        own = {
            "template_name": "course_feedback",
            "extra_template_basedirs": [str(Path(__file__).parent / "templates")],
        }
        return Config(FeedbackExporter=own)

    def default_filters(self):
        yield from super().default_filters()
        yield "written", _written


class FeedbackPage(NbGraderPreprocessor):
    """Puts together what the template shows."""

    def preprocess(self, nb, resources):
        chapter = resources["nbgrader"]["assignment"]
        edition = editions().get(chapter)
        titles = {task.number: task.title for task in edition.tasks} if edition else {}
        parts: dict[str, Part] = {}
        for cell in nb.cells:
            known = cell.metadata.get("nbgrader", {})
            if not (utils.is_solution(cell) or utils.is_grade(cell) or utils.is_task(cell)):
                continue
            if known.get("comment") == _UNTOUCHED:
                known["comment"] = None
            number = known["grade_id"].split("-", 1)[-1]
            parts.setdefault(number, Part(number, titles.get(number, ""))).cells.append(cell)
        resources["feedback"] = {
            "title": edition.title if edition else resources["nbgrader"]["notebook"],
            "parts": list(parts.values()),
            "waiting": any(WAITING in part.state for part in parts.values()),
            "colours": HtmlFormatter().get_style_defs(".highlight"),
        }
        return nb, resources


def _is_test(cell) -> bool:
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def _state(cell) -> str:
    known = cell.metadata.nbgrader
    if known.get("waiting"):
        return WAITING
    if not _is_test(cell):
        return READ if known.get("by_hand") else UNANSWERED
    found = _STATE.search("".join(output.data["text/html"] for output in cell.outputs))
    return found[1] if found else NOT_GRADED


_TAGS = [
    *bleach.ALLOWED_TAGS, "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "div", "span", "del", "img",
    "sub", "sup", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
]  # fmt: skip


def _written(source: str, attachments: dict | None = None) -> str:
    """Markdown as HTML. Formulas stay as they were typed, TeX between $: drawing them needs a script."""
    renderer = IPythonRenderer(escape=False, attachments=attachments or {}, exclude_anchor_links=True)
    try:
        html = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # a picture that was not handed in, say; the text counts
        return f"<pre>{escape(source)}</pre>"
    allowed = {"a": ["href", "title"], "img": ["src", "alt"], "*": ["class"]}
    return bleach.clean(html, tags=_TAGS, attributes=allowed, protocols=["http", "https", "mailto", "data"])


PREPROCESSORS = [Grades, AsReleased, OpenResults, FeedbackPage]
