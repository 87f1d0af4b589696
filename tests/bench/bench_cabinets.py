"""What the heartbeats and reports of a thousand cabinets cost one management node: processor seconds for each message,
the share of two cores that follows, and a burst after an outage.

Run it with `python tests/bench/bench_cabinets.py [--cabinets N] [--postgres URL]`. Each message goes the whole way: an
envelope signed and sealed with SM2 and SM4, its guards, what the shipped definitions do, the signed answer, and the
worker's share of it. Under half of two cores must be wanted at a heartbeat each ten minutes and forty reports a day.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import app
from engine.envelopes import securing
from engine.model.crypto import KeyKind
from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.offer_views import Asked
from engine.usecases.offers import answer
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

ROOT = Path(__file__).resolve().parents[2]
BEATS_A_DAY, REPORTS_A_DAY, CORES, MOST_SHARE = 144, 40, 2, 0.5
"""A heartbeat each ten minutes; twenty put-ins and twenty take-outs of one cabinet are a busy day."""


@dataclass(frozen=True, slots=True)
class Cabinet:
    """One cabinet: its serial number, its card and the key that all of them share here."""

    serial: str
    module: str


def office(home: Path, database: str) -> Runtime:
    """The shipped management node with keys."""
    settings = {
        "GUIJU_HOME": str(home), "GUIJU_NODE": "management", "GUIJU_DEFINITIONS": str(ROOT / "definitions"),
        **({"GUIJU_DATABASE": database} if database else {}),
    }  # fmt: skip
    made = app.Office(app.Settings.of(settings))
    runtime = made.runtime()
    room, begins = runtime.crypto(), runtime.clock.now() - timedelta(days=1)
    room.issuing.authority("root", begins, begins + timedelta(days=400))
    for name in ("management", "cabinet"):
        room.desk.create(name, KeyKind.SM2)
        room.desk.certify(
            name, room.issuing.issue("root", room.issuing.request(name), begins, begins + timedelta(days=400))
        )
    return runtime


def furnish(runtime: Runtime, count: int) -> list[Cabinet]:
    """So many devices, each with a card, a body and one drawer."""
    paper = runtime.files.put(runtime.crypto().desk.certificate("cabinet"), "cabinet.cer", "application/pkix-cert")

    def put(work: Work, document: str, event: str, **raw: Any) -> str:
        return str(work.apply(work.blank(document), event, ENGINE, Inputs(raw, by_system=True)).values["id"])

    unit = in_work(
        runtime, ENGINE,
        lambda work: put(
            work, "filing_unit", "enter", tyshxydm="11990101750000103R", dwmc="甲", ssqy="990101",
            dwlxr="乙", lxfs="1", quota=1000,
        ),
    )  # fmt: skip
    made = [Cabinet(f"S-{at:05}", f"M-{at:05}") for at in range(count)]

    def enter(one: Cabinet) -> None:
        def act(work: Work) -> None:
            device = put(work, "cabinet_device", "register", sbxlh=one.serial, sbmc=one.serial, unit=unit)
            body = put(work, "device_cabinet", "found", device=device, zjbggxlh=f"G-{one.serial}", cthsl=1, ctls=1)
            put(work, "device_drawer", "found", cabinet=body, cthsl=1, ctls=1)
            card = put(work, "crypto_card", "issue", jmkid=one.module, module=one.module, unit=unit, certificate=paper)
            work.apply(work.open("crypto_card", card), "bind", ENGINE, Inputs(asked={"device": device}))

        in_work(runtime, ENGINE, act)

    for one in made:
        enter(one)
    while deliver_due(runtime):
        pass
    return made


def wrapped(runtime: Runtime, one: Cabinet, kind: str, body: dict[str, Any]) -> bytes:
    """A message in the envelope of cabinets, signed and sealed."""
    crypto = runtime.crypto().provider()
    receiver = crypto.public("management")
    key, sealed = securing.sealed(crypto, receiver, json.dumps(body).encode())
    now = runtime.clock.now()
    control = {
        "coding": "b64", "reqid": runtime.ids.new(), "time": now.strftime("%Y%m%d%H%M%S"), "sid": "", "ai": "Sig+Env",
        "ki": "", "ei": one.module,
    }  # fmt: skip
    tree = {"version": "1", "mstype": kind, "c": control, "s": {"env": key}, "bdata": sealed}
    signature = securing.signature_of(crypto, "cabinet", securing.signed_parts(tree, ("c", "bdata")))
    return json.dumps({**tree, "s": {"env": key, "sig": signature}}).encode()


def heartbeat(one: Cabinet, at: datetime) -> dict[str, Any]:
    """What a heartbeat says."""
    now = f"{at:%Y%m%d%H%M%S}"
    return {
        "sbxlh": one.serial, "sbipdz": "10.0.0.8", "czsj": now, "sbbb": "1.0.0", "sbwd": "22.5", "sbsd": "45",
        "clqzy": "12", "nczy": "40", "cpzy": "31",
    }  # fmt: skip


def report(one: Cabinet, at: datetime, number: int) -> dict[str, Any]:
    """What a put-in says."""
    now = f"{at:%Y%m%d%H%M%S}"
    return {
        "sbxlh": one.serial, "zjgxlh": f"G-{one.serial}", "cth": 1, "ctl": 1, "czsj": now, "czyzh": "admin1",
        "czlx": "2" if number % 2 else "1", "zjlx": "414", "ctzt": "1", "ywlsh": f"{one.serial}-{number}",
        "zjbs": f"Z{number}",
    }  # fmt: skip


def served(runtime: Runtime, offer: str, messages: list[bytes]) -> tuple[float, float]:
    """Processor seconds for a message, and messages in a second, of a run of them with what the worker does after."""
    door = runtime.definitions.offers[offer]
    cpu, begun = time.process_time(), time.perf_counter()
    for content in messages:
        told = answer(runtime, door, Asked(content, len(content), address="10.0.0.1")).told
        assert (told.word, str(told.code)) == ("ok", "0"), told
    while deliver_due(runtime):
        pass
    return (time.process_time() - cpu) / len(messages), len(messages) / (time.perf_counter() - begun)


def measured(cabinets: int, database: str) -> tuple[float, float, float]:
    """Processor seconds of a heartbeat and of a report, and heartbeats in a second."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = office(Path(folder), database)
        made = furnish(runtime, cabinets)
        beats = [wrapped(runtime, one, "heartbeat", heartbeat(one, runtime.clock.now())) for one in made]
        each_beat, beats_a_second = served(runtime, "heartbeat", beats)
        reports = [wrapped(runtime, one, "collect", report(one, runtime.clock.now(), 1)) for one in made]
        each_report, reports_a_second = served(runtime, "collect", reports)
    sys.stdout.write(f"heartbeat  {each_beat * 1000:7.1f} ms of processor, {beats_a_second:6.1f} a second\n")
    sys.stdout.write(f"report     {each_report * 1000:7.1f} ms of processor, {reports_a_second:6.1f} a second\n")
    return each_beat, each_report, beats_a_second


def main() -> int:
    """Print what it costs; 1 where it is too much."""
    options = argparse.ArgumentParser()
    options.add_argument("--cabinets", type=int, default=1000)
    options.add_argument("--postgres", default="")
    given = options.parse_args()
    each_beat, each_report, beats_a_second = measured(given.cabinets, given.postgres)
    day = given.cabinets * (BEATS_A_DAY * each_beat + REPORTS_A_DAY * each_report)
    share = day / 86_400 / CORES
    peak = given.cabinets / 600 * each_beat / CORES
    sys.stdout.write(
        f"{given.cabinets} cabinets want {share:.1%} of {CORES} cores over a day, heartbeats alone {peak:.1%}\n"
    )
    sys.stdout.write(f"after an outage all of them at once: {given.cabinets / beats_a_second:.0f} s on one core\n")
    return 0 if share < MOST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
