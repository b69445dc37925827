"""nbgrader's gradebook, written by one process, one submission a transaction: all of a result is there, or none."""

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DBAPIError, SAWarning, SQLAlchemyError
from traitlets.config import Config

from .build import generate
from .key import Key
from .results import Result


class GradebookError(Exception):
    """The gradebook cannot be used; the message says why and what to do."""


class Book:
    """The gradebook of one chapter. Use as a context manager.

    Args:
        config: ``nbgrader_config.py``, read. key: the chapter's; a chapter that the gradebook does not know is
            registered, as ``nbgrader generate_assignment`` would.

    Raises:
        GradebookError: if the database cannot be opened, or knows other cells than the key.
    """

    def __init__(self, root: Path, config: Config, key: Key):
        self.key = key
        self.url = config.CourseDirectory.db_url
        # nbgrader calls alembic when it makes a new database, and leaves half of one behind where it finds none.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        with self._told():
            self.book = Gradebook(self.url, config.CourseDirectory.course_id)
            if key.chapter not in {assignment.name for assignment in self.book.assignments}:
                with tempfile.TemporaryDirectory() as release:
                    generate(root, key.chapter, Path(release), db_url=self.url)
                self.book.db.expire_all()
            known = {
                cell.name: cell.max_score for cell in self.book.find_notebook(key.chapter, key.chapter).grade_cells
            }
        if known != {cell.grade_id: cell.points for cell in key.cells if cell.is_graded}:
            self.close()
            raise GradebookError(
                f"成績簿にある {key.chapter} の採点セルが solutions/ と違います。"
                f"nbgrader generate_assignment {key.chapter} を実行してから採点してください"
            )
        plugin = config.AssignLatePenalties.get("plugin_class", LateSubmissionPlugin)
        self.penalties = AssignLatePenalties(config=config, plugin_class=plugin)
        self.penalties.init_plugin()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.book.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Says in one line what the database's driver says in a page."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, harmless
                yield
        except SQLAlchemyError as error:
            why = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
            raise GradebookError(
                f"成績簿（{_public(self.url)}）を使えません（{why}）。採点した結果は reports/ に残っています。"
                "直したあとでもう一度実行すると、採点し直さずに続きから書き込みます"
            ) from None
        except ModuleNotFoundError as error:
            raise GradebookError(f"成績簿（{_public(self.url)}）に必要な {error.name} がありません") from None

    def students(self) -> list[str]:
        """All students that the gradebook knows."""
        with self._told():
            return [student.id for student in self.book.students]

    def recorded(self) -> dict[str, tuple]:
        """What the gradebook holds of the chapter's submissions, by student; see :meth:`write`."""
        found: dict[str, tuple] = {}
        with self._told():
            for submission in self.book.assignment_submissions(self.key.chapter):
                for notebook in submission.notebooks:
                    scores = {grade.name: grade.auto_score for grade in notebook.grades}
                    found[submission.student.id] = scores, submission.timestamp, submission.total_seconds_late
        return found

    def write(
        self, result: Result, marks: dict[str, float | None], handed_in: datetime | None, recorded: tuple | None = None
    ) -> float:
        """Record a result. What a person gave by hand is never touched. Returns the seconds of lateness.

        Args:
            marks: the points of every graded cell; ``None`` waits for a person.
            handed_in: when, in UTC, if that is known.
            recorded: what the gradebook holds of this student already; if it is this result, nothing is written.

        Raises:
            GradebookError: nothing of the result has then been written.
        """
        if recorded and recorded[0] == marks and recorded[1] in (handed_in, None) and (recorded[1] or not handed_in):
            return recorded[2]
        with self._told(), self._one_transaction():
            book, chapter, student = self.book, self.key.chapter, result.student
            book.update_or_create_student(student)
            when = {"timestamp": handed_in} if handed_in else {}
            submission = book.update_or_create_submission(chapter, student, **when)
            (notebook,) = (one for one in submission.notebooks if one.name == chapter)
            for grade in notebook.grades:
                grade.auto_score = marks[grade.name]
                # As nbgrader has it: what was graded by hand before wants another look.
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            for comment in notebook.comments:
                # An answer that was left as it was: nbgrader and formgrader know it by this word.
                comment.auto_comment = "No response." if comment.name in result.untouched else None
            book.db.flush()
            book.db.refresh(notebook)
            notebook.late_submission_penalty = None
            late = submission.total_seconds_late
            if late > 0:
                penalty = self.penalties.plugin_inst.late_submission_penalty(student, notebook.score, late)
                if penalty is not None:
                    notebook.late_submission_penalty = self.penalties._check_late_penalty(notebook, penalty)
            book.db.commit()
            return late

    @contextlib.contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """nbgrader commits after each of its steps: here these commits wait for the end of the block.

        SQLAlchemy calls this joining a session into an external transaction.
        """
        session = self.book.db
        session.remove()
        with self.book.engine.begin() as connection:
            session.configure(bind=connection, join_transaction_mode="rollback_only")
            try:
                yield
            finally:
                session.remove()
                session.configure(bind=self.book.engine, join_transaction_mode="conditional_savepoint")


def _public(url: str) -> str:
    """A database's address without its password."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)
