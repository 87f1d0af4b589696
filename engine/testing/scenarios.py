"""Scenarios: executable examples of definitions, run against the real use cases over a store of the caller's.

In: definitions in force and a function that makes an empty runtime with a given clock. Out: a `Report`: for each
scenario what did not come as it was told, and which events, rules and refusals no scenario has shown. After every step
the worker does what is due; what leaves the house is kept in memory.

A step is one of: an event (`as`, `event`, `on`, `with`, `confirm`, `comment`, `name`, `expect_refused`,
`expect_told`), `create`, `decide: agree | refuse | return | transfer |
delegate | add_signer` (with `to`: a step or an account), `at_once: [steps]` (played in each order), `wait: 45 days`,
`down: 45 minutes` (the node is not there), `outage: CHANNEL` (it fails until `outage: null`), `receive` (with `gives`),
`expect`; with `flow`, what happens at a kiosk (see `engine.testing.touching`).
Long because all that a step may be is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, permutations
from math import factorial

from engine.console import say
from engine.documents.calendars import add_time
from engine.documents.durations import parse_duration
from engine.documents.malformed import Malformed
from engine.jobs.periods import next_moment, period_of
from engine.model.system import Definitions, Job
from engine.ports import Clock
from engine.problems import NOWHERE, Refused, Span
from engine.testing.arriving import arrive
from engine.testing.asking import request
from engine.testing.bringing import bring, refusal, worded
from engine.testing.coverage import Coverage, Shown
from engine.testing.expecting import Expectations
from engine.testing.happening import absences, happen, hearing
from engine.testing.outside import Outside
from engine.testing.staging import Stage
from engine.testing.touching import EXPECTED, VERBS, Touching, standing_at
from engine.usecases.deliver import deliver_due
from engine.usecases.happenings import tell
from engine.usecases.jobs import jobs_of, run_due_jobs, worked_days
from engine.usecases.pressing import press_next
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Step, StepError, listed
from engine.usecases.watch_turns import run_watches

Scenario = Mapping[str, object]
Make = Callable[[Clock], Runtime]
FIRST_DAY = "2026-01-05"
BEGAN = "node.began"
_MOST_RUNS = 500
_MOST_ORDERS = 6
_LENGTHS = {"second": 1, "day": 86_400, "week": 604_800}
_VERBS = (
    *sorted(VERBS),
    "event",
    "create",
    "import",
    "receive",
    "request",
    "decide",
    "wait",
    "down",
    "outage",
    "expect",
)
_KEYS = frozenset(
    {
        "as",
        "event",
        "on",
        "with",
        "confirm",
        "comment",
        "name",
        "expect_refused",
        "expect_told",
        "create",
        "import",
        "rows",
        "decide",
        "wait",
        "down",
    }
    | {
        "outage",
        "expect",
        "to",
        "at_once",
        "receive",
        "gives",
        "request",
        "from",
        "body",
        "reqid",
        "answers",
        "happens",
    }
)


@dataclass(slots=True)
class SetClock:
    """A clock that stands until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


@dataclass(frozen=True, slots=True)
class Result:
    """One scenario: what went otherwise than told, each said with its step; empty when all went well."""

    name: str
    where: Span
    document: str
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All scenarios of a run, and what they showed."""

    results: tuple[Result, ...]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether every scenario went as told."""
        return not any(result.mistakes for result in self.results)


def run_scenarios(definitions: Definitions, make: Make, chosen: Iterable[Scenario] | None = None) -> Report:
    """Run scenarios, each in an empty office of its own. Mistakes are collected, none stops the others."""
    coverage = Coverage(definitions)
    results = []
    for scenario in definitions.scenarios if chosen is None else chosen:
        mistakes: list[str] = []
        for order in range(_orders(scenario)):
            run = _Run(scenario, make, order)
            run.all()
            coverage.add(run.shown)
            mistakes = mistakes or run.mistakes
        where = scenario.get("where")
        results.append(
            Result(
                str(scenario.get("name")),
                where if isinstance(where, Span) else NOWHERE,
                str(scenario.get("document") or ""),
                tuple(mistakes),
            )
        )
    return Report(tuple(results), coverage)


