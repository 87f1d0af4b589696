"""Flows at a kiosk, run: each touch, answer, happening and deadline is one transaction, from one step that waits to the
next.

In: events of one kiosk, one at a time. Out: where it stands, with the orders to devices that follow the commit. What
carries another token than where it stands is too late, and changes nothing. Knows no thread: see `kiosk.service`.
Long because all that may happen to a kiosk is found in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from engine.documents.rules import condition
from engine.expressions.environment import Env
from engine.flows.following import known, led, restarted, step_of
from engine.flows.frames import Frames
from engine.model.flow_devices import READ, WAIT
from engine.model.flows import BACK, DONE, INVALID, PICKED, TIMEOUT, Meeting
from engine.model.free_pages import inside
from engine.model.touch_parts import TouchPart
from engine.problems import Finding, Level, Refused
from engine.usecases.acting import Performer
from engine.usecases.events import in_work
from engine.usecases.flow_accounts import signed_in
from engine.usecases.flow_inputs import hidden_in, taken_in
from engine.usecases.flow_passage import Passage, StepRefused
from engine.usecases.flow_screens import actor_at, picked_row
from engine.usecases.flow_standing import Order, Standing
from engine.usecases.flow_state import keep, load, stood
from engine.usecases.flow_views import Touch
from engine.usecases.happenings import tell_in
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

Row = Mapping[str, object]
Seconds = Callable[[], float]
Go = Callable[[Passage], bool]
_MOST_REFUSALS = 20
_REARMED = 5.0
"""Seconds after which a time that is over is looked at again, where what should follow was refused."""
_BOARD = "board"


@dataclass(frozen=True, slots=True)
class _Left:
    """What a transaction left: where the kiosk stands, and for how long. `begins` are new orders; `fresh` says that
    a step was entered."""

    frames: Frames
    user: Actor | None
    token: str
    begins: tuple[Order, ...] = ()
    findings: tuple[Finding, ...] = ()
    timeout: float | None = None
    idle: tuple[float, int] | None = None
    refresh: float | None = None
    fresh: bool = False


class FlowRun:
    """The flows of one kiosk. `seconds` never go back; without them deadlines follow the clock.

    Every method gives where the kiosk stands; `orders` of a Standing are those that its event made. None is called
    while another runs.
    """

    def __init__(self, runtime: Callable[[], Runtime], place: str = "", seconds: Seconds | None = None) -> None:
        self._runtime, self._place, self._timer = runtime, place, seconds
        self._left: _Left | None = None
        self._raw: dict[str, object] = {}
        self._typed: dict[str, object] = {}
        self._findings: tuple[Finding, ...] = ()
        self._busy: set[str] = set()
        self._until: float | None = None
        self._alone: float | None = None

    # --- events ----------------------------------------------------------------------------------------------------

    def begin(self) -> Standing:
        """After the process began: each flow goes on where its steps say, or the kiosk's own flow begins. Raises
        Refused where not even that is possible."""

        def go(passage: Passage) -> bool:
            before = passage.frames
            passage.frames = restarted(passage.work.runtime.definitions.flows, before)
            passage.enter(anew=passage.frames != before)
            return True

        return self._event(go, "")

    def standing(self) -> Standing:
        """Where it stands; begins where it never did, or where the definitions know the flow no more."""
        left, flows = self._left, self._runtime().definitions.flows
        if left is None or not known(flows, left.frames):
            return self.begin()
        return self._told(left)

    def touch(self, touch: Touch) -> Standing:
        """What people did at the screen."""
        now = self.standing()
        if touch.token != now.token:
            return now
        self._stay_awake()
        if touch.kind == "type":
            return self._type(touch)
        if touch.kind == "pick":
            return self._pick(now, touch)
        if touch.kind == "home":
            return now if _has_way(now) else self._event(_home, now.token)
        if touch.kind == "judge":
            return self._judge(now, touch)
        return self._press(now, touch)

    def answered(self, token: str, name: str, outcome: str, answer: Row) -> Standing:
        """What became of an order; one that is not of this standing is dropped."""
        now = self.standing()
        meeting = now.step.meets.get(name)
        if token != now.token or meeting is None:
            return now
        self._busy.discard(name)
        told = False

        def go(passage: Passage) -> bool:
            nonlocal told
            told = not passage.follow(passage.ended(name, meeting, outcome, answer))
            return not told

        found = self._event(go, token)
        return self.stay((_trouble(meeting, outcome),)) if told else found

    def heard(self, name: str, values: Row) -> Standing:
        """Something happened: a step may wait for it, or a flow name it in `always`."""
        now = self.standing()
        waits = {key: one for key, one in now.step.meets.items() if one.kind == WAIT and one.what == name}
        assert self._left is not None
        flows = self._runtime().definitions.flows
        if not waits and led(flows, self._left.frames, name) is None:
            return now

        def go(passage: Passage) -> bool:
            for key, meeting in waits.items():
                if _matches(passage.given(meeting), values):
                    return passage.follow(passage.ended(key, meeting, DONE, values))
            return passage.follow(name, values)

        return self._event(go, now.token)

    def tick(self) -> Standing:
        """Time passed: the step's time may be over, or nobody be there."""
        now, moment = self.standing(), self._now()
        if self._until is not None and moment >= self._until:
            self._until = moment + _REARMED
            return self._event(_time_over, now.token)
        assert self._left is not None
        if self._alone is not None and moment >= self._alone and self._left.idle is not None:
            self._alone, depth = moment + _REARMED, self._left.idle[1]
            return self._event(lambda passage: _left_alone(passage, depth), now.token)
        return now

    def stay(self, findings: tuple[Finding, ...]) -> Standing:
        """Where it stands, with something to tell the people before it."""
        self._findings = tuple(findings)
        return self.standing()

    # --- touches ---------------------------------------------------------------------------------------------------

    def _type(self, touch: Touch) -> Standing:
        """What is being typed narrows what is shown; nothing is judged yet."""
        self._raw |= touch.form
        runtime, now = self._runtime(), self.standing()
        with runtime.store.begin(write=False) as unit:
            work = Work(runtime, unit, actor_at(runtime, now.user, "zh"), Performer())
            self._typed |= taken_in(work, now.flow, now.step, now.row, self._raw).values
        return self.standing()

    def _pick(self, now: Standing, touch: Touch) -> Standing:
        row = picked_row(self._runtime(), now, touch.path, touch.row)
        component = next((one for one in inside(now.step.screen) if one.path == touch.path), None)
        if row is None or component is None or component.pick is None:
            text = {"zh": "此行已不存在，请重新选择", "en": "this row is no longer there: choose again"}
            return self.stay((Finding("gone_row", text),))
        pick = component.pick
        if not pick.into:
            self._typed[pick.chosen] = dict(row)
            return self.standing()

        def go(passage: Passage) -> bool:
            passage.take(pick.into, row)
            return passage.follow(PICKED)

        return self._event(go, now.token)

    def _judge(self, now: Standing, touch: Touch) -> Standing:
        """What a press would find wrong with what was typed, before its question is asked; nothing follows where all
        is right."""
        self._type(touch)
        self.stay(())
        return self._press(now, touch, judged=True)

    def _press(self, now: Standing, touch: Touch, judged: bool = False) -> Standing:
        step, outcome = now.step, touch.outcome
        begun = {name: one for name, one in step.meets.items() if one.button and one.button == outcome}
        if outcome != BACK and outcome not in step.buttons and not begun:
            return now
        if begun.keys() & self._busy:
            return now  # the same button again, while its order is under way
        raw = {**self._raw, **touch.form}
        found: tuple[Finding, ...] = ()

        def go(passage: Passage) -> bool:
            nonlocal found
            if not _is_shown(passage, outcome):
                return False
            if outcome != BACK:
                taken = taken_in(passage.work, passage.flow, passage.step, passage.row, raw)
                found = taken.findings
                passage.keep(form={**passage.frames[-1].form, **self._typed, **taken.values})
                if found:  # a step that is asked again stays as it is, with what was typed and what is wrong with it
                    again = passage.flow.leads(passage.step, INVALID) == passage.step.name
                    return not again and passage.follow(INVALID)
            if judged:
                return False
            return _begun(passage, begun) if begun else passage.follow(outcome)

        left = self._event(go, now.token, raw=raw)
        if found and left.token == now.token:
            self._raw = raw
            return self.stay(found)
        return left

    # --- one transaction -------------------------------------------------------------------------------------------

    def _event(self, go: Go, token: str, raw: Row | None = None) -> Standing:
        """Carry out one event where the kiosk still stands at `token`. Refused actions leave all as it was, unless
        their step has a way out for them."""
        runtime = self._runtime()
        stands = actor_at(runtime, None, "zh")
        refusals: dict[int, Refused] = {}
        while True:
            try:
                left = in_work(runtime, stands, partial(self._passed, stands, refusals, go, token))
            except StepRefused as stopped:
                if stopped.named and len(refusals) < _MOST_REFUSALS:
                    refusals[stopped.at] = stopped.refused
                    continue
                refused = stopped.refused
            except Refused as fault:
                refused = fault
            else:
                return self._arrived(left)
            if self._left is None:
                raise refused
            self._raw |= raw or {}
            return self.stay(refused.findings)

    def _passed(self, stands: Actor, refusals: Mapping[int, Refused], go: Go, token: str, work: Work) -> _Left | None:
        """The event in one transaction; None where nothing changed."""
        passage, notices = Passage(work, self._place, stands, refusals=refusals), list[Finding]()
        state = load(work, self._place)
        if state is None:
            notices += [_VANISHED] if stood(work, self._place) else []
            passage.act_as(None)
            passage.begin()
        else:
            if token and state.token != token:
                return None
            passage.frames, passage.token = state.frames, state.token
            passage.act_as(signed_in(work, state.user, self._place))
            if not go(passage):
                return None
        hidden = frozenset().union(*(_hidden(work, frame.flow) for frame in passage.frames))
        keep(work, self._place, passage.state, hidden)
        found = (*notices, *passage.findings)
        return _Left(
            passage.frames,
            passage.user,
            passage.token,
            tuple(passage.orders),
            found,
            passage.timeout() if passage.entered else None,
            passage.idle() if passage.entered else None,
            passage.refresh() if passage.entered else None,
            passage.entered,
        )

    def _arrived(self, left: _Left | None) -> Standing:
        if left is None:
            return self.standing()
        moment = self._now()
        if left.fresh:
            self._raw, self._typed, self._busy = {}, {}, set()
            self._until = None if left.timeout is None else moment + left.timeout
            self._left = left
            self._stay_awake()
        else:
            assert self._left is not None
            before = self._left
            self._left = replace(left, timeout=before.timeout, idle=before.idle, refresh=before.refresh)
        self._findings = left.findings
        self._busy |= {one.name for one in left.begins if one.kind not in (READ, WAIT)}
        return replace(self._told(self._left), orders=left.begins)

    def _stay_awake(self) -> None:
        idle = self._left.idle if self._left is not None else None
        self._alone = None if idle is None else self._now() + idle[0]

    # --- telling ---------------------------------------------------------------------------------------------------

    def _told(self, left: _Left) -> Standing:
        flows, own, moment = self._runtime().definitions.flows, left.frames[-1], self._now()
        return Standing(
            flows[own.flow],
            step_of(flows, own),
            left.token,
            own.memory,
            {**own.form, **self._typed},
            self._raw,
            own.answer,
            own.number,
            left.user,
            seconds=None if self._until is None else max(0.0, self._until - moment),
            idle=None if self._alone is None else max(0.0, self._alone - moment),
            findings=self._findings,
            busy=bool(self._busy),
            refresh=left.refresh,
        )

    def _now(self) -> float:
        if self._timer is not None:
            return self._timer()
        now = self._runtime().clock.now()
        return (now - datetime.min.replace(tzinfo=now.tzinfo)).total_seconds()


