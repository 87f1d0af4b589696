"""Work by the clock: jobs that are due run once per moment, whichever node gets to them first.

In: the jobs in force and the last moment that each was begun at. Out: a run as an effect keyed by its moment, so that a
crash or a second worker repeats nothing. However many moments passed while nothing ran, one run makes up for them.
Rows are taken one transaction each; one that is refused does not keep the others from their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

from engine.documents.calendars import WORK, is_working
from engine.expressions.environment import Env
from engine.jobs.periods import Works, last_moment, may_begin
from engine.model.criteria import Among, Selection
from engine.model.documents import Document
from engine.model.formula import Title
from engine.model.records import Effect, Record
from engine.model.system import Job
from engine.model.types import Shape
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Refused
from engine.sources.grouping import Group, grouped
from engine.sources.ordering import in_order
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.bookkeeping import look_after
from engine.usecases.care import take_care
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Working
from engine.usecases.errands import forget_errands
from engine.usecases.events import in_work
from engine.usecases.imports import forget_before
from engine.usecases.internal import JOB
from engine.usecases.landed_retention import purge_bodies
from engine.usecases.repeating import document_of
from engine.usecases.runtime import Runtime
from engine.usecases.watch_places import forget_places
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

_JOBS = 10_000
_RATES = {"s": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
SEAL, FORGET, BOOKS, BACKUP, UPKEEP = "_seal", "_forget", "_books", "_backup", "upkeep"
IMPORTS_KEPT = timedelta(days=30)
"""How long rows that were sent in are kept: they hold what people typed, and are taken or mended by then."""
STANDING = {
    SEAL: Job(SEAL, Title("封存历史", "Seal history"), "hour"),
    FORGET: Job(FORGET, Title("清理", "Forget"), "day", "03:00"),
    BOOKS: Job(BOOKS, Title("核对账目", "Check ledgers"), "day", "02:00"),
}
"""What every node does by itself. Ids of definitions never begin with an underscore."""
NO_DOCUMENT = Document("", "", Title(), {}, Shape("", {}))


def worked_days(runtime: Runtime, job: Job) -> Works:
    """Which days count for a job: those of its calendar, all without one."""
    calendar = runtime.definitions.calendars.get(job.calendar, WORK)

    def works(day: date) -> bool:
        return job.calendar in ("", "always") or is_working(calendar, day)

    return works


def jobs_of(runtime: Runtime) -> Mapping[str, Job]:
    """The jobs that this node runs: those of its systems, and the shared ones."""
    return {name: job for name, job in runtime.definitions.jobs.items() if runtime.node.runs(job.system)}


def run_due_jobs(runtime: Runtime) -> int:
    """Queue the runs of all jobs that are due; how many are new."""
    return _begun(runtime, jobs_of(runtime), "job")


def run_standing_jobs(runtime: Runtime) -> int:
    """Queue what every node does by itself; how many are new."""
    return _begun(runtime, _standing(runtime), UPKEEP)


def _standing(runtime: Runtime) -> Mapping[str, Job]:
    """What this node does by itself: copies where its file says so, ledgers where it has any."""
    found = {name: job for name, job in STANDING.items() if name != BOOKS or runtime.definitions.ledgers}
    plan = runtime.node.backup
    if plan is not None and runtime.care is not None:
        for one in plan.all:
            name = BACKUP if one is plan else f"{BACKUP}:{one.every}"
            found[name] = Job(name, Title("备份", "Copies"), one.every, one.at, on=one.on)
    return found


def keep_up(runtime: Runtime, effect: Effect) -> None:
    """Do what a standing job is for: seal history and audit, hold ledgers against their entries, forget what is long
    done."""
    if effect.payload["job"] == SEAL:
        runtime.store.seal_history()
    elif effect.payload["job"] == BOOKS:
        look_after(runtime)
    elif str(effect.payload["job"]).partition(":")[0] == BACKUP:
        every = str(effect.payload["job"]).partition(":")[2]
        take_care(runtime, "backup.make", {"every": every} if every else {})
    else:
        runtime.store.forget(runtime.clock.now() - timedelta(days=runtime.keep_days))
        forget_before(runtime, runtime.clock.now() - IMPORTS_KEPT)
        forget_errands(runtime)
        forget_places(runtime)
        purge_bodies(runtime)
        if runtime.logs is not None:
            runtime.logs.forget((runtime.clock.now() - timedelta(days=runtime.message_days)).date())


@dataclass(frozen=True, slots=True)
class _Due:
    """A moment of a job that was not begun yet; one of before the job was first seen is noted and not made up for."""

    name: str
    moment: datetime
    before: Record | None
    missed: bool


def _begun(runtime: Runtime, jobs: Mapping[str, Job], kind: str) -> int:
    """Queue the runs of last moments that were not begun before, all in one transaction; how many."""
    if not jobs:
        return 0
    with runtime.store.begin(write=False) as unit:
        noted = unit.select(Selection(JOB, Among(("name",), tuple(jobs)), limit=_JOBS))
    before = {str(record.values["name"]): record for record in noted}
    due = [one for name, job in jobs.items() if (one := _due(runtime, name, job, before.get(name))) is not None]
    if not due:
        return 0
    try:
        with runtime.store.begin() as unit:
            work = Work(runtime, unit, ENGINE, Performer())
            return sum(_queued(work, one, kind) for one in due)
    except (Stale, Duplicate):  # another worker was first; what it left comes with the next turn
        return 0


def _due(runtime: Runtime, name: str, job: Job, before: Record | None) -> _Due | None:
    """A job that was never seen does not make up for days on which it did not yet exist."""
    now, works = runtime.clock.now(), worked_days(runtime, job)
    moment = last_moment(job, now, works)
    if moment is None or (before is not None and str(before.values["moment"]) >= moment.isoformat()):
        return None
    missed = before is not None or moment.date() == now.date()
    return None if missed and not may_begin(job, now, works) else _Due(name, moment, before, missed)


def _queued(work: Work, due: _Due, kind: str) -> bool:
    key, now = f"{kind}:{due.name}:{due.moment.isoformat()}", work.runtime.clock.now()
    effect = Effect(work.runtime.ids.new(), kind, key, now, payload={"job": due.name}, created_at=now)
    if due.missed and not work.unit.put_effect(effect):
        return False
    _keep(work, due.name, due.moment, due.before)
    return due.missed


def _keep(work: Work, name: str, moment: datetime, before: Record | None) -> None:
    said = {"name": name, "moment": moment.isoformat()}
    if before is None:
        work.unit.insert(Record(JOB, {**system_values(work), **said}))
        return
    version = before.version
    work.unit.update(Record(JOB, {**before.values, **said, "version": version + 1, "changed_at": work.now}), version)


def run_job(runtime: Runtime, effect: Effect) -> int:
    """Run a job, once per key; how many rows or groups were worked on. Raises a fault of one when all had a turn.

    With `throttle` the rows are dealt out to effects of their own, each due when its turn comes.
    """
    job = runtime.definitions.jobs[str(effect.payload["job"])]
    key = str(effect.payload.get("run") or effect.key)
    if job.each is None or job.per:
        groups = _groups(runtime, job) if job.per else [Group(("",), {}, [])]
        return _all(runtime, [partial(_on_group, job, key, group) for group in groups])
    document, ids = _document(job), effect.payload.get("rows")
    if not isinstance(ids, list | tuple):
        ids = [str(env.row["id"]) for env in _rows(runtime, job)]
        most = int(job.throttle.partition("/")[0]) if job.throttle else len(ids)
        if len(ids) > most:
            with runtime.store.begin() as unit:
                _deal(runtime, unit, effect, ids, most, _RATES[job.throttle.partition("/")[2]])
            return 0
    return _all(runtime, [partial(_on_row, job, key, document, str(record_id)) for record_id in ids])


def _deal(runtime: Runtime, unit: Unit, effect: Effect, ids: Sequence[str], most: int, pause: timedelta) -> None:
    now = runtime.clock.now()
    for number, start in enumerate(range(0, len(ids), most)):
        payload = {"job": effect.payload["job"], "run": effect.key, "rows": ids[start : start + most]}
        due, part = now + number * pause, f"{effect.key}:part{number}"
        unit.put_effect(Effect(runtime.ids.new(), "job", part, due, payload=payload, created_at=now))


def _all(runtime: Runtime, turns: Iterable[partial[int]]) -> int:
    done, faults = 0, list[Exception]()
    for turn in turns:
        try:
            done += in_work(runtime, ENGINE, turn)
        except Exception as fault:  # noqa: BLE001 - no fault of one row keeps the others from their turn
            faults.append(fault)
    if faults:
        raise next((one for one in faults if isinstance(one, Refused) and one.kind == "stale"), faults[0])
    return done


def _document(job: Job) -> str:
    return document_of(job.each.linked.type) if job.each is not None and job.each.linked is not None else ""


def _rows(runtime: Runtime, job: Job) -> list[Env]:
    """The rows that a job goes over, in their order, each in its scope."""
    if job.each is None:
        return []
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, ENGINE, Performer())
        env = Env({}, work.world)
        found = job.each(env) or []
        assert isinstance(found, list | tuple)
        inners = [Env(row, work.world, this=row if _document(job) else None, up=env) for row in found]
        if job.condition is not None:
            inners = [inner for inner in inners if job.condition.holds(inner)]
        return in_order(inners, job.sort)[: None if job.per else job.most]


def _groups(runtime: Runtime, job: Job) -> list[Group]:
    return grouped(_rows(runtime, job), job.per)[: job.most]


def _on_row(job: Job, key: str, document: str, record_id: str, work: Work) -> int:
    if work.unit.seen("job", f"{key}:{record_id}"):
        return 0
    try:
        working = work.open(document, record_id)
    except Refused:
        return 0
    env = Env(working.values, work.world, this=working.values)
    if job.condition is not None and not job.condition.holds(env):
        return 0
    applied = Applied(working, RUN, str(working.values["state"] or ""), {}, ENGINE, occasion=key)
    Performer().actions(work, applied, job.do)
    work.save(applied)
    return 1


def _on_group(job: Job, key: str, group: Group, work: Work) -> int:
    """Once for all rows of a group, or for a job without rows: no document is at hand."""
    told = f"{key}:{sha256(repr(group.key).encode()).hexdigest()[:32]}"
    if work.unit.seen("job", told):
        return 0
    values: dict[str, object] = {"id": "", "version": 0, "state": None}
    names: Mapping[str, object] = {**group.names, "rows": group.rows} if job.per else {}
    applied = Applied(Working(NO_DOCUMENT, values, None), RUN, None, {}, ENGINE, occasion=told, names=dict(names))
    Performer().actions(work, applied, job.do)
    return 1
