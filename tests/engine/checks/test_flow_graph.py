"""The course of flows: what is found in drawn graphs is what a plain search finds."""

from hypothesis import given
from hypothesis import strategies as st

from engine.checks.flow_graph import endless, interrupting, reached, run_in_circles
from engine.checks.flow_locks import Locks
from engine.checks.flow_ways import Catalogue, ways
from engine.model.actions import Set
from engine.model.documents import Document
from engine.model.flow_devices import DEVICE, WAIT
from engine.model.flows import Branch, Flow, FlowButton, Idle, Meeting, Step
from engine.model.formula import Formula, Title
from engine.model.types import Shape

SHOWN = Formula("true")
ACT = Set(values={})


def flow(*steps: Step, start: str = "", name: str = "f", always: dict[str, str] | None = None) -> Flow:
    memory = Document(name, "", Title(), {}, Shape(name, {}))
    return Flow(
        name, Title(), "", memory, {one.name: one for one in steps}, start or steps[0].name, always=always or {}
    )


def going(name: str, *targets: str, do: bool = False) -> Step:
    """A step that decides by itself."""
    return Step(name, choose=tuple(Branch(one, SHOWN) for one in targets), do=(ACT,) if do else ())


def asking(name: str, *targets: str) -> Step:
    """A step that waits for people."""
    leads = {f"b{at}": one for at, one in enumerate(targets)}
    return Step(name, on=leads, buttons={one: FlowButton(one, Title(one)) for one in leads})


def ordering(name: str, what: str, kind: str = DEVICE, **leads: str) -> Step:
    """A step that asks a device."""
    return Step(name, meets={"": Meeting(kind, what)}, on=leads)


END = Step("end", end="done")

NAMES = [f"s{number}" for number in range(7)]
drawn = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.lists(st.sampled_from(NAMES), max_size=3)), min_size=1, max_size=7
)


def made(rows: list[tuple[bool, bool, list[str]]]) -> Flow:
    """A flow of drawn steps; targets that there are not are left out."""
    there = NAMES[: len(rows)]
    steps = [
        asking(name, *(one for one in targets if one in there))
        if waits
        else going(name, *(one for one in targets if one in there), do=does)
        for name, (waits, does, targets) in zip(there, rows, strict=True)
    ]
    return flow(*steps)


def edges_of(one: Flow) -> set[tuple[str, str]]:
    return {
        (step.name, target)
        for step in one.steps.values()
        for target in (*step.on.values(), *(branch.go for branch in step.choose))
    }


@given(drawn)
def test_steps_that_are_reached_are_those_of_any_path(rows: list[tuple[bool, bool, list[str]]]) -> None:
    """By relations instead of a search: the closure of the edges, squared until nothing is added."""
    one = made(rows)
    relation = edges_of(one) | {(name, name) for name in one.steps}
    while more := {(a, d) for a, b in relation for c, d in relation if b == c} - relation:
        relation |= more
    assert reached(one) == {target for source, target in relation if source == one.start}


@given(drawn)
def test_a_circle_is_told_where_a_walk_may_go_on_for_ever_unchanged(
    rows: list[tuple[bool, bool, list[str]]],
) -> None:
    """Steps that neither wait nor do anything: taking away those without a successor among them, what is left goes
    round."""
    one = made(rows)
    left = {step.name for step in one.steps.values() if not step.waits and not step.do}
    edges = edges_of(one)
    while gone := {name for name in left if not any((name, other) in edges for other in left)}:
        left -= gone
    told = {name for circle in endless(one) for name in circle}
    assert bool(left) <= bool(told)
    for circle in endless(one):
        assert all(pair in edges for pair in zip(circle, [*circle[1:], circle[0]], strict=True))
        assert not any(one.steps[name].waits for name in circle)


def test_what_always_leads_to_is_reached_and_may_go_back() -> None:
    one = flow(asking("a", "b"), asking("b", "a"), asking("low", "again"), always={"power.low": "low"})
    assert reached(one) >= {"a", "b", "low"}
    assert "low" in interrupting(one)
    assert "a" not in interrupting(one)


def test_idle_and_restart_lead_too() -> None:
    plain = flow(
        Step("a", buttons={"x": FlowButton("x", Title("x"))}, on={"x": "a"}, restart="look"), Step("away"), Step("look")
    )
    idle = Flow("f", Title(), "", plain.memory, plain.steps, "a", idle=Idle(Formula("60 * second"), "away"))
    assert reached(plain) == {"a", "look"}
    assert reached(idle) == {"a", "look", "away"}


