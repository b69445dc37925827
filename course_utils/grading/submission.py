"""Grade one submission: a pure function of what was handed in and the chapter's key.

:class:`Grader` is what every way of grading uses: ``nbgrader autograde`` (through :mod:`.hooks`), ``course grade`` and
its workers. It keeps a warm sandbox and grades one submission after the other; no submission can tell which came
before it.
"""

import dataclasses
import hashlib
import json
import time
from functools import lru_cache

import nbformat
from nbformat import NotebookNode

from .examine import Clock, examine, unknown_names, zero
from .files import usable
from .key import Key, KeyCell, name_of
from .mend import clean, mend
from .results import NOT_GRADED, Mark, Result
from .sandbox import Gone, Limits, Sandbox
from .story import Step, UnclearError, step, unneeded

# A submission that keeps killing its process is stopped here.
RESTARTS = 8
# Characters of JSON that the outputs of one cell may have; the room cuts them long before.
LONGEST_OUTPUTS = 3_000_000
# Most cells of a submission are as they were handed out.
_step = lru_cache(maxsize=200)(step)


def fingerprint(key: Key, notebook: bytes, files: dict[str, bytes]) -> str:
    """What the result of a submission depends on, in one digest."""
    digest = hashlib.sha256(key.fingerprint.encode() + notebook)
    for name in sorted(files):
        digest.update(name.encode(errors="surrogateescape") + b"\0" + files[name])
    return digest.hexdigest()


class Grader:
    """Grades submissions of one chapter, one after the other. Use as a context manager.

    Args:
        isolated: with bubblewrap. Without it the limits remain, but a student's code sees this machine.

    Raises:
        SandboxError: if ``isolated`` and bubblewrap cannot be used here.
    """

    def __init__(self, key: Key, *, isolated: bool = True, limits: Limits | None = None):
        self.key, self.limits = key, limits or Limits()
        self.sandbox = Sandbox(key.imports, self.limits, isolated=isolated)
        # The names that each test cell takes from the student.
        self.wanted = {cell.grade_id: unknown_names(cell.source, key.imports) for cell in key.tests}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def grade(self, student: str, notebook: bytes, files: dict[str, bytes] | None = None) -> Result:
        """Grade what ``student`` handed in: the notebook's file and the other ``files`` beside it, by relative path.

        Raises:
            SubmissionError: if the file is no notebook of this chapter.
        """
        started = time.monotonic()
        identity = fingerprint(self.key, notebook, files or {})
        files, remarks = usable(files or {})
        cells = clean(notebook)
        remarks += mend(cells, self.key)
        answered = [cell for cell in cells.cells if cell.metadata.get("nbgrader", {}).get("solution")]
        released = {cell.grade_id: cell.released for cell in self.key.cells}
        marks, more = self.execute(cells, files)
        return Result(
            student=student,
            chapter=self.key.chapter,
            fingerprint=identity,
            notebook=nbformat.writes(cells),
            marks=tuple(marks),
            answers={name_of(cell): cell.source for cell in answered if cell.cell_type == "code"},
            untouched=tuple(name_of(cell) for cell in answered if cell.source == released[name_of(cell)]),
            remarks=(*remarks, *more),
            seconds=round(time.monotonic() - started, 3),
        )

    def execute(self, notebook: NotebookNode, files: dict[str, bytes]) -> tuple[list[Mark], list[str]]:
        """Run a mended notebook and fill in its outputs; returns the marks and what a person should look at."""
        spared = self._spared(notebook)
        run = _Run(self, notebook, files)
        run.all(skip=spared.keys())
        if run.missed & set().union(*spared.values()):
            # The text did not tell all: run everything.
            run = _Run(self, notebook, files)
            run.all(skip=())
        return run.marks, run.remarks

    def _spared(self, notebook: NotebookNode) -> dict[str, frozenset[str]]:
        """The unchanged cells that need not run, with what they would have bound."""
        told, steps = set(self.key.story), []
        try:
            for cell in notebook.cells:
                if cell.cell_type == "code" and name_of(cell) in self.wanted:
                    steps.append(Step("test", "", self.wanted[name_of(cell)]))
                elif cell.cell_type == "code":
                    steps.append(_step("story" if cell.source in told else "own", cell.source))
            return unneeded(_step("story", self.key.imports), steps)
        except UnclearError:
            return {}


