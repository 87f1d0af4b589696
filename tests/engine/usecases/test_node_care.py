"""What a node is asked to do for itself, when it may begin anew; nothing opens where nothing can be written."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import pytest

from engine.model.node_care import BackupPlan
from engine.model.system import Kiosk
from engine.ports.care import Cared
from engine.problems import DeliveryError
from engine.testing.flow_office import FlowOffice
from engine.testing.office import Office
from engine.usecases.care import take_care
from engine.usecases.flow_rest import is_at_rest
from engine.usecases.jobs import run_standing_jobs

FILES = {
    "desk/item/document.yaml": "document: item\ntitle: 物品\nlabel: name\nfields:\n"
    "  name: {title: 名称, type: text, required: true}\n  at: {title: 时刻, type: datetime}\n",
    "desk/item/machine.yaml": "machine: item\nstates: {open: {title: 在用, final: true}}\nevents:\n"
    "  enter: {title: 登记, from: new, to: open, by: clerk, do: [{care: clock.set, with: {moment: =at}}, backed]}\n",
    "desk/item/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
    "desk/actions.yaml": "actions:\n  backed: {title: 备份, do: [{care: backup.make}]}\n",
}


class Told:
    """A care that keeps what it was asked."""

    def __init__(self, outcome: str = "done", why: str = "room") -> None:
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.outcome, self.why = outcome, why

    def order(self, what: str, arguments: Mapping[str, object]) -> Cared:
        self.asked.append((what, dict(arguments)))
        return Cared(self.outcome, {"why": self.why if self.outcome != "done" else ""})


def cared_for(office: Office, care: Told) -> Office:
    office.runtime = replace(office.runtime, care=care)
    return office


def test_an_event_asks_the_node_after_its_commit() -> None:
    care = Told()
    office = cared_for(Office(FILES), care)
    office.raise_("clerk", "enter", "item", name="a", at="2026-11-22T10:00")
    assert care.asked == []
    office.deliver()
    assert care.asked == [("clock.set", {"moment": datetime(2026, 11, 22, 10).isoformat()}), ("backup.make", {})]


def test_what_fails_stays_for_the_operator_to_see() -> None:
    office = cared_for(Office(FILES), Told("failed"))
    office.raise_("clerk", "enter", "item", name="a", at="2026-11-22T10:00")
    office.deliver()
    failed = [effect for effect in office.store.effects(state="failed") if effect.kind == "care"]
    assert {effect.error for effect in failed} == {"clock.set: room", "backup.make: room"}


def test_copies_are_made_where_the_node_says_so() -> None:
    office = cared_for(Office(FILES), care := Told())
    office.clock.at = office.clock.at.replace(hour=9)
    run_standing_jobs(office.runtime)
    office.deliver()
    assert care.asked == []
    week = BackupPlan(("two",), every="week", on="sunday", at="02:00")
    plan = BackupPlan(("one",), every="day", on="", at="03:30", also=(week,))
    office.runtime = replace(office.runtime, node=replace(office.runtime.node, backup=plan))
    for _ in range(2):
        run_standing_jobs(office.runtime)
        office.deliver()
    assert care.asked == [("backup.make", {})]
    office.clock.move(seconds=7 * 86_400)
    run_standing_jobs(office.runtime)
    office.deliver()
    assert sorted(given.get("every", "") for _, given in care.asked[1:]) == ["", "week"]


@pytest.mark.parametrize(("why", "fails"), [("more", False), ("away", False), ("busy", False), ("foreign", True)])
def test_a_piece_that_is_not_all_yet_is_no_fault(why: str, fails: bool) -> None:
    office = cared_for(Office(FILES), Told("failed", why))
    with pytest.raises(DeliveryError) if fails else nullcontext():
        take_care(office.runtime, "update.take", {"address": "x", "seconds": 40})
    with pytest.raises(DeliveryError):
        take_care(office.runtime, "update.take", {"address": "x"})


@pytest.fixture
def kiosk() -> FlowOffice:
    made = FlowOffice()
    made.runtime = replace(made.runtime, node=replace(made.runtime.node, kiosk=Kiosk("main", place="kiosk1")))
    return made


def test_a_node_begins_anew_when_nobody_is_there(kiosk: FlowOffice) -> None:
    assert is_at_rest(kiosk.runtime)
    kiosk.run.begin()
    assert is_at_rest(kiosk.runtime)
    kiosk.signed_in()
    assert not is_at_rest(kiosk.runtime)


def test_a_lock_that_is_waited_for_keeps_the_node_running(kiosk: FlowOffice) -> None:
    kiosk.signed_in()
    kiosk.press("put")
    kiosk.answered("done", number="E123")
    kiosk.answered("done", outcome="opened")
    with kiosk.store.begin() as unit:  # who signed in is gone, the drawer stands open
        (record,) = [unit.fetch("_flow", str(kiosk.all("_flow")[0]["id"]), lock=True)]
        assert record is not None
        content = record.values["content"]
        assert isinstance(content, dict)
        record.values.update(content={**content, "user": ""}, version=record.version + 1)
        unit.update(record, record.version - 1)
    assert not is_at_rest(kiosk.runtime)


def test_nothing_opens_where_nothing_can_be_written(kiosk: FlowOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.signed_in()
    kiosk.press("put")
    standing = kiosk.run.standing()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(kiosk.store), "begin", full)
    with pytest.raises(OSError, match="No space"):
        kiosk.run.answered(standing.token, "", "done", {"number": "E123"})
    monkeypatch.undo()
    after = kiosk.run.standing()
    assert (after.step.name, [order.what for order in after.orders]) == ("lay", [])
