"""A cabinet and the management side over real HTTP, signed and sealed: it registers, is cut off for days, catches up.

The network is cut by stopping the server of the management side; both sides share a clock that the test moves.
"""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from werkzeug.serving import BaseWSGIServer, make_server

from engine.model.crypto import KeyKind
from engine.problems import DeliveryError, Incident
from engine.testing.office import SetClock
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.happenings import tell
from engine.usecases.jobs import run_due_jobs
from engine.usecases.monitoring import waiting_to_leave
from engine.usecases.watch_turns import run_watches
from engine.usecases.work import Work
from engine.web import WebSettings, create_app
from tests.journeys.test_exchange import BEGIN, Node

UNIT = {"TYSHXYDM": "11990101750000103R", "DWMC": "清屿区教育局"}
SERIAL, CARD = "XJH-Q2600001", "JMK-0001"


class Network:
    """The line between both sides: a server at a port, which goes away and comes back."""

    def __init__(self, port: int, served: Any) -> None:
        self.port, self._served = port, served
        self._server: BaseWSGIServer | None = None

    def mend(self) -> None:
        """The management side can be reached."""
        self._server = make_server("127.0.0.1", self.port, self._served, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def cut(self) -> None:
        """Nobody answers."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Sides:
    """The two nodes, the line between them, and time."""

    def __init__(self, folder: Path, clock: SetClock, address: str) -> None:
        self.clock, self.address = clock, address
        self.management = Node("management", folder / "management", clock)
        self.cabinet = Node("cabinet", folder / "cabinet", clock, self.management)

    def settle(self) -> None:
        """Both do all that there is to do at this moment."""
        both = self.cabinet, self.management
        for one in both:
            run_due_jobs(one.runtime)
        while sum(one.run() + run_watches(one.runtime) for one in both):
            pass

    def pass_(self, **span: float) -> None:
        """Time passes, minute by minute."""
        until = self.clock.at + timedelta(**span)
        while self.clock.at < until:
            self.clock.move(seconds=60)
            self.settle()

    def operate(self, certificate: str, event: str, **asked: Any) -> None:
        """A put-in or take-out at the cabinet."""
        self.raised("cabinet.certificate", certificate, event, **asked)
        self.clock.move(seconds=7)
        self.settle()

    def raised(self, document: str, record: str, event: str, **asked: Any) -> None:
        """An event of the cabinet itself."""

        def act(work: Work) -> None:
            work.apply(work.open(document, record), event, ENGINE, Inputs(asked=asked))

        in_work(self.cabinet.runtime, ENGINE, act)

    def collected(self) -> list[tuple[str, str]]:
        """What the management side has, in the order in which it came."""
        rows = sorted(self.management.all("data_collection"), key=lambda one: str(one["number"]))
        return [(str(one["serial"]), str(one["czlx"])) for one in rows]

    def recorded(self) -> list[tuple[str, str]]:
        """What the cabinet did, in its order."""
        said = {"put_new": "2", "put_return": "2", "take_lend": "1", "take_out": "1"}
        rows = sorted(self.cabinet.all("cabinet.put_take"), key=lambda one: str(one["created_at"]))
        return [(str(one["number"]), said[str(one["kind"])]) for one in rows]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def keys(sides: Sides) -> None:
    """Each side's key, and its certificate at the other."""
    papers = {}
    for name, node in (("management", sides.management), ("cabinet", sides.cabinet)):
        room = node.runtime.crypto()
        begins = sides.clock.at - timedelta(days=1)
        room.issuing.authority("root", begins, begins + timedelta(days=3650))
        room.desk.create(name, KeyKind.SM2)
        papers[name] = room.issuing.issue("root", room.issuing.request(name), begins, begins + timedelta(days=3650))
        room.desk.certify(name, papers[name])
    office, kiosk = sides.management.runtime, sides.cabinet.runtime
    own = office.files.put(papers["cabinet"], "cabinet.cer", "application/pkix-cert")
    theirs = kiosk.files.put(papers["management"], "management.cer", "application/pkix-cert")
    unit = sides.management.engine(
        "filing_unit", tyshxydm=UNIT["TYSHXYDM"], dwmc=UNIT["DWMC"], ssqy="990101", dwlxr="周管", lxfs="1", quota=2
    )
    sides.management.engine("crypto_card", jmkid=CARD, module="M-000001", unit=unit, certificate=own)
    sides.cabinet.engine("link_partner", name="管理系统", module="EE4-0001", certificate=theirs)


def furnish(sides: Sides) -> dict[str, str]:
    """A cabinet with two persons and three documents, none of them in it yet."""
    kiosk = sides.cabinet
    kiosk.person(["cabinet_admin", "link_admin"], name=UNIT["DWMC"], TYSHXYDM=UNIT["TYSHXYDM"])
    made = {"terminal": kiosk.engine(
        "cabinet.terminal", name="一号", SBXLH=SERIAL, no="000001", **UNIT, GZLXR="周管", GZLXDH="1", JMKID=CARD
    )}  # fmt: skip
    kiosk.engine("cabinet.cabinet_body", position=1, ZJGXLH="ZJG-1", rows=2, columns=2)
    drawers = sorted(kiosk.all("cabinet.drawer"), key=lambda one: (one["CTH"], one["CTL"]))
    for at, number in enumerate(("990101199003070015", "990101198105050010")):
        person = kiosk.engine(
            "cabinet.person", XM="林晚舟", GMSFHM=number, LXDH="19900000201", TYSHXYDM=UNIT["TYSHXYDM"]
        )
        for kind, code in (("414", "EA"), ("513", "CA")):
            made[f"{code}{at}"] = kiosk.engine("cabinet.certificate", ZJLX=kind, ZJHM=f"{code}000000{at}")
            sides.raised("cabinet.certificate", made[f"{code}{at}"], "bind", holder=person, drawer=drawers[at]["id"])
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Both sides with their keys, and the line between them, which is whole."""
    folder, port, clock = tmp_path_factory.mktemp("cabinets"), free_port(), SetClock(BEGIN)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MANAGEMENT_URL", f"http://127.0.0.1:{port}")
        environment.delenv("UNIT_SYSTEM_URL", raising=False)
        sides = Sides(folder, clock, f"http://127.0.0.1:{port}")
        keys(sides)
        network = Network(port, create_app(lambda: sides.management.runtime, WebSettings(secret_key="0" * 32)))
        network.mend()
        yield sides, network, furnish(sides)
        network.cut()
        for one in (*sides.cabinet.listening, *sides.management.listening):
            one.close()


def test_days_without_a_network_end_with_both_sides_equal(world):
    sides, network, made = world
    sides.raised("cabinet.terminal", made["terminal"], "register")
    sides.settle()
    terminal = sides.cabinet.of("cabinet.terminal", made["terminal"])
    assert (terminal["state"], terminal["answer"]) == ("registered", "注册成功")
    (device,) = sides.management.all("cabinet_device")
    assert (device["sbxlh"], device["drawers"], device["state"]) == (SERIAL, 4, "enabled")
    (link,) = sides.cabinet.all("link")
    assert [one["ZJGXLH"] for one in link["bodies"]] == ["ZJG-1"]

    sides.operate(made["EA0"], "put_in")
    sides.operate(made["CA0"], "put_in")
    sides.pass_(minutes=11)
    assert sides.collected() == sides.recorded()
    assert {one["state"] for one in sides.cabinet.all("cabinet.put_take")} == {"reported"}
    (device,) = sides.management.all("cabinet_device")
    assert device["last_seen"] is not None
    (link,) = sides.cabinet.all("link")
    assert (link["missed"], link["configuration"], link["wd_high"]) == (0, 1, 30)

    network.cut()
    sides.operate(made["EA1"], "put_in")
    for _ in range(3):
        sides.operate(made["EA0"], "take_abnormal", reason="damaged")
        sides.operate(made["EA0"], "put_in")
        sides.pass_(minutes=3)
        sides.clock.move(seconds=86_400)
        sides.settle()
    (link,) = sides.cabinet.all("link")
    assert link["missed"] > 0
    assert len(sides.collected()) == 2
    assert len(sides.recorded()) == 9
    (device,) = sides.management.all("cabinet_device")
    assert device["lost"] is True
    assert waiting_to_leave(sides.cabinet.runtime) == 7  # what the head of the kiosk tells

    network.mend()
    sides.pass_(minutes=12)
    assert waiting_to_leave(sides.cabinet.runtime) == 0
    assert sides.collected() == sides.recorded()
    assert {one["state"] for one in sides.cabinet.all("upload")} == {"confirmed"}
    assert {one["state"] for one in sides.cabinet.all("cabinet.put_take")} == {"reported"}
    (device,) = sides.management.all("cabinet_device")
    assert device["lost"] is False


def test_an_answer_that_was_lost_makes_nothing_twice(world):
    sides, _, made = world
    service = sides.cabinet.runtime.services["management"]
    before = len(sides.management.all("data_collection"))

    class Deaf:
        """Takes the call there, and brings no answer back."""

        def ask(self, *given: Any, **named: Any) -> Any:
            service.ask(*given, **named)
            raise DeliveryError(Incident("management", "no answer", retry=True))

    sides.cabinet.runtime.services["management"] = Deaf()
    sides.operate(made["CA1"], "put_in")
    sides.cabinet.runtime.services["management"] = service
    assert len(sides.management.all("data_collection")) == before + 1
    sides.pass_(minutes=6)
    assert len(sides.management.all("data_collection")) == before + 1
    assert sides.collected() == sides.recorded()


def test_an_alarm_ends_at_both_sides_and_the_next_is_a_new_one(world):
    sides, _, _ = world

    def alarms() -> list[str]:
        return [str(one["state"]) for one in sides.management.all("device_alarm") if one["gjlx"] == "power"]

    found = []
    for happening in ("power.lost", "power.low", "power.back", "power.lost"):
        tell(sides.cabinet.runtime, happening, {})
        sides.pass_(minutes=2)
        found.append(sorted(alarms()))
    assert found == [["open"], ["open"], ["recovered"], ["open", "recovered"]]


def test_the_evening_package_finds_what_is_missing(world):
    sides, _, made = world
    sides.operate(made["EA0"], "take_abnormal", reason="damaged")
    evening = sides.clock.at.replace(hour=19, minute=58, second=0)
    sides.clock.move(seconds=(evening - sides.clock.at).total_seconds() % 86_400)
    sides.pass_(minutes=6)
    packages = sides.management.all("cabinet_reconciliation")
    assert packages
    assert {one["state"] for one in packages} == {"finished"}
    assert all(row["result"] == "same" for one in packages for row in one["events"])
    assert {one["state"] for one in sides.cabinet.all("upload")} == {"confirmed"}


def test_a_package_made_up_for_at_night_is_not_the_next_evenings(world):
    sides, _, _ = world

    def packages_after(hour: int, minute: int) -> int:
        """How many there are a little after the next time of day, in which nothing ran until then."""
        wanted = sides.clock.at.replace(hour=hour, minute=minute, second=0)
        sides.clock.move(seconds=(wanted - sides.clock.at).total_seconds() % 86_400)
        sides.pass_(minutes=6)
        return sum(one["what"] == "package" for one in sides.cabinet.all("upload"))

    before = packages_after(2, 0)
    assert packages_after(1, 58) == before + 1  # the evening went by without power
    assert packages_after(19, 58) == before + 2


def refused(sides: Sides, change: Callable[[dict[str, Any]], None]) -> str:
    """The code that a heartbeat is answered with whose envelope was changed."""
    asked: dict[str, bytes] = {}
    service = sides.cabinet.runtime.services["management"]

    class Ear:
        """Listens to what is asked."""

        def ask(self, body: bytes, **named: Any) -> Any:
            asked[str(named["path"])] = body
            return service.ask(body, **named)

    sides.cabinet.runtime.services["management"] = Ear()
    (link,) = sides.cabinet.all("link")
    sides.clock.move(seconds=61)
    sides.raised("link", link["id"], "beat")
    while sides.cabinet.run():
        pass
    sides.cabinet.runtime.services["management"] = service
    tree = json.loads(asked["/zjbgg/v1/xt"])
    change(tree)
    with suppress(urllib3.exceptions.HTTPError):
        answer = urllib3.request("POST", f"{sides.address}/zjbgg/v1/xt", json=tree, retries=False)
        return str(answer.json()["code"])
    return "silent"


def test_messages_that_were_touched_are_refused_by_their_codes(world):
    sides, _, _ = world
    assert refused(sides, lambda tree: None) == "1101"
    assert refused(sides, lambda tree: tree["c"].update(reqid="another")) == "1201"
    assert refused(sides, lambda tree: tree["c"].update(reqid="third", time="20200101000000")) == "1102"
    assert refused(sides, lambda tree: tree["c"].update(reqid="fourth", ei="M-9")) == "1202"
    assert refused(sides, lambda tree: tree["c"].pop("reqid")) == "1002"
