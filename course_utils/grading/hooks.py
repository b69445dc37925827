"""nbgrader's own hooks, set up in ``nbgrader_config.py``: no submission is lost, no point is lost or given by accident.

- :class:`SubmissionExporter` reads a submission, or says in one line why it cannot be read;
- :class:`Mend`, while sanitizing, puts the graded cells right (:mod:`.mend`);
- :class:`Isolated`, while autograding, runs the student's code in a sandbox and the tests outside (:mod:`.submission`).
"""

import atexit
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Int

from . import files
from .key import Key, notebooks
from .mend import SubmissionError, clean, mend
from .sandbox import Limits
from .submission import Grader


class SubmissionExporter(NotebookExporter):
    """Reads a notebook and names the file where nbformat would give a page of traceback."""

    def from_file(self, file_stream, resources=None, **kwargs):
        path = Path(file_stream.name)
        try:
            notebook = clean(path.read_bytes())
        except SubmissionError as error:
            raise SubmissionError(f"{path}: {error}") from None
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


class OneLine:
    """A logging filter: the traceback of one of our errors says all in its last line."""

    _OURS = ("course_utils.grading.", "nbgrader.converters.base.NbGraderException")

    def filter(self, record) -> bool:
        text = record.getMessage()
        last = text.strip().splitlines()[-1] if text.strip() else ""
        if text.startswith("Traceback") and last.startswith(self._OURS):
            record.msg, record.args = last.partition(": ")[2], ()
        return True


class Mend(NbGraderPreprocessor):
    """Every graded cell as released, in its place; only the answers and what was added are the student's."""

    def preprocess(self, nb, resources):
        key = keys.of(resources)
        _agrees(key, resources)
        try:
            remarks = mend(nb, key)
        except SubmissionError as error:
            raise SubmissionError(f"{_where(resources)}: {error}") from None
        for remark in remarks:
            self.log.warning("%s: %s", _where(resources), remark)
        return nb, resources


class Isolated(NbGraderPreprocessor):
    """Runs a mended notebook: the student's cells in a sandbox, the test cells in this process."""

    sandbox = Bool(True, help="学生のコードを bubblewrap の中で動かす。False は、信用できる提出物だけに").tag(
        config=True
    )
    cell_seconds = Float(Limits.cell_seconds, help="1 つのセルが使える秒数").tag(config=True)
    total_seconds = Float(Limits.total_seconds, help="1 つの提出物が使える秒数").tag(config=True)
    memory = Int(Limits.memory, help="1 つの提出物が使えるメモリ（バイト）").tag(config=True)

    def preprocess(self, nb, resources):
        limits = Limits(cell_seconds=self.cell_seconds, total_seconds=self.total_seconds, memory=self.memory)
        grader = keys.grader(keys.of(resources), self.sandbox, limits)
        found, remarks = files.beside(Path(resources["metadata"]["path"]))
        _, more = grader.execute(nb, found)
        for remark in (*remarks, *more):
            self.log.warning("%s: %s", _where(resources), remark)
        return nb, resources


class _Keys:
    """The key and the warm grader of the chapter that is being graded in this process."""

    def __init__(self):
        self._key: tuple | None = None
        self._grader: tuple | None = None
        atexit.register(self.close)

    def of(self, resources) -> Key:
        """The chapter's key, read again when one of its notebooks has changed."""
        root, chapter = Path.cwd(), resources["nbgrader"]["assignment"]
        paths = notebooks(root, chapter)
        stamp = tuple((str(path), path.stat().st_mtime_ns if path.exists() else 0) for path in paths)
        if not self._key or self._key[0] != stamp:
            self._key = stamp, Key.load(root, chapter)
        return self._key[1]

    def grader(self, key: Key, isolated: bool, limits: Limits) -> Grader:
        wanted = (key.fingerprint, isolated, limits)
        if not self._grader or self._grader[0] != wanted:
            self.close()
            self._grader = wanted, Grader(key, isolated=isolated, limits=limits)
        return self._grader[1]

    def close(self) -> None:
        if self._grader:
            self._grader[1].close()
            self._grader = None


keys = _Keys()


def _agrees(key: Key, resources) -> None:
    """The gradebook must know the cells that the key grades."""
    names = resources["nbgrader"]
    with Gradebook(names["db_url"]) as gradebook:
        known = {
            cell.name: cell.max_score for cell in gradebook.find_notebook(names["notebook"], key.chapter).grade_cells
        }
    if known != key.points:
        raise SubmissionError(
            f"{_where(resources)}: 成績簿にある課題が solutions/ と違います。"
            f"nbgrader generate_assignment {key.chapter} を実行してから採点してください"
        )


def _where(resources) -> str:
    names = resources["nbgrader"]
    return f"{names['student']}/{names['assignment']}/{names['notebook']}.ipynb"