@dataclass(slots=True)
class _Run:
    """The course of one scenario."""

    scenario: Scenario
    make: Make
    order: int = 0
    mistakes: list[str] = field(default_factory=list)
    shown: Shown = field(default_factory=Shown)

    def all(self) -> None:
        clock = SetClock(_begin(self.scenario))
        outside = Outside()
        system, flow = str(self.scenario.get("system") or ""), str(self.scenario.get("flow") or "")
        runtime = hearing(outside.around(self.make(clock)), system)
        try:
            stage = Stage.prepared(standing_at(runtime, flow, system) if flow else runtime, self.scenario)
            kiosk = Touching(stage, self.shown) if flow else None
            if kiosk is not None:
                kiosk.begin(str(self.scenario.get("as") or ""))
        except (StepError, Refused) as fault:
            self.mistakes.append(say("course.given", fault=worded(fault)))
            return
        course = _Course(stage, clock, outside, self.shown, self.order, kiosk)
        course.deliver()
        steps = self.scenario.get("steps") or []
        last = {"expect": self.scenario["expect"]} if "expect" in self.scenario else None
        for number, step in enumerate([*steps, *([last] if last else [])], 1):  # type: ignore[misc]
            try:
                found = course.step(step)
            except StepError as fault:
                found = [str(fault)]
            self.mistakes.extend(say("course.step", number=number, step=_named(step), fault=one) for one in found)
            if found:
                break
        self.shown.read(stage.runtime)


def _orders(scenario: Scenario) -> int:
    """How often a scenario is played: once for each order in which events that race may come."""
    steps = scenario.get("steps") or []
    races = (step.get("at_once") for step in steps) if isinstance(steps, list) else ()
    return max((min(factorial(len(race)), _MOST_ORDERS) for race in races if isinstance(race, list)), default=1)


def _ordered(race: object, order: int) -> list[Step]:
    steps = race if isinstance(race, list) else []
    return list(next(islice(permutations(steps), order % max(factorial(len(steps)), 1), None), ()))


def _begin(scenario: Scenario) -> datetime:
    if "now" in scenario:
        return datetime.fromisoformat(str(scenario["now"]))
    return datetime.fromisoformat(f"{scenario.get('today', FIRST_DAY)} 09:00")


def _named(step: Step) -> str:
    verb = next((key for key in _VERBS if key in step), "")
    value = "" if verb in ("", "expect") else f" {step[verb]}"
    return f"{verb}{value}" + (f" on {step['on']}" if "on" in step else "")


