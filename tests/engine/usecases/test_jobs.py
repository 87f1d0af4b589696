"""Jobs as they run: every ten minutes, once for all that was missed, in groups, without rows, in small helpings."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.usecases.jobs import jobs_of, run_due_jobs
from tests.adapters.database.conftest import cleared
from tests.adapters.database.toy_cipher import ToyCipher

ITEM = {
    "desk/item/document.yaml": "document: item\ntitle: 物品\nlabel: name\nfields:\n"
    "  name: {title: 名称, type: text, required: true}\n  kind: {title: 类, type: text}\n"
    "  amount: {title: 数量, type: integer, default: 0}\n  rank: {title: 名次, type: integer, edit: false}\n",
    "desk/item/machine.yaml": "machine: item\nstates: {open: {title: 在用}, gone: {title: 报废, final: true}}\n"
    "events:\n"
    "  enter: {title: 登记, from: new, to: open, by: [clerk, engine]}\n"
    "  drop: {title: 报废, from: open, to: gone, by: clerk, when: amount < 100, refusal: 太多}\n",
    "desk/item/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
    "desk/notices.yaml": 'notices:\n  told: {takes: {n: integer}, to: role leader, text: "共{n}件"}\n',
    "shared/calendars/work.yaml": "calendar: work\n",
}
COUNT = "do: [{set: {amount: =amount + 1}}]"


def files(job):
    return {**ITEM, "desk/jobs.yaml": f"jobs:\n  scan: {{title: 扫描, {job}}}\n"}


def office(job):
    made = Office(files(job))
    made.clock.at = made.clock.at.replace(hour=9, minute=0, second=0)
    return made


def entered(office, name, **values):
    return office.raise_("clerk", "enter", "item", name=name, **values).record_id


def pulse(office, **length):
    """Some time later, one round of the worker."""
    office.clock.move(**length)
    queued = run_due_jobs(office.runtime)
    office.deliver()
    return queued


def amount(office, item):
    return office.values("item", item)["amount"]


def test_every_ten_minutes_once_a_period():
    desk = office(f"every: 10 minutes, each: item, {COUNT}")
    item = entered(desk, "甲")
    assert [pulse(desk, minutes=2) for _ in range(15)] == [1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert amount(desk, item) == 4


def test_a_node_runs_the_jobs_of_its_systems_and_the_shared_ones():
    job = f"jobs:\n  far: {{title: 扫描, every: 10 minutes, each: item, {COUNT}}}\n"
    others = {"away/system.yaml": "system: away\ntitle: 别处\nuses: [desk]\n", "away/jobs.yaml": job}
    desk = Office({**files(f"every: 10 minutes, each: item, {COUNT}"), **others})
    assert [job.id for job in jobs_of(desk.runtime).values()] == ["scan"]
    item = entered(desk, "甲")
    assert pulse(desk) == 1
    everywhere = replace(desk.runtime, node=replace(desk.runtime.node, systems=()))
    assert sorted(jobs_of(everywhere)) == ["far", "scan"]
    assert amount(desk, item) == 1


def test_one_run_makes_up_for_a_night_and_a_week():
    desk = office(f"every: 10 minutes, each: item, {COUNT}")
    item = entered(desk, "甲")
    assert pulse(desk) == 1
    assert pulse(desk, days=7, minutes=5) == 1
    assert pulse(desk, seconds=1) == 0
    assert pulse(desk, minutes=5) == 1
    assert amount(desk, item) == 3


def test_a_monthly_run_that_was_missed_is_made_up_for_within_its_hours():
    desk = office(f'every: month, on: 1, at: "10:00", until: "17:00", each: item, {COUNT}')
    item = entered(desk, "甲")
    assert pulse(desk) == 0  # the moment was before anybody knew the job
    assert pulse(desk, days=60, hours=-1) == 0
    assert pulse(desk, hours=3) == 1
    assert pulse(desk, hours=1) == 0
    assert amount(desk, item) == 1


def test_rows_are_taken_in_order_and_no_more_than_most():
    desk = office("every: day, each: item, sort: [-amount, name], most: 2, do: [{set: {rank: 1}}]")
    made = [entered(desk, name, amount=number) for name, number in (("b", 1), ("a", 1), ("c", 5))]
    pulse(desk)
    assert [desk.values("item", one)["rank"] for one in made] == [None, 1, 1]


def test_a_throttled_job_takes_its_rows_in_helpings():
    desk = office(f"every: day, each: item, sort: name, throttle: 2/minute, {COUNT}")
    made = [entered(desk, name) for name in "abcde"]
    assert pulse(desk) == 1
    desk.deliver()
    seen = [[amount(desk, one) for one in made]]
    for _ in range(3):
        pulse(desk, minutes=1)
        seen.append([amount(desk, one) for one in made])
    assert seen == [[1, 1, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]


def test_a_job_in_groups_does_once_for_each():
    desk = office(
        "every: day, each: item, where: amount > 0, per: {k: kind}, sort: -amount, "
        "do: [{create: item, with: {name: =k, amount: '=sum(rows, amount)', kind: sum}}]"
    )
    for kind, number in (("x", 1), ("y", 2), ("x", 3), ("z", 0)):
        entered(desk, "甲", kind=kind, amount=number)
    pulse(desk)
    assert [(one["name"], one["amount"]) for one in desk.all("item", kind="sum")] == [("x", 4), ("y", 2)]


def test_a_job_without_rows_does_once():
    desk = office("every: day, do: [{create: item, with: {name: 每日}}, {notify: told, with: {n: =count(item)}}]")
    assert pulse(desk) == 1
    assert pulse(desk, hours=3) == 0
    assert pulse(desk, days=1) == 1
    assert [one["name"] for one in desk.all("item")] == ["每日", "每日"]
    assert {one["text"] for one in desk.all("_notice")} == {"共1件", "共2件"}


def test_a_row_that_is_refused_keeps_no_other_from_its_turn():
    desk = office("every: day, each: item, sort: name, do: [{raise: drop, on: self}]")
    made = [entered(desk, name, amount=number) for name, number in (("a", 1), ("b", 100), ("c", 2))]
    pulse(desk)
    assert [desk.values("item", one)["state"] for one in made] == ["gone", "open", "gone"]
    assert [effect.kind for effect in desk.store.effects(state="failed")] == ["job"]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def anywhere(request, tmp_path):
    """The same office in memory and on both databases."""
    if request.param == "memory":
        yield Office(files(f"every: 10 minutes, each: item, {COUNT}"), store=MemoryStore())
        return
    file = f"sqlite:///{tmp_path}/office.db"
    url = file if request.param == "sqlite" else cleared(request.getfixturevalue("postgres_url"))
    store = DatabaseStore(url, cipher=ToyCipher(), connections=4)
    yield Office(files(f"every: 10 minutes, each: item, {COUNT}"), store=store, ids=TimeOrderedIds())
    store.close()


def test_several_workers_run_it_once_a_period_wherever_it_is_kept(anywhere, request):
    items = [entered(anywhere, name) for name in "abc"]
    workers = 1 if "memory" in request.node.name else 4
    start = anywhere.clock.at.replace(hour=9, minute=0, second=0)
    with ThreadPoolExecutor(workers) as pool:
        for minutes in (0, 10, 15, 500):
            anywhere.clock.at = start + timedelta(minutes=minutes)
            list(pool.map(lambda _: pulse(anywhere), range(workers)))
    assert [amount(anywhere, one) for one in items] == [3, 3, 3]
    assert len([one for one in anywhere.store.effects(state="done") if one.kind == "job"]) == 3
