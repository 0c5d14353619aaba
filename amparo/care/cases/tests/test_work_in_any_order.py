"""After any actions in any order, the next task of an open case is its open task with the earliest due date."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.care.cases import tasks_planning
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import CLOSED, Closing, TaskKind
from amparo.care.cases.rules import close_case, finish_task, follow_up, move_task, plan_task, reopen_case, write_note
from amparo.foundation.core.refusal import Refused
from tests.repetitions import repeat

HOURS, WHICH = st.integers(-5, 24 * 400), st.integers(0, 9)


class Working(RuleBasedStateMachine):
    """One case and its tasks."""

    made: tuple = ()

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.case, self.ana, self.now = self.made

    def attempt(self, verb, *args, **more):
        with suppress(Refused), transaction.atomic():
            verb(*args, by=self.ana, now=self.now, **more)

    def task(self, which):
        tasks = list(self.case.tasks.order_by("due", "pk"))
        return tasks[which % len(tasks)]

    def due(self, hours):
        return self.now + timedelta(hours=hours)

    @rule(hours=HOURS, is_critical=st.booleans())
    def plans(self, hours, is_critical):
        self.attempt(plan_task, self.case, TaskKind.ASK, self.due(hours), is_critical=is_critical)

    @rule(which=WHICH, hours=st.none() | HOURS, was_done=st.booleans())
    def finishes(self, which, hours, was_done):
        then = {} if hours is None else {"then": TaskKind.CALL, "due": self.due(hours)}
        self.attempt(finish_task, self.task(which), was_done=was_done, **then)

    @rule(which=WHICH, hours=HOURS)
    def moves(self, which, hours):
        self.attempt(move_task, self.task(which), self.due(hours), why="invented")

    @rule(closing=st.sampled_from(Closing.values))
    def closes(self, closing):
        self.attempt(close_case, self.case, closing)

    @rule(hours=HOURS)
    def reopens(self, hours):
        self.attempt(reopen_case, self.case, task=TaskKind.REVIEW, due=self.due(hours))

    @rule(only=st.booleans())
    def follows(self, only):
        self.attempt(follow_up, self.case, only=only)

    @rule()
    def writes(self):
        self.attempt(write_note, self.case, "invented words")

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def an_open_case_has_its_nearest_task_next(self):
        case = Case.objects.get(pk=self.case.pk)
        nearest = case.tasks.filter(is_open=True).order_by("due", "pk").values_list("due", flat=True).first()
        if case.is_open:
            assert (case.next_due, case.next_task and case.next_task.due) == (nearest, nearest), "next"
            assert nearest is not None
        else:
            assert (case.next_task, nearest, case.state in CLOSED, case.closing != "") == (None, None, True, True)

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)


SHORT = settings(
    max_examples=repeat(10, 200), stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip


@pytest.fixture
def machine(case, ana, now, monkeypatch):
    monkeypatch.setattr(Working, "made", (case, ana, now))
    return Working


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
def test_an_open_case_is_never_without_a_next_task(machine):
    run_state_machine_as_test(machine, settings=SHORT)


def test_the_control_a_verb_that_forgets_the_next_task_is_found(machine, monkeypatch):
    monkeypatch.setattr(tasks_planning, "set_next_task", lambda case: None)
    story = machine()
    story.plans(0, False)
    with pytest.raises(AssertionError, match="next"):
        story.an_open_case_has_its_nearest_task_next()
    story.teardown()