@dataclass(slots=True)
class _Course:
    """Steps of one scenario, with the worker between them."""

    stage: Stage
    clock: SetClock
    outside: Outside
    shown: Shown
    order: int = 0
    kiosk: Touching | None = None

    def step(self, step: Step) -> list[str]:
        """Carry out one step; what went otherwise than told."""
        known = _KEYS if self.kiosk is None else _KEYS | VERBS
        unknown = [key for key in step if key not in known]
        if unknown:
            raise StepError(say("course.keys", names=", ".join(unknown)))
        if "request" in step:
            return [*request(self.stage, step), *self.deliver()]
        if "expect" in step:
            return self._compare(step["expect"])
        if "at_once" in step:
            return [*self._race(step), *self.deliver()]
        if self._around(step):
            return self.deliver()
        if "receive" in step:
            return [*arrive(self.stage, step), *self.deliver()]
        if "import" in step:
            actor = self.stage.actor(str(step.get("as", "engine")))
            refused = listed(step.get("expect_refused"))
            return [*bring(self.stage.runtime, actor, step, refused, self.deliver), *self.deliver()]
        return [*self._event(step), *self.deliver()]

    def _around(self, step: Step) -> bool:
        """What nobody does at a desk: time passes, lines fail, things happen; whether it was such a step."""
        if self.kiosk is not None and not VERBS.isdisjoint(step):
            self.kiosk.perform(step)
        elif "wait" in step:
            self._wait(str(step["wait"]))
        elif "down" in step:
            self._down(str(step["down"]))
        elif "happens" in step:
            happen(self.stage, step)
        elif "outage" in step:
            self.outside.outages = set(listed(step["outage"]))
        elif "answers" in step:
            answers = step["answers"]
            self.outside.answers |= dict(answers) if isinstance(answers, Mapping) else {}
        else:
            return False
        return True

    def _compare(self, expected: object) -> list[str]:
        wanted = expected if isinstance(expected, Mapping) else {}
        if self.kiosk is None:
            return Expectations(self.stage, self.outside).compare(wanted)
        stored = {key: value for key, value in wanted.items() if key not in EXPECTED}
        return [*self.kiosk.compare(wanted), *Expectations(self.stage, self.outside).compare(stored)]

    def deliver(self) -> list[str]:
        """Let the worker do all that is due; effects that failed though nothing was out of order."""
        while run_watches(self.stage.runtime) or deliver_due(self.stage.runtime) or press_next(self.stage.runtime):
            pass
        if self.outside.outages or self.outside.refused:
            return []
        failed = self.stage.runtime.store.effects(state="failed")
        return [say("course.effect", kind=effect.kind, error=effect.error) for effect in failed]

    def _event(self, step: Step) -> list[str]:
        wanted = set(listed(step.get("expect_refused")))
        document = self.stage.document_of(step)
        self.shown.confirmed(document, listed(step.get("confirm")))
        try:
            outcome = self.stage.perform(step)
        except Refused as refused:
            found = {finding.code for finding in refused.findings} or {refused.kind}
            self.shown.refused(document, refused)
            return [] if wanted and wanted <= found else [refusal(found, refused)]
        self.shown.happened(document, str(step.get("event") or ""))
        self.shown.noted(document, outcome.notes)
        missing = set(listed(step.get("expect_told"))) - {note.code for note in outcome.notes}
        told = [say("course.not_told", codes=", ".join(sorted(missing)))] if missing else []
        return [*told, say("course.not_refused", codes=", ".join(sorted(wanted)))] if wanted else told

    def _race(self, step: Step) -> list[str]:
        """Events of which nobody knows which comes first: whoever is too late may be refused."""
        told: set[str] = set()
        for one in _ordered(step["at_once"], self.order):
            document = self.stage.document_of(one)
            try:
                self.stage.perform(one)
            except Refused as refused:
                told |= {finding.code for finding in refused.findings} or {refused.kind}
                self.shown.refused(document, refused)
            else:
                self.shown.happened(document, str(one.get("event") or ""))
        missing = set(listed(step.get("expect_refused"))) - told
        return [say("course.not_refused", codes=", ".join(sorted(missing)))] if missing else []

    def _wait(self, length: str) -> None:
        """Let time pass: whatever becomes due meanwhile happens at its moment."""
        until = self._after(length)
        jobs = [job for job in jobs_of(self.stage.runtime).values() if not _often(job, until - self.clock.at)]
        while (moment := self._next(until, jobs)) is not None:
            self.clock.at = moment
            self._turn()
        self.clock.at = until
        self._turn()

    def _down(self, length: str) -> None:
        """The node is not there for so long and begins anew; what fell due is made up for."""
        self.clock.at = self._after(length)
        self.stage.runtime.uptime.begin(self.clock.at)
        tell(self.stage.runtime, BEGAN, {})
        if self.kiosk is not None:
            self.kiosk.perform({"power_lost": True})
        self._turn()

    def _after(self, length: str) -> datetime:
        try:
            return add_time(self.clock.at, parse_duration(length))
        except Malformed:
            raise StepError(say("course.length", text=length)) from None

    def _turn(self) -> None:
        """Whatever is due at this moment."""
        if self.kiosk is not None:
            self.kiosk.tick()
        run_due_jobs(self.stage.runtime)
        self.deliver()

    def _next(self, until: datetime, jobs: list[Job]) -> datetime | None:
        waiting = self.stage.runtime.store.effects(state="waiting", limit=10_000)
        moments = {effect.due for effect in waiting} | absences(self.stage.runtime)
        moments |= {moment for job in jobs if (moment := self._due(job)) is not None}
        left = self.kiosk.due() if self.kiosk is not None else None
        moments |= {self.clock.at + timedelta(seconds=left)} if left is not None else set()
        return min((moment for moment in moments if self.clock.at < moment <= until), default=None)

    def _due(self, job: Job) -> datetime | None:
        return next_moment(job, self.clock.at, worked_days(self.stage.runtime, job))


def _often(job: Job, length: timedelta) -> bool:
    """Whether a job is due too often to follow each moment: it has its turn when something else happens, and last."""
    period = period_of(job.every)
    seconds = _LENGTHS.get(period.unit, 0) if period is not None else 0
    return period is None or length.total_seconds() > _MOST_RUNS * period.count * seconds > 0