class _Run:
    """One pass over a notebook."""

    def __init__(self, grader: Grader, notebook: NotebookNode, files: dict[str, bytes]):
        self.key, self.sandbox, self.limits = grader.key, grader.sandbox, grader.limits
        self.wanted = grader.wanted
        self.notebook, self.files = notebook, files
        self.clock = Clock(self.limits.total_seconds)
        self.ran: list[str] = []  # what a new process has to run again
        self.failed: dict[str, str] = {}  # answers that did not run, by nbgrader's id: why
        self.crashed: set[str] = set()
        self.restarts = 0
        self.stopped = ""
        self.missed: set[str] = set()
        self.marks: list[Mark] = []
        self.remarks: list[str] = []

    def all(self, skip) -> None:
        """Run every cell but those of ``skip``, in order."""
        tests = {cell.grade_id: cell for cell in self.key.tests}
        self.sandbox.open(self.files)
        for count, cell in enumerate((c for c in self.notebook.cells if c.cell_type == "code"), 1):
            cell.outputs, cell.execution_count = [], None
            test = tests.get(name_of(cell))
            if test:
                self._examine(cell, test)
            elif cell.source.strip() and cell.source not in skip:
                self._run(cell)
            if cell.outputs or test:
                cell.execution_count = count
                for output in cell.outputs:
                    if "execution_count" in output:
                        output["execution_count"] = count
        self.sandbox.leave()

    def _run(self, cell: NotebookNode) -> None:
        """A cell of the student's, or one of the story that is needed."""
        if not self._may_go_on():
            return
        try:
            answer = self.sandbox.run(cell.source, self._seconds())
            cell.outputs = _checked(answer)
            self.missed.add(str(answer.get("missing", "")))
            self.ran.append(cell.source)
            errors = [output for output in cell.outputs if output.output_type == "error"]
            if errors:
                self.failed[name_of(cell)] = f"エラーで終わっています（{errors[0].ename}: {errors[0].evalue[:200]}）"
            else:
                self.failed.pop(name_of(cell), None)
        except Gone as gone:
            cell.outputs = [_stopped(str(gone))]
            self.failed[name_of(cell)] = f"止まりました（{gone}）"
            self.crashed.add(name_of(cell))
            self.remarks.append(f"{name_of(cell) or '学生が加えたセル'}: {gone}")
            self._again()

    def _examine(self, cell: NotebookNode, test: KeyCell) -> None:
        """A test cell: here, in the grader's process."""
        if not self._may_go_on():
            mark = Mark(test.grade_id, test.number, 0.0, test.points, NOT_GRADED, self.stopped)
            cell.outputs = [_node(zero(self.stopped))]
            self.marks.append(mark)
            return
        clock = Clock(self._seconds())
        outcome, missed = examine(test, self.key.imports, self.wanted[test.grade_id], self.sandbox, clock)
        self.missed |= missed
        mark = self._explained(outcome.mark, test)
        cell.outputs = [_node(output) for output in outcome.outputs]
        if mark is not outcome.mark:
            cell.outputs[0] = _node(zero(mark.message))
        if mark.state == NOT_GRADED:
            self.remarks.append(f"{test.grade_id} は 0 点です（{mark.message}）")
        self.marks.append(mark)
        if not self.sandbox.is_open:
            self._again()

    def _explained(self, mark: Mark, test: KeyCell) -> Mark:
        """Where the answer's own cell failed, that is the reason."""
        answer = self.key.answer_to(test)
        why = self.failed.get(answer.grade_id) if answer else None
        if why and mark.message.endswith("定義されていません"):
            state = NOT_GRADED if answer.grade_id in self.crashed else mark.state
            return dataclasses.replace(mark, state=state, message=f"{mark.message}。解答のセルが{why}")
        return mark

    def _seconds(self) -> float:
        return min(self.limits.cell_seconds, self.clock.left)

    def _may_go_on(self) -> bool:
        if not self.stopped and self.clock.left <= 0:
            self.stopped = f"全体が {self.limits.total_seconds:.0f} 秒で終わりませんでした"
        return not self.stopped

    def _again(self) -> None:
        """A fresh process, in which what ran well runs again."""
        while self._may_go_on():
            self.restarts += 1
            if self.restarts > RESTARTS:
                self.stopped = f"プロセスが {RESTARTS} 回より多く止まったので、打ち切りました"
                return
            self.sandbox.open(self.files)
            for source in list(self.ran):
                try:
                    self.sandbox.run(source, self._seconds())
                except Gone:
                    self.ran.remove(source)
                    break
            else:
                return


def _node(output: dict) -> NotebookNode:
    return nbformat.from_dict(output)


def _checked(answer: dict) -> list[NotebookNode]:
    """The outputs that came from the sandbox, if they are what they should be; they go into a file."""
    try:
        text = json.dumps(answer["outputs"])
        if len(text) > LONGEST_OUTPUTS:
            raise ValueError
        outputs = [_node(output) for output in json.loads(text.encode("utf-8", "replace").decode())]
        for output in outputs:
            nbformat.validate(output, ref="output", version=4)
    except Exception:
        raise Gone("実行結果を読み取れません") from None
    return outputs


def _stopped(reason: str) -> NotebookNode:
    return _node({"output_type": "error", "ename": "実行停止", "evalue": reason, "traceback": [reason]})