def test_a_circle_that_counts_and_can_end_is_none() -> None:
    assert list(endless(flow(going("count", "count", "end", do=True), END))) == []
    assert list(endless(flow(Step("count", do=(ACT,), next="count"), END))) == [["count"]]
    assert list(endless(flow(asking("ask", "count"), going("count", "ask")))) == []


def test_an_action_that_may_be_refused_leads_out() -> None:
    bind = Step("bind", do=(ACT,), next="match", on={"refused": "end"})
    assert list(endless(flow(going("match", "bind"), bind, END))) == []


def test_flows_in_a_circle() -> None:
    a = flow(Step("run", run="b"), name="a")
    b = flow(Step("run", run="c"), name="b")
    c = flow(Step("run", run="b"), name="c")
    assert [set(circle) for circle in run_in_circles({"a": a, "b": b, "c": c})] == [{"b", "c"}]


# --- locks -----------------------------------------------------------------------------------------------------------

CATALOGUE = Catalogue()


def unseen(*flows: Flow) -> list[tuple[str, str]]:
    return Locks({one.id: one for one in flows}, CATALOGUE).unseen()


def opening(done: str) -> Step:
    return ordering("open", "lock.open", done=done, failed="end")


def test_a_lock_that_is_waited_for_is_seen() -> None:
    assert unseen(flow(opening("shut"), ordering("shut", "lock.closed", WAIT, done="end"), END)) == []


def test_a_lock_is_not_seen_when_the_wait_runs_out() -> None:
    late = ordering("shut", "lock.closed", WAIT, done="end", timeout="end")
    assert unseen(flow(opening("shut"), late, END)) == [("f", "open")]


def test_where_another_drawer_opened_somebody_looks_too() -> None:
    shut = ordering("shut", "lock.closed", WAIT, done="end")
    wrong = ordering("open", "lock.open", done="shut", wrong="told", failed="end")
    assert unseen(flow(wrong, shut, asking("told", "end"), END)) == [("f", "open")]
    look = ordering("look", "lock.state", open="told", closed="end", failed="end", timeout="end")
    assert unseen(flow(wrong, shut, asking("told", "look"), look, END)) == []


def test_a_lock_is_seen_when_people_are_asked() -> None:
    asked = Step("asked", buttons={"yes": FlowButton("yes", Title("y"))}, on={"yes": "end"}, confirm={"yes": None})  # type: ignore[dict-item]
    assert unseen(flow(opening("asked"), asked, END)) == []
    assert unseen(flow(opening("asked"), asking("asked", "end"), END)) == [("f", "open")]


def test_who_goes_back_to_the_beginning_has_not_looked() -> None:
    assert unseen(flow(asking("menu", "open"), opening("put"), asking("put", "menu"), END)) == [("f", "open")]


def test_who_runs_a_flow_that_opens_may_look() -> None:
    inner = flow(opening("opened"), Step("opened", end="opened"), Step("end", end="failed"), name="inner")
    run = Step("run", run="inner", on={"opened": "shut", "failed": "end"})
    shut = ordering("shut", "lock.closed", WAIT, done="end")
    assert unseen(inner, flow(run, shut, END)) == []
    assert unseen(inner, flow(Step("run", run="inner", on={"opened": "end", "failed": "end"}), END)) == [
        ("inner", "open")
    ]


def test_a_flow_that_looks_may_be_run() -> None:
    looks = flow(ordering("shut", "lock.closed", WAIT, done="end"), END, name="looks")
    outer = flow(opening("look"), Step("look", run="looks", on={"done": "end"}), END)
    assert unseen(outer, looks) == []


# --- ways ------------------------------------------------------------------------------------------------------------


def test_outcomes_of_a_race_go_by_its_names() -> None:
    race = Step(
        "ways",
        meets={
            "card": Meeting("read", "reader.card"),
            "password": Meeting(DEVICE, "account.check", button="login"),
        },
        buttons={"login": FlowButton("login", Title()), "back": FlowButton("back", Title())},
    )
    found = ways(race, {}, CATALOGUE)
    assert found.must == ("card", "password", "refused", "locked", "disabled", "back")
    assert "silent" in found.may


def test_faults_of_a_device_alone_must_lead_somewhere() -> None:
    assert set(ways(ordering("read", "reader.card"), {}, CATALOGUE).must) == {
        "done", "failed", "silent", "gone", "unreadable",
    }  # fmt: skip


def test_of_what_is_unknown_nothing_is_said() -> None:
    assert not ways(ordering("read", "reader.nothing"), {}, CATALOGUE).sure


def test_a_device_goes_by_the_name_of_its_node_too() -> None:
    named = Catalogue(kinds={"gate": "lock"})
    assert named.command("gate.open") is not None
    assert named.command("fence.open") is None
