"""One event's passage through a flow: from an outcome over all steps that decide by themselves to one that waits.

In: where the kiosk stands, what happened, one transaction. Out: where it stands then and which orders follow the
commit. A step's refused actions give it the outcome `refused`; since a transaction has no way back to its middle, the
passage is then made anew, with those steps known (`refusals`). Long because steps, actions and meetings of one passage
change the same frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.documents import compute as computing
from engine.expressions.environment import Env
from engine.flows.following import DEEPEST, arrived, goes_on, led, returned, step_of, went_back
from engine.flows.frames import Frame, Frames
from engine.model import actions as verbs
from engine.model.flow_devices import CALL, WAIT
from engine.model.flows import DONE, INVALID, REFUSED, Flow, Meeting, Step
from engine.model.formula import Formula
from engine.model.types import Kind
from engine.model.values import Duration
from engine.problems import Finding, Refused, Span
from engine.usecases.acting import Performer
from engine.usecases.call_bodies import call_payload
from engine.usecases.desk import Working
from engine.usecases.flow_accounts import IN_THE_STEP, SIGN_OUT, sign_in, sign_out
from engine.usecases.flow_inputs import names_on
from engine.usecases.flow_reading import note_shown
from engine.usecases.flow_standing import Order, row_of
from engine.usecases.flow_state import State, blank_form
from engine.usecases.numbering import number_of
from engine.usecases.views import Actor
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

Row = Mapping[str, object]
_MOST_STEPS = 200
"""Steps that follow each other without waiting for anything: more go in a circle."""
_CLOSED = "lock.closed"
_SOONEST = 1.0
"""Seconds between two readings of a screen, however often it asks for them."""


class StepRefused(Exception):
    """The actions of the step at this place of the passage were refused. `named`: the step has a way out for it."""

    def __init__(self, at: int, refused: Refused, *, named: bool) -> None:
        self.at, self.refused, self.named = at, refused, named
        super().__init__(str(refused))


class _Named(dict[str, object]):
    """What actions name: under a name that the flow keeps it is kept, and seen by the actions after it."""

    def __init__(self, memory: Working) -> None:
        super().__init__()
        self._memory = memory

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        declared = self._memory.document.fields.get(name)
        if declared is not None:
            self._memory.values[name] = computing.fitted(declared, value)


@dataclass(slots=True)
class Passage:
    """A passage under way. `stands` is the actor of the kiosk itself, while nobody is signed in."""

    work: Work
    place: str
    stands: Actor
    frames: Frames = ()
    user: Actor | None = None
    token: str = ""
    refusals: Mapping[int, Refused] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    entered: bool = False
    steps: int = 0
    acts: int = 0

    # --- where it stands -----------------------------------------------------------------------------------------

    @property
    def flow(self) -> Flow:
        """The innermost flow."""
        return self.work.runtime.definitions.flows[self.frames[-1].flow]

    @property
    def step(self) -> Step:
        """Its step."""
        return step_of(self.work.runtime.definitions.flows, self.frames[-1])

    @property
    def row(self) -> dict[str, object]:
        """The row that expressions of the flow stand in."""
        own = self.frames[-1]
        return row_of(self.flow, own.memory, own.form, own.answer, own.number)

    @property
    def state(self) -> State:
        """What is kept of it."""
        return State(self.frames, self.user.id if self.user is not None else "", self.token)

    def holds(self, formula: Formula | None) -> bool:
        """Whether a condition of the flow is true; without one it is."""
        return formula is None or formula.holds(self._env())

    def timeout(self) -> float | None:
        """Seconds that the step waits at most."""
        return _seconds(self.step.timeout, self._env()) if self.step.timeout is not None else None

    def refresh(self) -> float | None:
        """Seconds after which what the screen shows is read anew; none where only events change it."""
        found = _seconds(self.step.refresh, self._env()) if self.step.refresh is not None else None
        return None if found is None else max(_SOONEST, found)

    def idle(self) -> tuple[float, int] | None:
        """Seconds until nobody is taken to be there, and the depth of the flow that says so: the nearest one. None in
        steps with a time of their own."""
        flows = self.work.runtime.definitions.flows
        for depth in range(len(self.frames), 0, -1):
            own = self.frames[depth - 1]
            idle = flows[own.flow].idle
            if idle is not None and self.step.timeout is None:
                env = Env(row_of(flows[own.flow], own.memory, own.form, own.answer, own.number), self.work.world)
                found = _seconds(idle.after, env)
                return None if found is None else (found, depth)
        return None

    def left_alone(self, depth: int) -> None:
        """Nobody is there: the flow at this depth goes where it says, and those within it end."""
        flows = self.work.runtime.definitions.flows
        idle = flows[self.frames[depth - 1].flow].idle
        assert idle is not None
        self.frames = arrived(flows, self.frames[:depth], idle.go)
        self.enter()

    def given(self, meeting: Meeting) -> dict[str, object]:
        """The arguments of a meeting."""
        env = self._env()
        return {name: one.value(env) for name, one in meeting.given.items()}

    def _env(self) -> Env:
        return Env(self.row, self.work.world)

    def keep(self, **changed: object) -> None:
        """Change the innermost frame: `memory`, `form`, `answer`."""
        self.frames = (*self.frames[:-1], replace(self.frames[-1], **changed))  # type: ignore[arg-type]

    def take(self, name: str, value: object) -> None:
        """Keep a value under its name."""
        own = self.frames[-1]
        self.keep(memory={**own.memory, name: computing.fitted(self.flow.memory.fields[name], value)})

    def act_as(self, user: Actor | None) -> None:
        """Who acts from now on."""
        self.user = user
        self.work.actor = self.work.world.actor = user or self.stands

    # --- beginnings ------------------------------------------------------------------------------------------------

    def begin(self, user: Actor | None = None) -> None:
        """The kiosk's own flow from its start, with this person signed in. Raises Refused where the node has none."""
        self._anew()
        self.act_as(user)
        self.enter()

    def _anew(self) -> None:
        kiosk = self.work.runtime.node.kiosk
        flow = None if kiosk is None else self.work.runtime.definitions.flows.get(kiosk.flow)
        if flow is None:
            raise Refused((), kind="not_found")
        if self.user is not None:
            sign_out(self.work, self.place)
        self.act_as(None)
        self.frames = (self._framed(flow, {}),)

    def _framed(self, flow: Flow, given: Row) -> Frame:
        memory = computing.blank(flow.memory.fields)
        computing.give_defaults(flow.memory.fields, memory, Env(memory, self.work.world))
        memory |= {name: computing.fitted(flow.memory.fields[name], value) for name, value in given.items()}
        frame = Frame(flow.id, flow.start, memory, blank_form(flow))
        if flow.number is None:
            return frame
        numbered = replace(flow.memory, id=f"flow:{flow.id}", number=flow.number)
        values = row_of(flow, memory, frame.form, None, "")
        return replace(frame, number=number_of(numbered, values, self.work.world, self.work.unit))

    # --- what follows ----------------------------------------------------------------------------------------------

    def follow(self, outcome: str, told: Row | None = None) -> bool:
        """Go on by an outcome of the step, until a step waits; whether it leads anywhere.

        `told` is the answer of the flow that it leads to: where that is one around this, what this one was answered
        stays for when it goes on.
        """
        before = self.frames
        if not self._turn(outcome):
            return False
        if told is not None:
            self.keep(answer=dict(told))
        same = outcome in (INVALID, REFUSED) and self.frames[-1].step == before[-1].step
        self.enter(fresh=not same, anew=not went_back(before, self.frames))
        return True

    def _turn(self, outcome: str) -> bool:
        """One turn without entering what is reached."""
        flows, step = self.work.runtime.definitions.flows, self.step
        if self.flow.leads(step, outcome) is None and goes_on(outcome):
            if step.choose:
                self._choose(step)
                return True
            if step.next:
                self.frames = arrived(flows, self.frames, step.next)
                return True
        found = led(flows, self.frames, outcome)
        if found is None:
            return False
        self.frames = found
        return True

    def _choose(self, step: Step) -> None:
        flows = self.work.runtime.definitions.flows
        branch = next((one for one in step.choose if self.holds(one.when)), None)
        if branch is None:
            raise _stuck("no_way", f"步骤“{step.name}”没有可走的分支", f"no branch of {step.name!r} holds", step.where)
        if not branch.do or self._done(branch.do):
            self.frames = arrived(flows, self.frames, branch.go)

    def enter(self, *, fresh: bool = True, anew: bool = True) -> None:
        """Do what the step reached does, and go on until one waits. Raises StepRefused, Refused.

        What was typed stays unless `fresh`. A step that is only gone back to (not `anew`) has done its actions.
        """
        if not self.entered:
            self.entered, self.token = True, self.work.runtime.ids.new()
        while True:
            self.orders.clear()
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _stuck("circle", "流程在原地循环", "the flow goes in a circle", self.flow.where)
            if fresh and anew:
                self.keep(form={**self.frames[-1].form, **dict.fromkeys(names_on(self.step))})
            step, before = self.step, self.frames
            if anew and step.do and not self._done(step.do):
                fresh = True
                continue
            fresh, anew = True, True
            if step.end:
                self._end(step.end)
            elif step.run:
                self._run(step)
            elif not step.waits:
                self._decide(step)
            elif not self._meet(step):
                note_shown(self.work, self.place, self.flow, step, self._env())
                return
            anew = not went_back(before, self.frames)

    def _decide(self, step: Step) -> None:
        """A step that waits for nothing: its actions are done."""
        if not self._turn(DONE):
            raise _stuck("no_way", f"步骤“{step.name}”没有出路", f"step {step.name!r} leads nowhere", step.where)

    def _run(self, step: Step) -> None:
        flows = self.work.runtime.definitions.flows
        if len(self.frames) >= DEEPEST:
            raise _stuck("too_deep", "流程嵌套过深", "flows run too deep within each other", step.where)
        env = self._env()
        given = {name: one.value(env) for name, one in step.given.items()}
        self.frames = (*self.frames, self._framed(flows[step.run], given))

    def _end(self, outcome: str) -> None:
        left = returned(self.work.runtime.definitions.flows, self.frames)
        if left is None:
            self._anew()
            return
        self.frames = left
        memory, fields = self.frames[-1].memory, self.flow.memory.fields
        if self.step.into:
            fitted = computing.fitted(fields[self.step.into], memory[self.step.into])
            self.keep(memory={**memory, self.step.into: fitted})
        if not self._turn(outcome):
            raise _stuck("no_way", f"没有步骤接着“{outcome}”", f"no step follows {outcome!r}", self.step.where)

    # --- actions ---------------------------------------------------------------------------------------------------

    def _done(self, actions: Sequence[verbs.Act]) -> bool:
        """Carry out actions; False where they are refused and the step says what follows then. Raises StepRefused."""
        self.acts += 1
        at = self.acts
        if at in self.refusals:
            self.findings.extend(self.refusals[at].findings)
            found = led(self.work.runtime.definitions.flows, self.frames, REFUSED)
            assert found is not None
            self.frames = found
            return False
        own, values = self.frames[-1], self.row
        working = Working(self.flow.memory, {"id": "", "version": 0, "state": None} | values, None, elsewhere=True)
        occasion = f"{self.token}:{at}"
        applied = Applied(working, RUN, None, {}, self.work.actor, names=_Named(working), occasion=occasion)
        try:
            Performer().actions(self.work, applied, actions)
            kept = {name: working.values.get(name) for name in self.flow.memory.fields}
        except Refused as refused:
            named = led(self.work.runtime.definitions.flows, self.frames, REFUSED) is not None
            raise StepRefused(at, refused, named=named) from refused
        self.frames = (*self.frames[:-1], replace(own, memory=kept))
        return True

    # --- meetings --------------------------------------------------------------------------------------------------

    def _meet(self, step: Step) -> bool:
        """Begin what begins with the step; whether that led on at once."""
        return any(self.start(name, one) for name, one in step.meets.items() if not one.button)

    def start(self, name: str, meeting: Meeting) -> bool:
        """Begin a meeting: an order for after the commit, or what is done here and leads on; whether it did."""
        if meeting.what in IN_THE_STEP:
            outcome, answer = self._sign(meeting)
            return self._turn(self.ended(name, meeting, outcome, answer))
        if meeting.kind == CALL:
            act = verbs.Call(service=meeting.what, values=meeting.given)
            given: Row = call_payload(self.work.runtime, act, self._env())
        else:
            given = self.given(meeting)
        if meeting.kind != WAIT or meeting.what == _CLOSED:
            self.orders.append(Order(self.token, name, meeting.kind, meeting.what, given, self.work.actor))
        return False

    def ended(self, name: str, meeting: Meeting, outcome: str, answer: Row) -> str:
        """Take what a meeting gave; the outcome of the step by it: in a race the name of what went well."""
        memory = dict(self.frames[-1].memory)
        if meeting.into and outcome == DONE:
            memory[meeting.into] = computing.fitted(self.flow.memory.fields[meeting.into], self._kept(meeting, answer))
        self.keep(memory=memory, answer=dict(answer))
        return name if name and outcome == DONE else outcome

    def _kept(self, meeting: Meeting, answer: Row) -> object:
        """What is kept of an answer: all of it, or where the name is for one value the first."""
        whole = self.flow.memory.fields[meeting.into].type.kind in (Kind.ROW, Kind.JSON)
        return dict(answer) if whole else next(iter(answer.values()), None)

    def _sign(self, meeting: Meeting) -> tuple[str, Row]:
        if meeting.what == SIGN_OUT:
            sign_out(self.work, self.place)
            self.act_as(None)
            return DONE, {}
        given = meeting.given["user"].value(self._env()) if "user" in meeting.given else None
        user_id = given.get("id") if isinstance(given, Mapping) else given
        outcome, user = sign_in(self.work, str(user_id or ""), self.place)
        if user is not None:
            self.act_as(user)
        return outcome, {"user": user.id if user is not None else None}


def _seconds(length: Formula, env: Env) -> float | None:
    found = length(env)
    if isinstance(found, Duration):
        return float(found.seconds)
    return float(found) if isinstance(found, int | Decimal) else None


def _stuck(code: str, zh: str, en: str, where: Span) -> Refused:
    """A flow that cannot go on as it is written."""
    return Refused((Finding(code, {"zh": zh, "en": en}, where=where),), kind="not_allowed")
