"""A day at a cabinet in minutes: documents go out and in, faults come at random, the node dies, the network is cut
twice, the management side dies while it is told; in the evening the record says where each document really is, and the
management side has all of it once.

Real processes on both sides, signed and sealed HTTP between them, devices over pseudo-terminals. GUIJU_DAY=300 runs
that many operations, GUIJU_SEED chooses another day.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.model.criteria import Selection
from engine.model.records import Effect
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.jobs import run_job
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work
from tests.journeys.at_the_cabinet import Installation, Machine, Person
from tests.journeys.cabinet_day import KINDS, PUT, TAKEN, Day, begun, lying, plan
from tests.journeys.keys_of_both import keys_of_both
from tests.stations import ROOT, awaited, put

OPERATIONS = int(os.environ.get("GUIJU_DAY", "30"))
FAULTS = max(len(KINDS), OPERATIONS * 2 // 15)
SEED = int(os.environ.get("GUIJU_SEED", "20260506"))
DEATHS = 1 if OPERATIONS < 100 else 3
"""How often the management side dies while it is told what waited."""
CARD, MODULE = "JMK-0001", "M-000001"
SAID = {"put_new": PUT, "put_return": PUT, "take_lend": TAKEN, "take_out": TAKEN}


def acquaint(office: Runtime, kiosk: Runtime) -> None:
    """Each side's key, its certificate at the other, and the unit that may have cabinets."""
    own, theirs = keys_of_both(office, kiosk)
    (terminal,) = stored(kiosk, "cabinet.terminal")
    unit = put(
        office, "filing_unit", tyshxydm=terminal["TYSHXYDM"], dwmc=terminal["DWMC"], ssqy="990101", dwlxr="周管",
        lxfs="1", quota=2,
    )  # fmt: skip
    put(office, "crypto_card", jmkid=CARD, module=MODULE, unit=unit, certificate=own)
    put(kiosk, "link_partner", name="管理系统", module="EE4-0001", certificate=theirs)


def register(kiosk: Runtime) -> None:
    """The cabinet, as it came from the works, registers."""
    (terminal,) = stored(kiosk, "cabinet.terminal")
    with kiosk.store.begin() as unit:
        record = unit.fetch("cabinet.terminal", str(terminal["id"]), lock=True)
        assert record is not None
        version = record.version
        record.values.update(state="fresh", version=version + 1)
        unit.update(record, version)

    def act(work: Work) -> None:
        work.apply(work.open("cabinet.terminal", str(terminal["id"])), "register", ENGINE, Inputs())

    in_work(kiosk, ENGINE, act)


def stored(runtime: Runtime, document: str) -> list[dict[str, Any]]:
    """All records of a type."""
    with runtime.store.begin(write=False) as unit:
        return [one.values for one in unit.select(Selection(document, limit=10_000, tables=None))]


def hasty(folder: Path) -> Path:
    """The shipped definitions for people who wait two seconds for a door to be closed, not a minute, and whose evening
    comes at any time of day."""
    shutil.copytree(ROOT / "definitions", folder)
    for name in ("put_in", "take_out"):
        path = folder / f"cabinet/flows/{name}.yaml"
        text, count = re.subn(
            r"(wait: lock\.closed.*?timeout: )\d+ s", r"\g<1>2 s", path.read_text("utf-8"), flags=re.DOTALL
        )
        assert count > 1
        path.write_text(text, "utf-8")
    hours = folder / "cabinet_link/tables/is_package_time.yaml"
    hours.write_text(hours.read_text("utf-8").replace("hour_of(now) >= 20", "hour_of(now) >= 0"), "utf-8")
    return folder


@pytest.fixture
def sides(tmp_path):
    """The cabinet and its management, registered."""
    management = Installation(tmp_path / "management")
    machine = Machine(
        tmp_path / "cabinet", {"MANAGEMENT_URL": management.base}, definitions=hasty(tmp_path / "definitions")
    )
    management.launch()
    with closing(management), machine.standing():
        management.awaited()
        kiosk = machine.office()
        acquaint(management.office(), kiosk)
        register(kiosk)
        awaited(lambda: bool(stored(kiosk, "link")), 60, lambda: stored(kiosk, "cabinet.terminal")[0]["answer"])
        yield machine, management


