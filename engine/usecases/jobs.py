"""Work by the clock: jobs that are due run once per moment, whichever node gets to them first.

A job's run is an effect keyed by its moment, so that a crash or a second worker repeats nothing. Rows are taken one
transaction each.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from engine.documents.calendars import is_working
from engine.expressions.environment import Env
from engine.model.records import Effect
from engine.model.system import Job
from engine.problems import Refused
from engine.sources.ordering import in_order
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.deadlines import calendar_of
from engine.usecases.events import in_work
from engine.usecases.repeating import document_of
from engine.usecases.runtime import Runtime
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

_STEPS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def due_moment(job: Job, now: datetime) -> datetime | None:
    """The latest moment at or before now at which the job should have run; None before its window opens or after."""
    step = _STEPS.get(job.every)
    if step is None:
        return None
    if job.every in ("minute", "hour"):
        start = now.replace(second=0, microsecond=0)
        return start if job.every == "minute" else start.replace(minute=0)
    opens = datetime.combine(now.date(), time.fromisoformat(job.at or "00:00"))
    closes = datetime.combine(now.date(), time.fromisoformat(job.until)) if job.until else None
    if now < opens or (closes is not None and now > closes):
        return None
    return None if job.every == "week" and now.weekday() != 0 else opens


def run_due_jobs(runtime: Runtime) -> int:
    """Queue the runs of all jobs that are due; how many are new."""
    now, queued = runtime.clock.now(), 0
    for job in runtime.definitions.jobs.values():
        moment = due_moment(job, now)
        if moment is None:
            continue
        with runtime.store.begin() as unit:
            work = Work(runtime, unit, ENGINE, Performer())
            if job.calendar and not is_working(calendar_of(work, job.calendar), now.date()):
                continue
            key = f"job:{job.id}:{moment.isoformat()}"
            queued += unit.put_effect(
                Effect(runtime.ids.new(), "job", key, now, payload={"job": job.id}, created_at=now)
            )
    return queued


def run_job(runtime: Runtime, job_id: str, key: str) -> int:
    """Run a job over its rows, each in its own transaction, once per key; how many rows were worked on."""
    job = runtime.definitions.jobs[job_id]
    done = 0
    for document, record_id in _rows(runtime, job):
        done += in_work(runtime, ENGINE, partial(_on_row, job, key, document, record_id))
    return done


def _rows(runtime: Runtime, job: Job) -> list[tuple[str, str]]:
    if job.each is None or job.each.linked is None:
        return []
    document = document_of(job.each.linked.type)
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, ENGINE, Performer())
        env = Env({}, work.world)
        found = job.each(env) or []
        assert isinstance(found, list | tuple)
        inners = [Env(row, work.world, this=row if document else None, up=env) for row in found]
        if job.condition is not None:
            inners = [inner for inner in inners if job.condition.holds(inner)]
        inners = in_order(inners, job.sort)
        return [(document, str(inner.row["id"])) for inner in inners[: job.most]]


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
