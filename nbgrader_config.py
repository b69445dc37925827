"""How nbgrader works in this course. Run nbgrader's commands in this folder."""

from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades

from course_utils.grading import feedback, hooks

c = get_config()  # noqa: F821  (given by traitlets)

ROOT = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "generative-models"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# Without the timeout a lock held by another process (formgrader, say) aborts the whole batch.
c.CourseDirectory.db_url = f"sqlite:///{ROOT / 'gradebook.db'}?timeout=60"

# notebooks/ is in the repository, and without this nbgrader would skip what exists and leave the gradebook empty.
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("ここにコードを書いてください")'}
c.ClearSolutions.text_stub = "（ここに解答を書いてください）"

c.Execute.timeout = 60
c.Execute.iopub_timeout = 10
# Validate also reports a cell that fails outside the exercises: the course's own cells never do.
c.Validator.validate_all = True

c.Autograde.exporter_class = hooks.SubmissionExporter
# The student's cells run in a sandbox, the tests outside it. Where there is no bubblewrap:
# nbgrader autograde … --Isolated.sandbox=False
c.Autograde.sanitize_preprocessors = [hooks.Mend, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [
    hooks.Mend,
    hooks.Isolated,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
# What students get back: in Japanese, offline, and without the hidden tests.
c.GenerateFeedback.exporter_class = feedback.FeedbackExporter
c.GenerateFeedback.preprocessors = feedback.PREPROCESSORS

c.Application.logging_config = {
    "filters": {"one_line": {"()": "course_utils.grading.hooks.OneLine"}},
    "handlers": {"console": {"filters": ["one_line"]}},
}
