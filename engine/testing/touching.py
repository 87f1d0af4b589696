"""Steps of a scenario at a kiosk: touches, what devices answer, what happens, a power cut; where the flow stands then.

In: the stage of a scenario that names a flow, and a step as plain data. Out: what went otherwise than told. Devices are
answered for by the scenario alone; what a flow asks of the node's accounts is carried out in earnest. A step is one of
`press: NAME` (`with`: what is typed), `pick: NAME` (a record, or what a cell of its row says), `read | device | call:
WHAT` (`answers`: how it ends, `gives`), `happens: NAME` (`with`), `power_lost: true`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime

from engine.console import say
from engine.model.documents import Document
from engine.model.flow_devices import command
from engine.model.flows import DONE, Flow, FlowButton
from engine.model.flows import Step as FlowStep
from engine.model.formula import Title
from engine.model.free_pages import inside
from engine.model.happenings import HAPPENINGS
from engine.model.system import Kiosk
from engine.model.types import Kind, Shape, Type
from engine.testing.coverage import Shown
from engine.testing.happening import happen
from engine.testing.staging import Stage
from engine.usecases.acting import ENGINE
from engine.usecases.events import in_work
from engine.usecases.flow_orders import OrderRoom
from engine.usecases.flow_passage import Passage
from engine.usecases.flow_running import FlowRun
from engine.usecases.flow_screens import actor_at, picked_row, screen_of
from engine.usecases.flow_standing import Order, Standing
from engine.usecases.flow_state import keep
from engine.usecases.flow_views import Touch
from engine.usecases.page_views import ComponentView, Layout, RowView, TableView
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Step, StepError, listed
from engine.usecases.work import Work

PLACE, AROUND = "scenario", "_scenario"
VERBS = frozenset({"press", "pick", "read", "device", "call", "happens", "power_lost"})
"""What makes a step one of these."""
_ASKED = ("read", "device", "call")
_MOST = 50


def standing_at(runtime: Runtime, name: str, system: str) -> Runtime:
    """The runtime with a kiosk that runs one flow; how that ends is the step that follows. Raises StepError."""
    definitions = runtime.definitions
    flow = definitions.flows.get(f"{system}.{name}") or definitions.flows.get(name)
    if flow is None:
        raise StepError(say("course.flow", name=name))
    ends = sorted({step.end for step in flow.steps.values() if step.end})
    steps = {"run": FlowStep("run", run=flow.id, on={end: f"ended {end}" for end in ends})}
    again = {"again": FlowButton("again", Title())}
    steps |= {f"ended {end}": FlowStep(f"ended {end}", buttons=again, on={"again": "run"}) for end in ends}
    memory = Document(AROUND, flow.system, Title(), {}, Shape(AROUND, {}))
    around = Flow(AROUND, flow.title, flow.system, memory, steps, "run")
    homes = [runtime.node, *(node for node in definitions.nodes.values() if flow.system in node.systems)]
    role = next((node.kiosk.role for node in homes if node.kiosk is not None), "")
    known = replace(definitions, flows={**definitions.flows, AROUND: around})
    return replace(
        runtime,
        force=replace(runtime.force, definitions=known),
        node=replace(runtime.node, kiosk=Kiosk(AROUND, role, PLACE)),
    )


@dataclass(slots=True)
class Touching:
    """A kiosk under test: its flow runs in the scenario's store, by the scenario's clock."""

    stage: Stage
    shown: Shown
    run: FlowRun = field(init=False)
    orders: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.run = FlowRun(lambda: self.stage.runtime, PLACE)

    def begin(self, who: str) -> None:
        """Stand at the beginning of the flow, with somebody signed in or nobody. Raises StepError, Refused."""
        runtime, user = self.stage.runtime, self.stage.actor(who) if who else None

        def act(work: Work) -> None:
            passage = Passage(work, PLACE, actor_at(runtime, None, "zh"))
            passage.begin(user)
            keep(work, PLACE, passage.state, frozenset())

        in_work(runtime, ENGINE, act)
        self._stands(self.run.begin())

    def perform(self, step: Step) -> None:
        """Carry out one step. Raises StepError."""
        if "power_lost" in step:
            self.run = FlowRun(lambda: self.stage.runtime, PLACE)
            self._stands(self.run.begin())
        elif "press" in step:
            self._press(str(step["press"]), step.get("with"))
        elif "pick" in step:
            self._pick(str(step["pick"]))
        elif "happens" in step:
            name, values = happen(self.stage, step)
            self._stands(self.run.heard(name, {**dict.fromkeys(HAPPENINGS[name].fields), **values}))
        else:
            asked = next(key for key in _ASKED if key in step)
            self._answered(asked, str(step[asked]), step)

    def due(self) -> float | None:
        """Seconds until the step's time is over, or nobody is taken to be there."""
        now = self.run.standing()
        return min((one for one in (now.seconds, now.idle) if one is not None), default=None)

    def tick(self) -> None:
        """Let deadlines come that are over."""
        self._stands(self.run.tick())

    # --- what happens to it ----------------------------------------------------------------------------------------

    def _press(self, outcome: str, typed: object) -> None:
        now = self.run.standing()
        if outcome not in {*now.step.buttons, "back", *(one.button for one in now.step.meets.values())}:
            raise StepError(say("course.button", name=outcome, step=now.step.name, known=", ".join(now.step.buttons)))
        form = {str(name): self._raw(value) for name, value in typed.items()} if isinstance(typed, Mapping) else {}
        self._stands(self.run.touch(Touch("press", now.token, outcome, form)))

    def _raw(self, value: object) -> object:
        """A value as people would type it."""
        if isinstance(value, str) and value in self.stage.names:
            return self.stage.names[value][1]
        return value if isinstance(value, bool | list | Mapping) or value is None else str(value)

    def _pick(self, name: str) -> None:
        now = self.run.standing()
        key = self.stage.names[name][1] if name in self.stage.names else self._key(now, name)
        for component in inside(now.step.screen):
            if picked_row(self.stage.runtime, now, component.path, key) is not None:
                self._stands(self.run.touch(Touch("pick", now.token, path=component.path, row=key)))
                return
        raise StepError(say("course.row", name=name, step=now.step.name))

    def _key(self, now: Standing, text: str) -> str:
        """What names the row in which this text stands as a cell; the text itself where none does."""
        rows = _rows(screen_of(self.stage.runtime, now, "zh").body)
        return next((row.key for row in rows if any(cell.text == text for cell in row.cells)), text)

    def _answered(self, kind: str, what: str, step: Step) -> None:
        found = next((one for one in self.orders.values() if one.what == what and one.kind == kind), None)
        if found is None:
            waits = ", ".join(f"{one.kind} {one.what}" for one in self.orders.values())
            raise StepError(say("course.order", what=what, step=self.run.standing().step.name, known=waits))
        declared = command(what)
        given = step.get("gives")
        answer = self._shaped(declared.gives, given) if declared is not None else given
        del self.orders[found.name]
        outcome = str(step.get("answers") or DONE)
        self._stands(self.run.answered(found.token, found.name, outcome, answer if isinstance(answer, Mapping) else {}))

    def _shaped(self, shape: Shape, told: object) -> dict[str, object]:
        """Values by the columns of what is told; those that are not told are empty. Raises StepError."""
        values = {str(name): value for name, value in told.items()} if isinstance(told, Mapping) else {}
        strange = [name for name in values if name not in shape.fields]
        if strange:
            raise StepError(say("course.column", names=", ".join(strange), known=", ".join(shape.fields)))
        return {name: self._fitted(one, values.get(name)) for name, one in shape.fields.items()}

    def _fitted(self, kind: Type, value: object) -> object:
        if kind.kind is Kind.ROWS and kind.shape is not None and isinstance(value, list):
            return [self._shaped(kind.shape, one) for one in value]
        return self._plain(kind.kind, value)

    def _plain(self, kind: Kind, value: object) -> object:
        if isinstance(value, str) and kind is Kind.DATE:
            return date.fromisoformat(value)
        if isinstance(value, str) and kind is Kind.DATETIME:
            return datetime.fromisoformat(value)
        return self._raw(value) if kind is Kind.REF else value

    def _stands(self, now: Standing) -> None:
        """Take up the orders of a standing; what asks the node's accounts is carried out."""
        for _ in range(_MOST):
            self.shown.stood(now.flow.id, now.step.name)
            current = {name: one for name, one in self.orders.items() if one.token == now.token}
            self.orders = {**current, **{one.name: one for one in now.orders}}
            own = next((one for one in self.orders.values() if _is_own(one)), None)
            if own is None:
                return
            del self.orders[own.name]
            ended = OrderRoom(self.stage.runtime, None, PLACE).carry_out(own, _Wanted())
            assert ended is not None
            now = self.run.answered(own.token, own.name, *ended)
        raise StepError(say("course.circle", step=now.step.name))

    # --- what is expected ------------------------------------------------------------------------------------------

    def compare(self, expected: Mapping[str, object]) -> list[str]:
        """What is otherwise of `at_step` (`step` or `flow.step`), `ended`, `shows` (texts) and `found` (codes)."""
        now, mistakes = self.run.standing(), list[str]()
        here = f"{now.flow.id}.{now.step.name}"
        if "at_step" in expected and not f".{here}".endswith(f".{expected['at_step']}"):
            mistakes.append(say("course.is", key="at_step", found=here, wanted=expected["at_step"]))
        if "ended" in expected and now.step.name != f"ended {expected['ended']}":
            mistakes.append(say("course.is", key="ended", found=now.step.name, wanted=expected["ended"]))
        if "shows" in expected:
            words = "\n".join(_texts(screen_of(self.stage.runtime, now, "zh")))
            missing = [text for text in listed(expected["shows"]) if text not in words]
            mistakes += [say("course.shows", text=text, found=words) for text in missing]
        if "found" in expected:
            codes = [finding.code for finding in now.findings]
            missing = [code for code in listed(expected["found"]) if code not in codes]
            mistakes += [say("course.is", key="found", found=", ".join(codes), wanted=code) for code in missing]
        return mistakes


EXPECTED = frozenset({"at_step", "ended", "shows", "found"})
"""What `Touching.compare` looks at."""


def _rows(body: tuple[ComponentView, ...]) -> Iterator[RowView]:
    """The rows of all tables of a screen."""
    for one in body:
        if isinstance(one.part, TableView):
            yield from one.part.rows
        elif isinstance(one.part, Layout):
            for beside in one.part.bodies:
                yield from _rows(beside)


class _Wanted:
    """Whoever waits in a scenario waits for ever."""

    def __call__(self) -> bool:
        """Always."""
        return True

    def pause(self, seconds: float) -> bool:
        """No time passes."""
        return seconds >= 0


def _is_own(order: Order) -> bool:
    found = command(order.what)
    return found is not None and found.internal and not found.beside


def _texts(view: object) -> Iterator[str]:
    """All texts of what a screen shows."""
    if isinstance(view, str):
        yield view
    elif isinstance(view, Mapping):
        for value in view.values():
            yield from _texts(value)
    elif isinstance(view, tuple | list):
        for one in view:
            yield from _texts(one)
    elif is_dataclass(view):
        for one in fields(view):
            yield from _texts(getattr(view, one.name))
