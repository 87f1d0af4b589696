"""Mistyped JSON at the REST door: refused whole, before a transaction begins, to whoever may know the fields."""

import pytest

from engine.usecases.accounts import issue_token

LINE = {"item": "笔", "qty": 3, "price": "200"}


@pytest.fixture
def transactions(office, monkeypatch):
    """How many writing transactions were begun."""
    begun = []
    begin = office.store.begin

    def counted(*, write=True):
        if write:
            begun.append(write)
        return begin(write=write)

    monkeypatch.setattr(office.store, "begin", counted)
    return begun


def places(answer):
    return [(tuple(one["at"]), one["code"]) for one in answer.json["error"]["findings"]]


def test_all_faults_of_a_new_document_come_at_once(rest, office, transactions):
    lines = [LINE, {**LINE, "qty": "3"}, {**LINE, "price": 200}]
    answer = rest("POST", "order", {"values": {"name": 5, "customer": 1, "lines": lines}})
    assert answer.status_code == 422
    assert places(answer) == [
        (("name",), "text"),
        (("customer",), "text"),
        (("lines", "1", "qty"), "integer"),
        (("lines", "2", "price"), "number"),
    ]
    assert transactions == []
    assert office.all("order") == []


def test_changes_and_events_too(rest, entered, transactions):
    changed = rest("PATCH", f"order/{entered}", {"values": {"name": ["甲"]}}, If_Match='"1"')
    assert places(changed) == [(("name",), "text")]
    dropped = rest("POST", f"order/{entered}/events/drop", {"asked": {"reason": 7}})
    assert places(dropped) == [(("event", "reason"), "text")]
    assert transactions == []


def test_what_is_no_object_is_no_request(rest):
    for body in ({"values": [1]}, {"values": {}, "asked": "x"}):
        assert rest("POST", "order", body).status_code == 400


def test_whoever_may_not_know_a_field_learns_nothing_of_its_type(rest, office):
    boss = f"Bearer {issue_token(office.runtime, office.people['boss'], 'test', 30)}"
    told = rest("POST", "letter", {"values": {"title": 5}}, Authorization=boss)
    assert (("title",), "text") not in places(told)
    hidden = rest("POST", "order", {"values": {"secret": 5}}, Authorization=boss)
    assert (("secret",), "text") not in places(hidden)
