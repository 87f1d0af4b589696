"""A real cabinet and the unit that keeps its certificates in it: what the kiosk does is in the unit's books, once.

Three nodes over real HTTP, signed and sealed: the cabinet tells the unit's system of put-ins and take-outs (IF-33), the
unit sends take-out codes by the management side, which the cabinet asks for what waits.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.model.crypto import KeyKind
from engine.problems import DeliveryError, Incident
from engine.testing.office import SetClock
from engine.usecases.accounts import actor_of
from engine.usecases.jobs import run_due_jobs
from engine.usecases.parameters import set_parameter
from engine.usecases.tasks import decide, my_tasks
from engine.usecases.views import Actor
from engine.usecases.watch_turns import run_watches
from engine.web import WebSettings, create_app
from tests.journeys.test_cabinets import SERIAL, UNIT, Network, Sides, free_port, furnish, keys
from tests.journeys.test_exchange import BEGIN, Node

PERSON = {"XM": "林晚舟", "GMSFHM": "990101199003070015", "LXDH": "19900000201"}
KEPT = {"ZJLX": "414", "ZJHM": "EA0000000", "YXQJZRQ": "2030-01-01"}


class Three(Sides):
    """The cabinet, its management, and the unit whose certificates are in it."""

    leader: Actor

    def __init__(self, folder: Path, clock: SetClock, address: str) -> None:
        super().__init__(folder, clock, address)
        self.unit = Node("unit", folder / "unit", clock, self.management)

    def settle(self) -> None:
        """All do what there is to do at this moment."""
        nodes = self.cabinet, self.management, self.unit
        for one in nodes:
            run_due_jobs(one.runtime)
        while sum(one.run() + run_watches(one.runtime) for one in nodes):
            pass

    def kept(self) -> dict[str, Any]:
        """The certificate as the unit sees it."""
        (one,) = (row for row in self.unit.all("certificate") if row["ZJHM"] == KEPT["ZJHM"])
        return one

    def booked(self) -> list[tuple[str, str]]:
        """What the unit has of the cabinet, in order."""
        rows = sorted(self.unit.all("put_take"), key=lambda one: (one["at"], one["number"]))
        return [(str(one["kind"]), str(one["serial"])) for one in rows if one["serial"]]


def introduce(three: Three) -> None:
    """The unit's key, and each side's certificate where it is believed."""
    room = three.unit.runtime.crypto()
    begins = three.clock.at.replace(year=2025)
    span = begins, begins.replace(year=2035)
    room.issuing.authority("root", *span)
    room.desk.create("unit", KeyKind.SM2)
    paper = room.issuing.issue("root", room.issuing.request("unit"), *span)
    room.desk.certify("unit", paper)

    def put(node: Node, content: bytes, name: str) -> Any:
        return node.runtime.files.put(content, name, "application/pkix-cert")

    cabinet, management = (node.runtime.crypto().desk for node in (three.cabinet, three.management))
    three.unit.person(["unit_admin"], name=UNIT["DWMC"], TYSHXYDM=UNIT["TYSHXYDM"])
    (org,) = three.unit.all("org")
    three.leader = actor_of(
        three.unit.runtime,
        three.unit.engine(
            "user", login="hr", name="何知远", roles=["hr_leader"], password="Guiju-2026!", org=org["id"]
        ),
    )
    three.unit.act(
        "connect", "real_cabinet", name="一楼保管柜", code="000201", SBXLH=SERIAL, module="M-000001",
        certificate=put(three.unit, cabinet.certificate("cabinet"), "cabinet.cer"),
    )  # fmt: skip
    theirs = put(three.unit, management.certificate("management"), "management.cer")
    three.unit.engine("forwarding_partner", name="管理系统", module="EE4-0001", certificate=theirs)
    three.cabinet.engine(
        "link_partner", name="单位", module="EE2A-0001", certificate=put(three.cabinet, paper, "u.cer")
    )
    (filing_unit,) = three.management.all("filing_unit")
    three.management.engine(
        "crypto_card", jmkid="JMK-2A", module="EE2A-0001", unit=filing_unit["id"],
        certificate=put(three.management, paper, "u.cer"),
    )  # fmt: skip
    set_parameter(three.cabinet.runtime, three.cabinet.actor, "unit_reports", "true")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """All three with the lines between them, a registered cabinet and a filed person."""
    ports, clock = (free_port(), free_port()), SetClock(BEGIN)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MANAGEMENT_URL", f"http://127.0.0.1:{ports[0]}")
        environment.setenv("UNIT_SYSTEM_URL", f"http://127.0.0.1:{ports[1]}")
        three = Three(tmp_path_factory.mktemp("unit_cabinets"), clock, f"http://127.0.0.1:{ports[0]}")
        keys(three)
        secret = WebSettings(secret_key="0" * 32)
        management = Network(ports[0], create_app(lambda: three.management.runtime, secret))
        unit = Network(ports[1], create_app(lambda: three.unit.runtime, secret))
        made = furnish(three)
        introduce(three)
        management.mend()
        unit.mend()
        three.raised("cabinet.terminal", made["terminal"], "register")
        three.settle()
        yield three, unit, made
        management.cut()
        unit.cut()
        for one in (three.cabinet, three.management, three.unit):
            for line in one.listening:
                line.close()


def test_what_the_kiosk_does_is_in_the_units_books_once(world):
    three, unit, made = world
    three.operate(made["EA0"], "put_in")
    (report,) = three.unit.all("deposit_report")
    assert (report["state"], report["fault"]) == ("open", "not_filed")
    person = three.unit.act("enter", "person", **PERSON)
    three.unit.act("file", "person", person, asked={"on": "2026-05-06"})
    three.pass_(minutes=61)

    (place,) = three.unit.all("virtual_drawer")
    certificate = three.kept()
    assert (certificate["state"], certificate["kept_in"], certificate["drawer"]) == ("stored", "real", place["id"])
    assert (certificate["SJLY"], certificate["holder"]) == ("hzg", person)
    assert (place["CTH"], place["CTL"], place["holder"]) == (1, 1, person)
    assert three.booked() == [("put_new", report["ywlsh"])]

    service = three.cabinet.runtime.services["unit_system"]

    class Deaf:
        """Takes the call there, and brings no answer back."""

        def ask(self, *given: Any, **named: Any) -> Any:
            service.ask(*given, **named)
            raise DeliveryError(Incident("unit_system", "no answer", retry=True))

    three.cabinet.runtime.services["unit_system"] = Deaf()
    three.operate(made["EA0"], "take_abnormal", reason="damaged")
    three.cabinet.runtime.services["unit_system"] = service
    assert len(three.booked()) == 2
    unit.cut()
    three.operate(made["EA0"], "put_in")
    three.pass_(minutes=2)
    assert len(three.booked()) == 2
    unit.mend()
    three.pass_(minutes=8)
    assert [kind for kind, _ in three.booked()] == ["put_new", "take_out", "put_return"]
    told = {str(one["serial"]) for one in three.cabinet.all("upload") if one["what"] == "deposit"}
    assert {serial for _, serial in three.booked()} == told
    assert max(int(one["times"]) for one in three.unit.all("deposit_report")) > 1
    assert {one["state"] for one in three.cabinet.all("upload")} == {"confirmed"}
    assert three.kept()["state"] == "stored"


def test_the_code_of_the_unit_opens_the_drawer_at_the_kiosk(world):
    three, _, made = world
    form = three.unit.act(
        "enter", "exit_form", applicant=three.kept()["holder"], MDD="JPN", CFSJ="2026-05-20", FHSJ="2026-05-28",
        purpose="tourism", relatives_home=[{"relation": "51", "name": "林守拙"}],
    )  # fmt: skip
    three.unit.act("submit", "exit_form", form)
    (task,) = my_tasks(three.unit.runtime, three.leader)
    decide(three.unit.runtime, three.leader, task.id, "agree")
    three.settle()
    three.unit.act("accept", "exit_form", form)
    three.pass_(minutes=12)
    agreed = three.unit.of("exit_form", form)
    assert agreed["code_taken"] is not None
    (approval,) = three.cabinet.all("cabinet.approval")
    assert (approval["QZM"], approval["CGSPYWLSH"]) == (agreed["QZM"], agreed["number"])
    assert agreed["QZM"].isdecimal()

    three.operate(made["EA0"], "take_out", approval=approval["id"])
    kept = three.kept()
    assert (kept["state"], kept["exit_form"], str(kept["GHJZRQ"])) == ("taken", form, "2026-05-28")
    assert three.unit.of("exit_form", form)["state"] == "in_use"
    assert three.booked()[-1][0] == "take_lend"
    three.operate(made["EA0"], "put_in")
    assert (three.kept()["state"], three.unit.of("exit_form", form)["state"]) == ("stored", "finished")


def test_what_is_told_of_a_document_is_sealed_for_the_unit(world):
    three, _, made = world
    service, heard = three.cabinet.runtime.services["unit_system"], []

    class Ear:
        """Listens to what is told."""

        def ask(self, body: bytes, **named: Any) -> Any:
            heard.append(body)
            return service.ask(body, **named)

    three.cabinet.runtime.services["unit_system"] = Ear()
    three.operate(made["CA1"], "put_in")
    three.cabinet.runtime.services["unit_system"] = service
    (message,) = heard
    assert json.loads(message)["mstype"]
    assert b"CA0000001" not in message
    (waiting,) = (one for one in three.unit.all("deposit_report") if one["state"] == "open")
    assert (waiting["ZJLX"], waiting["ZJHM"], waiting["GMSFHM"]) == ("513", "CA0000001", "990101198105050010")