_VANISHED = Finding(
    "flow_changed",
    {
        "zh": "流程定义已更新，未完成的操作已中止，请核对后重新办理",
        "en": "the flow was changed: what was under way has stopped; look, and begin anew",
    },
    level=Level.WARN,
)


def _home(passage: Passage) -> bool:
    passage.begin()
    return True


def _time_over(passage: Passage) -> bool:
    about = {
        "flow": passage.flow.id,
        "step": passage.step.name,
        "place": passage.place,
        "seconds": passage.timeout(),
    }
    if not passage.follow(TIMEOUT):
        return False
    tell_in(passage.work, "flow.timed_out", about)
    return True


def _left_alone(passage: Passage, depth: int) -> bool:
    passage.left_alone(depth)
    return True


def _begun(passage: Passage, meetings: Mapping[str, Meeting]) -> bool:
    """Begin what a button begins: its outcome comes from there, whatever the button is called."""
    if any(passage.start(name, one) for name, one in meetings.items()):
        passage.enter()
    return True


def _is_shown(passage: Passage, outcome: str) -> bool:
    button = passage.step.buttons.get(outcome)
    return button is None or condition(button.show, Env(passage.row, passage.work.world), default=True)


def _matches(given: Row, values: Row) -> bool:
    """Whether a happening is the one that a step waits for; any board where none is named."""
    return all(values.get(name) == one for name, one in given.items() if name != _BOARD or one not in (None, ""))


