"""What follows an outcome: properties of any flows and any outcomes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.flows.following import MOST_ASIDE, arrived, known, led, restarted, returned, went_back
from engine.flows.frames import Frame
from engine.model.documents import Document
from engine.model.flows import AGAIN, BACK, DONE, FAILED, Flow, Step
from engine.model.formula import Title
from engine.model.types import Shape

OUTCOMES = [DONE, FAILED, "wrong", BACK, "x", "lock.forced", "power.low"]
NAMES = ["a", "b", "c", "d"]
targets = st.sampled_from([*NAMES, AGAIN])
ways = st.dictionaries(st.sampled_from(OUTCOMES), targets, max_size=4)


def flow(name, steps, always=None, restart=AGAIN):
    memory = Document(name, "desk", Title(), {}, Shape(name, {}))
    made = {step.name: step for step in steps}
    return Flow(name, Title(), "desk", memory, made, next(iter(made)), always=always or {}, restart=restart)


@st.composite
def flows(draw):
    """Two flows; every step of the outer one runs the inner one."""
    restarts = st.sampled_from(["", AGAIN, *NAMES])
    found = {}
    for name, run in (("outer", "inner"), ("inner", "")):
        steps = [Step(one, on=draw(ways), restart=draw(restarts), run=run) for one in NAMES]
        found[name] = flow(name, steps, draw(ways), draw(st.sampled_from([AGAIN, *NAMES])))
    return found


@given(flows(), st.lists(st.sampled_from(OUTCOMES), max_size=30))
def test_whatever_happens_it_stands_somewhere_that_there_is(made, outcomes):
    frames = (Frame("outer", "a"), Frame("inner", "a"))
    for outcome in outcomes:
        found = led(made, frames, outcome)
        if found is None:
            assert not made[frames[-1].flow].always.get(outcome)
            continue
        frames = found
        assert frames
        assert all(one.step in made[one.flow].steps for one in frames)
        assert all(len(one.aside) <= MOST_ASIDE for one in frames)
        if len(frames) == 1:
            frames = (*frames, Frame("inner", "a"))
        assert known(made, frames)


@given(flows(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_restart_goes_somewhere_that_there_is_and_another_one_at_once_stays_there(made, outer, inner):
    frames = (Frame("outer", outer, {"kept": 1}), Frame("inner", inner))
    once = restarted(made, frames)
    assert all(one.step in made[one.flow].steps for one in once)
    assert once[0].memory == {"kept": 1}
    named = [made[one.flow].steps[one.step].restart or made[one.flow].restart for one in frames]
    if named == [AGAIN, AGAIN]:
        assert once == frames


@given(flows(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_what_an_interruption_leaves_aside_is_gone_back_to_with_all_that_ran_in_it(made, outer, inner):
    quiet = {
        name: replace(
            one, restart=AGAIN, always={}, steps={key: replace(step, restart="") for key, step in one.steps.items()}
        )
        for name, one in made.items()
    }
    steps = {**quiet["outer"].steps, "alarm": Step("alarm", on={"seen": AGAIN})}
    quiet["outer"] = replace(quiet["outer"], steps=steps, always={"loud": "alarm"})
    frames = (Frame("outer", outer), Frame("inner", inner, {"kept": 1}, {"typed": 2}, number="N"))
    alarm = led(quiet, frames, "loud")
    assert [one.step for one in alarm] == ["alarm"]
    back = led(quiet, alarm, "seen")
    assert back == frames
    assert went_back(alarm, back)
    assert not went_back(frames, alarm)


def test_a_step_named_again_is_a_step():
    made = {"f": flow("f", [Step("a", on={"x": AGAIN}), Step(AGAIN)])}
    assert led(made, (Frame("f", "a"),), "x")[0].step == AGAIN


def test_again_without_an_interruption_is_the_step_itself():
    made = {"f": flow("f", [Step("a", on={"x": AGAIN})])}
    frames = (Frame("f", "a"),)
    assert led(made, frames, "x") == frames
    assert not went_back(frames, frames)


def test_a_fault_that_is_not_named_is_a_failure_and_what_is_picked_is_done():
    made = {"f": flow("f", [Step("a", on={FAILED: "b", DONE: "c"}), Step("b"), Step("c")])}
    frames = (Frame("f", "a"),)
    assert [led(made, frames, one)[0].step for one in ("wrong", "silent", "picked")] == ["b", "b", "c"]
    assert all(one.aside == () for one in led(made, frames, "wrong"))


def test_what_a_flow_gives_is_kept_under_the_name_of_the_step_that_ran_it():
    outer = flow("outer", [Step("a", run="inner", into="got")])
    made = {"outer": outer, "inner": flow("inner", [Step("a")])}
    frames = (Frame("outer", "a", {"got": None, "own": 1}), Frame("inner", "a", {"result": 5, "own": 2}))
    assert returned(made, frames) == (Frame("outer", "a", {"got": 5, "own": 1}, answer={"result": 5}),)
    assert returned(made, frames[:1]) is None


def test_an_alarm_that_comes_again_is_one_interruption():
    steps = [Step("a"), Step("alarm", on={"seen": AGAIN})]
    made = {"f": flow("f", steps, {"loud": "alarm"})}
    frames = (Frame("f", "a"),)
    for _ in range(3):
        frames = led(made, frames, "loud")
    assert [one.step for one in frames[0].aside] == ["a"]
    assert led(made, frames, "seen")[0].step == "a"


def test_frames_that_do_not_fit_each_other_are_not_known():
    made = {"outer": flow("outer", [Step("a", run="inner"), Step("b")]), "inner": flow("inner", [Step("a")])}
    assert known(made, (Frame("outer", "a"), Frame("inner", "a")))
    assert not known(made, (Frame("outer", "b"), Frame("inner", "a")))
    assert not known(made, (Frame("outer", "gone"),))
    assert not known(made, (Frame("gone", "a"),))
    assert not known(made, ())
    assert arrived(made, (Frame("outer", "a"),), "b")[0].step == "b"


def test_an_outer_flow_takes_over_every_kind_of_fault_under_its_wider_name():
    made = {
        "outer": flow("outer", [Step("a", run="inner"), Step("b")], {"failed": "b"}),
        "inner": flow("inner", [Step("a")]),
    }
    frames = (Frame("outer", "a"), Frame("inner", "a"))
    found = led(made, frames, "silent")
    assert found is not None
    assert [one.step for one in found] == ["b"]
    assert led(made, frames, "refused") is None
