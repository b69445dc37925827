"""What grading one submission gives: plain values that travel between processes and rest in a JSON file."""

import dataclasses
import json
from dataclasses import dataclass, field

# Beside the three states of an exercise: the check gave no score (the code crashed, hung, or was not there).
NOT_GRADED = "採点不能"


@dataclass(frozen=True)
class Mark:
    """The outcome of one auto-graded cell.

    Args:
        cell: nbgrader's id, "test-2-1". exercise: "2-1", or "" where the cell gave no score.
        points, max_points: what was given, and of how much.
        state: 正解, 不正解, 未解答 or 採点不能.
        message: the first line of the card, or why there is none.
        mistake: the known mistake that the card names, or "".
        seconds: wall time of the test cell.
    """

    cell: str
    exercise: str
    points: float
    max_points: float
    state: str
    message: str
    mistake: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Problem:
    """Something about a submission that a person must know.

    Args:
        student: as nbgrader names them. file: the submission's path as the lecturer knows it, or "".
        kind: 遅れ, 未提出, 重複, 名前違い, 採点できません, …. says: one line, in Japanese.
    """

    student: str
    file: str
    kind: str
    says: str


@dataclass(frozen=True)
class Result:
    """One graded submission.

    Args:
        student, chapter: as nbgrader names them.
        fingerprint: of the submission and of what graded it; the same means: no need to grade again.
        notebook: the executed notebook as JSON text, as it goes below ``autograded/``.
        marks: one for each auto-graded cell, in the order of the notebook.
        answers: the student's code in the solution cells, by nbgrader's id.
        untouched: nbgrader's ids of the solution cells that are as they were handed out.
        remarks: what a person should look at, in Japanese, one line each.
        late: seconds after the due date, 0 if in time or if there is none.
        seconds: wall time of grading this submission.
    """

    student: str
    chapter: str
    fingerprint: str
    notebook: str
    marks: tuple[Mark, ...]
    answers: dict[str, str] = field(default_factory=dict)
    untouched: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    late: float = 0.0
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """The sum over the auto-graded cells."""
        return sum(mark.points for mark in self.marks)

    def dumps(self) -> str:
        """As JSON text (one line a field would be no easier to read: the notebook is one of them)."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> "Result":
        """The result that :meth:`dumps` wrote.

        Raises:
            ValueError: if the text is not one.
        """
        try:
            fields = json.loads(text)
            marks = tuple(Mark(**mark) for mark in fields.pop("marks"))
            untouched, remarks = tuple(fields.pop("untouched")), tuple(fields.pop("remarks"))
            return cls(marks=marks, untouched=untouched, remarks=remarks, **fields)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"採点結果のファイルではありません（{type(error).__name__}: {error}）") from None
