"""The course of an approval, as tables of tasks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.approvals.process import Move, Task, begin, decide
from engine.model.formula import Title
from engine.model.machines import Approval, Nobody, Participants, Step


def step(name, sign="any"):
    return Step(name, Title(name), Participants(role=name), sign)


def approval(*steps, **keys):
    return Approval("review", Title("审批"), steps, "approve", "reject", **keys)


PEOPLE = {"first": ["ann", "bob"], "second": ["cyd"], "third": ["ann", "dan", "eve"]}


def find(step):
    return PEOPLE.get(step.id, [])


def always(step):
    return True


class Round:
    """Plays an approval, keeping the tasks as a store would."""

    def __init__(self, declared, starter="zoe", find=find, holds=always):
        self.declared, self.starter, self.find, self.holds = declared, starter, find, holds
        self.tasks, self.ended = [], None
        self.follow(begin(declared, starter, find, holds))

    def follow(self, move: Move):
        closed = set(move.closed)
        self.tasks = [Task(t.step, t.assignee, "cancelled" if t.id in closed else t.state, t.id) for t in self.tasks]
        for task in move.opened:
            self.tasks.append(Task(task.step, task.assignee, task.state, str(len(self.tasks))))
        self.ended = move.ended

    def sign(self, who, outcome="agree"):
        task = next(t for t in self.tasks if t.state == "open" and t.assignee == who)
        move = decide(self.declared, self.tasks, task.id, outcome, self.starter, self.find, self.holds)
        state = "agreed" if outcome == "agree" else "refused"
        self.tasks = [Task(t.step, t.assignee, state, t.id) if t.id == task.id else t for t in self.tasks]
        self.follow(move)

    @property
    def waiting(self):
        return [(t.step, t.assignee) for t in self.tasks if t.state == "open"]


def test_one_signature_of_any_carries_the_step():
    course = Round(approval(step("first"), step("second")))
    assert course.waiting == [("first", "ann"), ("first", "bob")]
    course.sign("bob")
    assert course.waiting == [("second", "cyd")]
    course.sign("cyd")
    assert course.ended == "agree"


def test_all_must_sign():
    course = Round(approval(step("first", "all")))
    course.sign("ann")
    assert course.waiting == [("first", "bob")]
    course.sign("bob")
    assert course.ended == "agree"


def test_in_order_asks_one_after_the_other():
    course = Round(approval(step("third", "in_order")))
    assert course.waiting == [("third", "ann")]
    for who in ("ann", "dan", "eve"):
        assert course.ended is None
        course.sign(who)
    assert course.ended == "agree"


def test_a_share_decides_as_soon_as_it_is_certain():
    course = Round(approval(step("third", Decimal(2) / 3)))
    course.sign("ann")
    course.sign("dan", "refuse")
    assert course.ended is None
    course.sign("eve")
    assert course.ended == "agree"
    lost = Round(approval(step("third", Decimal(2) / 3)))
    lost.sign("ann", "refuse")
    lost.sign("dan", "refuse")
    assert lost.ended == "refuse"
    assert lost.waiting == []


def test_a_refusal_closes_everything():
    course = Round(approval(step("first", "all"), step("second")))
    course.sign("ann", "refuse")
    assert course.ended == "refuse"
    assert course.waiting == []


def test_a_step_whose_condition_fails_is_passed_over():
    course = Round(approval(step("first"), step("second")), holds=lambda s: s.id == "second")
    assert course.waiting == [("second", "cyd")]


def test_nobody_signs_what_they_started():
    assert Round(approval(step("first")), starter="ann").waiting == [("first", "bob")]
    assert Round(approval(step("second")), starter="cyd").ended == "refuse"
    assert Round(approval(step("second"), same_as_starter="skip"), starter="cyd").ended == "agree"
    assert Round(approval(step("second"), same_as_starter="allow"), starter="cyd").waiting == [("second", "cyd")]


def test_nobody_found():
    empty = step("nobody")
    assert Round(approval(empty)).ended == "refuse"
    assert Round(approval(empty, nobody=Nobody("agree"))).ended == "agree"
    asked = Round(approval(empty, nobody=Nobody("to", Participants(role="second"))))
    assert asked.waiting == [("nobody", "")]


def test_who_agreed_once_agrees_again_where_the_definition_says_so():
    course = Round(approval(step("first"), step("third", "all"), repeated="agree_once"))
    course.sign("ann")
    assert course.waiting == [("third", "dan"), ("third", "eve")]


@given(
    signs=st.lists(st.sampled_from(["any", "all", "in_order", Decimal("0.5")]), min_size=1, max_size=4),
    choices=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_every_course_ends_and_leaves_nothing_open(signs, choices):
    names = ["first", "second", "third", "first"]
    steps = tuple(
        Step(f"{n}{i}", Title(n), Participants(role=n), sign)
        for i, (n, sign) in enumerate(zip(names, signs, strict=False))
    )
    course = Round(approval(*steps), find=lambda s: PEOPLE[s.who.role])
    for agrees in choices:
        if course.ended:
            break
        course.sign(course.waiting[0][1], "agree" if agrees else "refuse")
    assert course.ended in ("agree", "refuse")
    assert course.waiting == []


@pytest.mark.parametrize("starter", ["ann", "zoe"])
def test_the_starter_never_gets_a_task(starter):
    assert starter not in {who for _, who in Round(approval(step("first", "all")), starter=starter).waiting}
