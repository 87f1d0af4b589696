"""Prints within their limits: seconds are counted where the runtime has a timer; one that fails keeps nothing."""

from dataclasses import replace
from itertools import count

import pytest

from engine.model.records import Effect
from engine.problems import DeliveryError
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.prints import make_print

FILES = {
    **ORDER,
    "desk/order/prints/long.yaml": "print: long\ntitle: 长单\ndocument: order\ntemplate: long.html\npaper: A4\n",
    "desk/order/prints/long.html": "{% for n in range(900) %}<p>{{ name }}</p>{% endfor %}",
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