def _hidden(work: Work, flow: str) -> frozenset[str]:
    force = work.runtime.force
    return force.once("flow_hidden", flow, lambda: hidden_in(work.runtime.definitions.flows[flow]))


def _has_way(standing: Standing) -> bool:
    """Whether something on the screen, time or a device leads away from it."""
    step, flow = standing.step, standing.flow
    touched = any(one.pick is not None or isinstance(one.part, TouchPart) for one in inside(step.screen))
    begun = any(not one.button for one in step.meets.values())
    timed = standing.seconds is not None or standing.idle is not None
    return bool(step.buttons or touched or begun or timed or flow.leads(step, BACK) is not None)


def _trouble(meeting: Meeting, outcome: str) -> Finding:
    """What a step does not expect of a device or service: told, and the step stays."""
    zh, en = _TROUBLES.get(outcome, ("没有成功", "did not succeed"))
    what = _WORDS.get(meeting.what.partition(".")[0], ("操作", "this"))
    return Finding("meeting", {"zh": f"{what[0]}：{zh}", "en": f"{what[1]}: {en}"}, (outcome,))


_WORDS = {
    "lock": ("锁", "the lock"),
    "reader": ("读取器", "the reader"),
    "finger": ("指纹仪", "the fingerprint reader"),
    "camera": ("摄像头", "the camera"),
    "radio": ("短信模块", "the radio"),
}
_TROUBLES = {
    "silent": ("没有应答", "no answer"),
    "gone": ("未连接", "not connected"),
    "unreadable": ("读取失败，请重试", "could not be read: try again"),
    INVALID: ("请填写完整", "something is missing"),
}
