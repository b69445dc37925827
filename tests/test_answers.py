"""The graders are graded: right answers of every style, wrong ones with their message, faults made by syntax edits."""

import answers
import pytest
import sources
from answers.equivalent import EQUIVALENT
from measure import false_alarms, said, survivors

from course_utils.exercises import State, check, find

RIGHT = [a for a in answers.ANSWERS if a.says is None]
WRONG = [a for a in answers.ANSWERS if a.says is not None]
EXERCISES = sources.exercises()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_model_answer_gets_full_marks(exercise):
    score = sources.grade(exercise, sources.model_answer(exercise))
    assert score.state is State.RIGHT, said(score)
    assert float(repr(score)) == find(exercise).points


@pytest.mark.parametrize("answer", RIGHT, ids=lambda a: a.name)
def test_right_answer_gets_full_marks(answer):
    score = sources.grade(answer.exercise, answer.function)
    assert score.state is State.RIGHT, said(score)
    assert score.points == find(answer.exercise).points


@pytest.mark.parametrize("answer", WRONG, ids=lambda a: a.name)
def test_wrong_answer_draws_its_message(answer):
    score = sources.grade(answer.exercise, answer.function)
    assert score.state is State.WRONG
    assert score.points == answer.points
    assert answer.says in said(score), said(score)


@pytest.mark.parametrize("answer", WRONG, ids=lambda a: a.name)
def test_learner_sees_a_wrong_answer_as_wrong(answer):
    # The public cases alone, which are all that a learner has, already tell.
    score = check(answer.exercise, answer.function)
    assert score.state is State.WRONG
    assert answer.says in said(score), said(score)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_enough_answers(exercise):
    assert sum(a.exercise == exercise for a in RIGHT) >= 3
    assert sum(a.exercise == exercise for a in WRONG) >= 4


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_known_mistake_is_made_by_a_wrong_answer(exercise):
    made = {check(exercise, a.function).mistake for a in WRONG if a.exercise == exercise}
    missing = [m.says for m in find(exercise).mistakes if m not in made]
    assert len({m.says for m in find(exercise).mistakes if m not in made} - {m.says for m in made if m}) == 0, missing


@pytest.mark.parametrize("exercise", EXERCISES)
def test_points_agree_with_nbgrader(exercise):
    assert sources.nbgrader(sources.cell(exercise, "test"))["points"] == find(exercise).points


@pytest.mark.parametrize("exercise", EXERCISES)
def test_unsolved_is_unanswered(exercise):
    score = sources.grade(exercise, _unsolved)
    assert (score.state, repr(score)) == (State.UNANSWERED, "0")
    assert "未解答" in score._repr_html_()


def _unsolved(*args, **kwargs):
    raise NotImplementedError


@pytest.mark.parametrize("exercise", EXERCISES)
def test_faults_in_the_model_answer_lose_points(exercise):
    alive, total = survivors(exercise)
    unexplained = [description for description in alive if (exercise, description) not in EQUIVALENT]
    assert total >= 5
    assert len(unexplained) <= 0.05 * (total - len(alive) + len(unexplained)), unexplained
    # A mutant that is caught after all needs no excuse.
    assert {description for number, description in EQUIVALENT if number == exercise} <= set(alive)


@pytest.mark.parametrize("exercise", [n for n in EXERCISES if find(n).random])
def test_right_draws_are_accepted_for_many_seeds(exercise):
    assert false_alarms(find(exercise), seeds=100) == 0
