"""Timers across states, jobs by the clock, notices, events by themselves."""

from datetime import timedelta

import pytest

from engine.testing.office import Office
from engine.usecases.jobs import run_due_jobs
from engine.usecases.reading import read_document

CASE = {
    "desk/case/document.yaml": """document: case
title: 工单
label: name
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  name: {title: 名称, type: text, required: true}
  due: {title: 截止, type: date}
  alarms: {title: 提醒次数, type: integer, default: 0}
  lates: {title: 超时次数, type: integer, default: 0}
""",
    "desk/case/machine.yaml": """machine: case
states:
  working: {title: 处理中}
  paused: {title: 暂停}
  solved: {title: 已解决, final: true}
events:
  open: {title: 受理, from: new, to: working, by: clerk}
  pause: {title: 暂停, from: working, to: paused, by: clerk}
  resume: {title: 恢复, from: paused, to: working, by: clerk}
  solve: {title: 解决, from: working, to: solved, by: clerk}
  remind: {title: 催办, from: any, by: engine, do: [{set: {alarms: =alarms + 1}}, {notify: overdue, with: {c: =this}}]}
timers:
  fix:
    title: 处理
    runs: [working]
    stands: [paused]
    within: =10 * hour
    calendar: always
    met_by: [solve]
    warn: {80%: [{set: {alarms: =alarms + 1}}]}
    late: [{set: {lates: =lates + 1}}]
""",
    "desk/case/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
    "desk/notices.yaml": """notices:
  overdue: {takes: {c: case}, to: role leader in c.org, via: [site], text: "{c.name}已逾期"}
""",
    "desk/jobs.yaml": """jobs:
  scan:
    {title: 催办, every: day, at: "10:00", until: "17:00", each: case, where: "state == 'working' and due < today",
     do: [{raise: remind, on: self, skip: not_allowed}]}
""",
}


@pytest.fixture
def office():
    return Office(CASE)


def opened(office, **values):
    return office.raise_("clerk", "open", "case", name="漏水", **values).record_id


def counts(office, case):
    values = office.values("case", case)
    return values["alarms"], values["lates"]


def test_a_timer_warns_and_is_late_once(office):
    case = opened(office)
    office.clock.move(hours=7, minutes=59)
    office.deliver()
    assert counts(office, case) == (0, 0)
    office.clock.move(minutes=1)
    office.deliver()
    office.deliver()
    assert counts(office, case) == (1, 0)
    office.clock.move(hours=2)
    office.deliver()
    assert counts(office, case) == (1, 1)


def test_a_pause_stops_the_clock(office):
    case = opened(office)
    office.clock.move(hours=5)
    office.raise_("clerk", "pause", "case", case)
    office.clock.move(days=3)
    office.deliver()
    assert counts(office, case) == (0, 0)
    office.raise_("clerk", "resume", "case", case)
    office.clock.move(hours=3)
    office.deliver()
    assert counts(office, case) == (1, 0)
    office.clock.move(hours=2)
    office.deliver()
    assert counts(office, case) == (1, 1)


def test_who_solved_in_time_hears_nothing(office):
    case = opened(office)
    office.clock.move(hours=7)
    office.raise_("clerk", "solve", "case", case)
    office.clock.move(days=1)
    office.deliver()
    assert counts(office, case) == (0, 0)


def test_a_job_runs_once_a_day_within_its_window_over_the_rows_that_fit(office):
    case, other = opened(office, due="2026-05-01"), opened(office, due="2026-06-01")
    assert run_due_jobs(office.runtime) == 0
    office.clock.move(hours=1)
    assert run_due_jobs(office.runtime) == 1
    assert run_due_jobs(office.runtime) == 0
    office.deliver()
    assert counts(office, case) == (1, 0)
    assert counts(office, other) == (0, 0)
    office.clock.move(days=1, hours=8)
    assert run_due_jobs(office.runtime) == 0


def test_notices_reach_the_people_named(office):
    opened(office, due="2026-05-01")
    office.clock.move(hours=1)
    run_due_jobs(office.runtime)
    office.deliver()
    told = {(notice["recipient"], notice["text"]) for notice in office.all("_notice")}
    assert told == {(office.people[who].id, "漏水已逾期") for who in ("leader", "second")}


def test_what_runs_and_what_stands_still_is_told_with_the_document(office):
    case, clerk = opened(office), office.people["clerk"]

    def told():
        found = read_document(office.runtime, clerk, "case", case).deadlines
        return [(one.title.zh, one.due) for one in found]

    due = office.clock.at + timedelta(hours=10)
    assert told() == [("处理", due)]
    office.raise_("clerk", "pause", "case", case)
    assert told() == [("处理", None)]
    office.clock.move(hours=2)
    office.raise_("clerk", "resume", "case", case)
    assert told() == [("处理", due + timedelta(hours=2))]
    office.raise_("clerk", "solve", "case", case)
    assert told() == []
