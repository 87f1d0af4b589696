"""The course of an approval, as tables of tasks."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.approvals.process import STARTER, Move, Task, begin, decide, kept_after, ways_back
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


def test_in_order_passes_over_whoever_started_it():
    course = Round(approval(step("third", "in_order")), starter="dan")
    course.sign("ann")
    assert course.waiting == [("third", "eve")]
    course.sign("eve")
    assert course.ended == "agree"


def test_in_order_asks_whoever_started_it_where_that_is_allowed():
    course = Round(approval(step("third", "in_order"), same_as_starter="allow"), starter="dan")
    course.sign("ann")
    assert course.waiting == [("third", "dan")]


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


# --- vetoes, added signers, returns ----------------------------------------------------------------------------------


def decided(declared, tasks, task_id, outcome="agree"):
    return decide(declared, tasks, task_id, outcome, "zoe", find, always)


def test_a_veto_ends_a_share_at_once():
    share = [Task("third", who, id=who) for who in PEOPLE["third"]]
    third = step("third", Decimal("0.5"))
    assert decided(approval(third), share, "ann", "refuse").ended is None
    assert decided(approval(replace(third, veto=True)), share, "ann", "refuse").ended == "refuse"


@pytest.mark.parametrize("sign", ["any", "all", Decimal("0.5")])
def test_an_added_signer_has_to_agree_whatever_the_step_says(sign):
    declared = approval(step("first", sign))
    tasks = [
        Task("first", "ann", "agreed", "1"),
        Task("first", "bob", "agreed", "2"),
        Task("first", "x", id="3", added=True),
    ]
    assert decided(declared, tasks, "3").ended == "agree"
    assert decided(declared, tasks, "3", "refuse").ended == "refuse"
    still = [replace(tasks[0], state="open"), replace(tasks[1], state="open"), tasks[2]]
    assert decided(declared, still, "1").ended is None


@pytest.mark.parametrize(
    ("keys", "step_id", "ways"),
    [
        ({}, "third", ()),
        ({"return_to": "starter", "return_event": "back"}, "third", ("",)),
        ({"return_to": "previous"}, "third", ("second",)),
        ({"return_to": "previous"}, "first", ()),
        ({"return_to": "previous", "return_event": "back"}, "first", ("",)),
        ({"return_to": "any_passed", "return_event": "back"}, "third", ("second", "first", "")),
        ({"return_to": "first"}, "third", ("first",)),
        ({"return_to": "second"}, "second", ()),
    ],
)
def test_where_a_return_may_lead(keys, step_id, ways):
    declared = approval(step("first"), step("second"), step("third"), **keys)
    tasks = [Task("first", "ann", "agreed", "1"), Task("second", "cyd", "kept", "2"), Task("third", "dan", id="3")]
    passed = [task for task in tasks if step_id == "third" or task.step != "second" or step_id == "second"]
    assert ways_back(declared, passed if step_id != "first" else tasks[2:], step_id) == ways


def test_what_stays_signed_after_a_return():
    tasks = [
        Task("first", "ann", "agreed", "1"),
        Task("second", "cyd", "agreed", "2"),
        Task("third", "dan", "agreed", "3"),
    ]
    redo = approval(step("first"), step("second"), step("third"))
    assert [task.id for task in kept_after(redo, tasks, "second")] == ["1"]
    assert kept_after(redo, tasks, STARTER) == ()
    here = replace(redo, resume="continue_here")
    assert [task.id for task in kept_after(here, tasks, "second")] == ["1", "3"]
    assert [task.id for task in kept_after(here, tasks, STARTER)] == ["1", "2", "3"]