def test_a_day(sides):
    sys.stdout.write(f"GUIJU_SEED={SEED} GUIJU_DAY={OPERATIONS}\n")
    machine, management = sides
    had = {str(one["number"]) for one in machine.records("cabinet.put_take")}
    day = begun(machine, SEED)
    lived(day, management)
    sys.stdout.write(f"{len(day.moves)} moves, {Counter(day.faults)}, {day.seconds}\n")
    agrees_with_itself(day, had)
    agrees_with_management(day, management, had)
    settles(machine, management)


def lived(day: Day, management: Installation) -> None:
    """All operations of the day; the network is away in the second and in the fourth fifth, and the management side
    dies over what had waited."""
    fifth, person, had = OPERATIONS // 5, Person(day.machine), 0
    for at, fault in enumerate(plan(day.chance, OPERATIONS, FAULTS)):
        if at in (fifth, 3 * fifth):
            person.does("network", on=False)
            had = arrived(management)
        if at in (2 * fifth, 4 * fifth):
            assert arrived(management) <= had + 1  # one may have been under way
            person.does("network", on=True)
            for _ in range(DEATHS if at == 4 * fifth else DEATHS - 1):
                dies_meanwhile(day, management)
        day.operates(fault)
    management.awaited()


def arrived(management: Installation) -> int:
    """How many operations it was told of."""
    return len(management.records("data_collection"))


def dies_meanwhile(day: Day, management: Installation) -> None:
    """The management side dies while it is told what had waited."""
    management.awaited()
    before = arrived(management)
    awaited(lambda: arrived(management) > before, 90, "nothing came")
    time.sleep(day.chance.random() / 2)
    management.kill()
    management.launch()


def agrees_with_itself(day: Day, had: set[str]) -> None:
    """The record agrees with the drawers, and with what was done."""
    assert {number: day.says(number) for number in day.inside} == {
        number: "stored" if inside else "out" for number, inside in day.inside.items()
    }
    assert lying(day.machine) == {
        (place.board, place.lock) for number, place in day.places.items() if day.inside[number]
    }
    numbers = {one["id"]: str(one["ZJHM"]) for one in day.machine.records("cabinet.certificate")}
    assert [(numbers[str(one["certificate"])], SAID[str(one["kind"])]) for one in noted(day.machine, had)] == day.moves


def noted(machine: Machine, had: set[str]) -> list[dict[str, Any]]:
    """The operations of the day as the cabinet has them, in their order."""
    mine = [one for one in machine.records("cabinet.put_take") if str(one["number"]) not in had]
    return sorted(mine, key=lambda one: str(one["created_at"]))


def agrees_with_management(day: Day, management: Installation, had: set[str]) -> None:
    """It has each operation and each event once, the operations in their order, and the documents where they are."""
    ours = [(str(one["number"]), SAID[str(one["kind"])]) for one in noted(day.machine, had)]

    def waits() -> list[Any]:
        return [one for one in day.machine.records("upload") if one["state"] != "confirmed"]

    awaited(lambda: not waits(), 150, lambda: Counter((one["what"], one["state"], one["tries"]) for one in waits()))
    rows = sorted(management.records("data_collection"), key=lambda one: str(one["number"]))
    assert [(str(one["serial"]), str(one["czlx"])) for one in rows] == ours
    told = [str(one["serial"]) for one in day.machine.records("upload") if one["what"] == "event"]
    assert sorted(str(one["serial"]) for one in management.records("event_report")) == sorted(told)
    last = {str(one["zjbs"]): str(one["czlx"]) for one in rows}
    states = {str(one["ZJBS"]): str(one["state"]) for one in day.machine.records("cabinet.certificate")}
    assert {one: "stored" if kind == PUT else "out" for one, kind in last.items()} == {one: states[one] for one in last}


def settles(machine: Machine, management: Installation) -> None:
    """The package of the evening finds nothing to do."""
    kiosk = machine.office()
    run_job(kiosk, Effect(kiosk.ids.new(), "job", "the evening", kiosk.clock.now(), payload={"job": "reconcile"}))

    def packages() -> list[Any]:
        return [one for one in management.records("cabinet_reconciliation") if one["state"] == "finished"]

    awaited(lambda: bool(packages()), 70, lambda: machine.records("upload")[-1])
    (package,) = packages()
    assert {row["result"] for row in package["events"]} == {"same"}
    assert {row["result"] for row in package["documents"]} == {"same"}
    (sent,) = [one for one in machine.records("upload") if one["what"] == "package"]
    awaited(lambda: machine.records("upload")[-1]["state"] == "confirmed", 30)
    assert not sent["missing"]
