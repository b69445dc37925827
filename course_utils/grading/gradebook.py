"""nbgrader's gradebook, written by one process, one submission a transaction: all of a result is there, or none."""

import contextlib
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, InvalidEntry, app_log, get_alembic_version
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SAWarning, SQLAlchemyError
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
        try:
            make_url(self.url)
        except (ArgumentError, ValueError):  # what they say may quote the password
            raise GradebookError(
                "成績簿の URL を読めません（例: sqlite:////course/gradebook.db、postgresql+psycopg2://名前@ホスト/成績簿）"
            ) from None
        # nbgrader calls alembic when it makes a new database, and leaves half of one behind where it finds none.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        with self._told():
            self.book = Gradebook(self.url, config.CourseDirectory.course_id)
            # nbgrader takes many steps to make a gradebook and to register a chapter, and may have been stopped after
            # any of them. While there are no submissions, they can be taken again.
            if not self.book.assignments:
                self._stamp()
            if not self._is_registered() and not self._has_submissions():
                with tempfile.TemporaryDirectory() as release:
                    generate(root, key.chapter, Path(release), db_url=self.url)
                self.book.db.expire_all()
            points = {cell.name: cell.max_score for cell in self._cells("grade_cells")}
        if points != key.points:
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

    def _cells(self, kind: str) -> list:
        """What the gradebook knows of the chapter: its ``grade_cells``, ``solution_cells`` or ``source_cells``."""
        notebooks = [one for a in self.book.assignments if a.name == self.key.chapter for one in a.notebooks]
        return [cell for one in notebooks if one.name == self.key.chapter for cell in getattr(one, kind)]

    def _is_registered(self) -> bool:
        answers = {cell.grade_id for cell in self.key.cells if cell.metadata["solution"]}
        return (
            {cell.name: cell.max_score for cell in self._cells("grade_cells")} == self.key.points
            and {cell.name for cell in self._cells("solution_cells")} == answers
            and {cell.name for cell in self._cells("source_cells")} == {cell.grade_id for cell in self.key.cells}
        )

    def _has_submissions(self) -> bool:
        return any(a.name == self.key.chapter and a.submissions for a in self.book.assignments)

    def _stamp(self) -> None:
        """The version of the tables, by which ``nbgrader db upgrade`` knows them."""
        with self.book.engine.begin() as connection:
            if not inspect(connection).has_table("alembic_version"):
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            if not connection.execute(text("SELECT version_num FROM alembic_version")).first():
                row = {"version": get_alembic_version()}
                connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), row)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Says in one line what the database's driver says in a page."""
        app_log.addFilter(_said)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, harmless
                yield
        except (SQLAlchemyError, InvalidEntry) as error:
            why = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
            raise GradebookError(
                f"成績簿（{_public(self.url)}）を使えません（{why}）。採点した結果は reports/ に残っています。"
                "直したあとでもう一度実行すると、採点し直さずに続きから書き込みます"
            ) from None
        except ModuleNotFoundError as error:
            raise GradebookError(f"成績簿（{_public(self.url)}）に必要な {error.name} がありません") from None
        except (OSError, subprocess.CalledProcessError) as error:
            # The files that nbgrader needs for a moment while it makes a gradebook.
            why = error.strerror if isinstance(error, OSError) else "alembic が失敗しました"
            raise GradebookError(f"成績簿（{_public(self.url)}）を用意できません（{why}）") from None
        finally:
            app_log.removeFilter(_said)

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
        if recorded and recorded[0] == marks and (not handed_in or recorded[1] == handed_in):
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


def _said(record) -> bool:
    """A logging filter for the page of traceback that nbgrader prints before it raises the same."""
    return record.exc_info is None


def _public(url: str) -> str:
    """A database's address without its password, which may also stand among the options."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)
