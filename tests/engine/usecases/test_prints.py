"""Prints within their limits: seconds are counted where the runtime has a timer; one that fails keeps nothing."""

from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest

from engine.model.records import Effect
from engine.problems import DeliveryError
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.demo import Standing
from engine.usecases.prints import make_print

FILES = {
    **ORDER,
    "desk/order/access.yaml": ORDER["desk/order/access.yaml"].replace("mask: [secret]", 'print: "*"'),
    "desk/order/prints/long.yaml": "print: long\ntitle: 长单\ndocument: order\ntemplate: long.html\npaper: A4\n",
    "desk/order/prints/long.html": "{% for n in range(900) %}<p>{{ name }}</p>{% endfor %}",
    "desk/order/prints/slip.yaml": """print: slip
title: 条子
document: order
template: slip.html
wording:
  - {until: 2026-05-05, template: old.html, note: 旧版}
  - {from: 2026-05-06, note: 新版}
""",
    "desk/order/prints/slip.html": "<p>新 {{ name }} {{ today | date }} {{ user }}</p>",
    "desk/order/prints/old.html": "<p>旧 {{ name }}</p>",
}


@pytest.fixture
def office(store):
    return Office(FILES, store=store)


def test_a_print_that_takes_too_long_is_stopped(office):
    record, clerk = office.raise_("clerk", "enter", "order", name="甲").record_id, office.people["clerk"]
    seconds = count()
    slow = replace(office.runtime, timer=lambda: float(next(seconds)))
    with pytest.raises(DeliveryError) as caught:
        make_print(slow, clerk, "order", record, "long")
    assert "5" in str(caught.value)
    assert not caught.value.incident.retry
    assert office.all("_printed") == []
    made = make_print(replace(office.runtime, timer=lambda: 0.0), clerk, "order", record, "long")
    assert office.runtime.files.get(made.hash).count("甲".encode()) == 900


def test_the_worker_gives_such_a_print_up(office):
    record = office.raise_("clerk", "enter", "order", name="甲").record_id
    seconds = count()
    office.runtime = replace(office.runtime, timer=lambda: float(next(seconds)))
    with office.store.begin() as unit:
        unit.put_effect(Effect("e", "print", "k", office.clock.now(), "order", record, {"print": "long"}))
    office.deliver()
    assert [effect.state for effect in office.store.effects(record=("order", record))].count("failed") == 1


def shown(office, actor, record, **more):
    made = make_print(office.runtime, office.people[actor], "order", record, "slip", **more)
    return office.runtime.files.get(made.hash).decode()


def test_a_template_knows_today_and_who_reads_it(office):
    record = office.raise_("clerk", "enter", "order", name="甲").record_id
    mine = shown(office, "clerk", record)
    assert f"<p>新 甲 {office.clock.now().date().isoformat()} {office.people['clerk'].name}</p>" in mine
    assert shown(office, "clerk", record) == mine


def test_paper_that_names_its_reader_is_given_to_nobody_else(office):
    record = office.raise_("clerk", "enter", "order", name="甲").record_id
    shown(office, "clerk", record)
    assert office.people["leader"].name in shown(office, "leader", record, again=True)
    assert len(office.all("_printed")) == 2


def test_the_wording_is_that_of_the_business_date(office):
    early = replace(office.runtime, clock=Standing(datetime(2026, 5, 5, 9, 0)))
    record = office.raise_("clerk", "enter", "order", name="甲").record_id
    made = make_print(early, office.people["clerk"], "order", record, "slip")
    assert "<p>旧 甲</p>" in early.files.get(made.hash).decode()
