"""A cabinet from its first day: registered at its screen, counted, cut off and plugged in again; by touch, in Chromium,
over pseudo-terminals, with the management side as a process of its own behind a cable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work
from tests.journeys.at_the_cabinet import Installation, Machine
from tests.journeys.by_touch import Finger, panel
from tests.journeys.cable import Cable
from tests.journeys.keys_of_both import keys_of_both
from tests.stations import PASSWORD, account, awaited, put

UNIT = {"tyshxydm": "11990101750000103R", "dwmc": "清屿区教育局", "ssqy": "990101", "xxdz": "云栖路17号"}
SERIAL, CARD, BOARD = "XJH-Q2600001", "JMK-0001", "left1"
SAID = {"put_new": "2", "put_return": "2", "take_lend": "1", "take_out": "1"}
LI, WANG, CHEN, PERMIT = "E90000001", "E90000002", "E90000003", "C90000001"
DOCUMENTS = {LI: ("414", "李明", 1), PERMIT: ("513", "李明", 1), WANG: ("414", "王芳", 2), CHEN: ("414", "陈一", 3)}
CITIZENS = {"李明": "110101198506120012", "王芳": "11010119900307002X", "陈一": "990101198105050010"}
SHELF = {LI: "book_1", PERMIT: "line_1", WANG: "book_2", CHEN: "book_3"}
"""Where papers lie that the simulated reader knows."""


def furnish(folder: Path, cable: Cable) -> tuple[Machine, Installation]:
    """A cabinet as it comes from the works, with its key, and a management side that knows its unit and its card."""
    settings = {"MANAGEMENT_URL": f"http://127.0.0.1:{cable.port}", "GUIJU_SERIAL": SERIAL}
    machine = Machine(folder / "cabinet", settings, options=("--no-demo",))
    office = Installation(folder / "management")
    management, kiosk = office.office(), machine.office()
    own, theirs = keys_of_both(management, kiosk)
    unit = put(management, "filing_unit", **UNIT, dwlxr="周管", lxfs="0990-5550301", quota=1)
    put(management, "crypto_card", jmkid=CARD, module="M-000001", unit=unit, certificate=own)
    put(kiosk, "link_partner", name="管理系统", module="EE4-0001", certificate=theirs)
    org = put(management, "org", name="云岚市出入境管理支队", TYSHXYDM="11990101750000974H")
    account(management, "super", org, ["cabinet_super"])
    return machine, office


@dataclass
class Sides:
    """The cabinet with somebody before it, the management side, and the cable between them."""

    machine: Machine
    office: Installation
    cable: Cable

    def pulled(self, finger: Finger) -> None:
        """The cable is pulled, and the panel says so."""
        self.cable.pull()
        finger.person.does("network", on=False)
        finger.head("离线")

    def plugged(self, finger: Finger) -> None:
        """It is plugged in again."""
        self.cable.plug(self.office.port)
        finger.person.does("network", on=True)
        expect(finger.page.locator("#facts")).not_to_contain_text("离线", timeout=30_000)

    def told(self) -> list[tuple[str, str]]:
        """What the cabinet did: serials and kinds of operation."""
        moved = [(str(one["number"]), SAID[str(one["kind"])]) for one in self.machine.records("cabinet.put_take")]
        return sorted([*moved, *((str(one["number"]), "3") for one in self.machine.records("cabinet.cancellation"))])

    def heard(self) -> list[tuple[str, str]]:
        """What the management side has of it, each as often as it came."""
        return sorted((str(one["serial"]), str(one["czlx"])) for one in self.office.records("data_collection"))

    def equal(self) -> None:
        """Everything came to the management side, and once."""
        awaited(self.confirmed, 240, lambda: [(one["serial"], one["state"]) for one in self._uploads()])
        assert self.told() == self.heard()
        sent = sorted(str(one["serial"]) for one in self._uploads() if one["what"] == "event")
        assert sorted(str(one["serial"]) for one in self.office.records("event_report")) == sent
        assert sent
        awaited(lambda: {one["state"] for one in self.machine.records("cabinet.put_take")} == {"reported"}, 60)

    def _uploads(self) -> list[dict[str, Any]]:
        return self.machine.records("upload")

    def confirmed(self) -> bool:
        return {one["state"] for one in self._uploads()} == {"confirmed"}

    def state(self, number: str) -> str:
        """What the cabinet's record says of a document."""
        known = self.machine.records("cabinet.certificate")
        return str(next(one["state"] for one in known if one["ZJHM"] == number))

    def holds(self, documents: Mapping[str, tuple[str, str, int]]) -> None:
        """Documents that lie in the cabinet: kind, holder's name, the lock of the drawer; recorded beside the node."""
        runtime = self.machine.office()
        drawers = {int(one["lock"]): str(one["id"]) for one in self.machine.records("cabinet.drawer")}
        unit = self.machine.records("org")[0]
        persons: dict[str, str] = {}
        for number, (kind, name, lock) in documents.items():
            if name not in persons:
                person = {"XM": name, "GMSFHM": CITIZENS[name], "LXDH": "19900000201", "org": unit["id"]}
                persons[name] = put(runtime, "cabinet.person", TYSHXYDM=unit["TYSHXYDM"], **person)
                raised(runtime, "drawer", drawers[lock], "bind", owner=persons[name])
            made = put(runtime, "cabinet.certificate", ZJLX=kind, ZJHM=number, ZWXM=name)
            raised(runtime, "certificate", made, "bind", holder=persons[name], drawer=drawers[lock])
            raised(runtime, "certificate", made, "put_in")


def raised(runtime: Runtime, document: str, record: str, event: str, **asked: Any) -> None:
    """An event of a record of the cabinet."""

    def act(work: Work) -> None:
        work.apply(work.open(f"cabinet.{document}", record), event, ENGINE, Inputs(asked=asked))

    in_work(runtime, ENGINE, act)


def register(finger: Finger) -> None:
    """KF-11: the unit from the management side's list, the machine, a body of six drawers, two administrators."""
    finger.press("set_up")
    finger.sees("choose_unit")
    finger.tap(UNIT["dwmc"])
    finger.sees("machine")
    finger.fills(no="000001", JMKID=CARD)
    finger.press("save")
    finger.sees("bodies")
    finger.types("ZJGXLH", "ZJG-1")
    for name, digits in (("lines", "2"), ("columns", "3")):
        finger.erases(name)
        finger.types(name, digits)
    finger.types("board", BOARD)
    finger.press("save")
    finger.sees("listed")
    finger.reads("ZJG-1")
    finger.press("next")
    for known, (login, name, number) in enumerate(
        (
            ("admin1", "zhou:周guan:管", "110101198001010037"),
            ("admin2", "lin:林lan:岚", "990101198404160025"),
        )
    ):
        finger.sees("administrators")
        finger.reads(f"已登记 {known} 名")
        finger.fills(name=name, login=login, GMSFHM=number, SJHM="19900000101", password=PASSWORD)
        finger.press("save")
    finger.sees("confirm")
    finger.reads(SERIAL, UNIT["dwmc"], "柜体 1 个，抽屉 6 个，管理员 2 名")
    finger.press("register", sure=True)
    finger.sees("registered")
    finger.reads("注册成功")
    finger.press("go_on")


def opens(finger: Finger, holder: str) -> None:
    """The next drawer of a stock-take is announced, and opened."""
    finger.sees("announce")
    finger.reads(holder)
    finger.press("open")
    finger.sees("swipe")


def counts_by_itself(finger: Finger, sides: Sides) -> None:
    """KF-10 automatic: paused and continued, one document elsewhere, one no longer valid; mended and finished."""
    finger.press("query")
    finger.sees("overview")
    finger.press("more")
    finger.sees("more")
    finger.press("stock_take")
    finger.sees("choose")
    finger.press("auto")
    opens(finger, "李明")
    finger.lays(SHELF[LI])
    finger.reads("已盘点")
    finger.lifts()
    something_is_invalid(finger)
    goes_on_after_a_pause(finger)
    mends(finger, sides)


def something_is_invalid(finger: Finger) -> None:
    """The second one of the first drawer; then a pause."""
    finger.press("wrong")
    finger.sees("which_item")
    finger.tap("往来港澳")
    finger.sees("what")
    finger.press("invalid", sure=True)
    finger.sees("close_drawer")
    finger.drawer("close", BOARD, 1)
    finger.sees("announce")
    finger.reads("已盘点 2")
    finger.press("pause")
    finger.sees("choose")


def goes_on_after_a_pause(finger: Finger) -> None:
    """Continued from the list; one is missing, and turns up in another drawer."""
    finger.tap("暂停")
    opens(finger, "王芳")
    finger.press("wrong")
    finger.sees("which_item")
    finger.tap("护照")
    finger.sees("what")
    finger.press("missing", sure=True)
    finger.sees("close_drawer")
    finger.drawer("close", BOARD, 2)
    opens(finger, "陈一")
    finger.lays(SHELF[WANG])
    finger.sees("not_listed")
    finger.reads("不在本抽屉清单内")
    finger.lifts()
    finger.press("go_on")
    finger.sees("swipe")
    finger.lays(SHELF[CHEN])
    finger.sees("close_drawer")
    finger.lifts()
    finger.drawer("close", BOARD, 3)
    finger.sees("differences")


def mends(finger: Finger, sides: Sides) -> None:
    """What turned up goes back into its own drawer; what is left is reported."""
    finger.reads("王芳", "少证", "证件失效")
    finger.lays(SHELF[WANG])  # it turned up in another drawer, and goes back into its own
    finger.sees("mend")
    finger.reads("差异", "1行 2列")
    finger.lifts()
    finger.press("open")
    finger.sees("mend_put")
    finger.drawer("close", BOARD, 2)
    finger.sees("mend_confirm")
    finger.press("yes")
    finger.sees("differences")
    finger.reads("已补入")
    finger.press("finish", sure=True)
    finger.sees("finished")
    finger.press("back")
    finger.sees("choose")
    (take,) = sides.machine.records("cabinet.stock_take")
    assert (take["total"], take["done"]) == (4, 4)
    assert [sides.state(one) for one in (LI, PERMIT, WANG, CHEN)] == ["stored", "cancelled", "stored", "stored"]


def home(finger: Finger) -> None:
    """Back to the main page."""
    for step in ("choose", "more", "overview"):
        finger.sees(step)
        finger.press("back")
    finger.sees("home")


def takes_out(finger: Finger, sides: Sides) -> None:
    """KF-3 while nobody can be asked: searched for by name, with a reason."""
    finger.press("take_out")
    finger.sees("by_code")
    finger.press("search")
    finger.sees("search")
    finger.leaf("按姓名")
    finger.types("q", "chen:陈")
    finger.tap("陈一")
    finger.sees("which")
    finger.tap("护照")
    finger.sees("no_approval")
    finger.press("reason")
    finger.sees("unapproved")
    finger.chooses("why", "其他")
    finger.press("go_on", sure=True)
    finger.sees("show")
    finger.press("go_on", sure=True)
    finger.sees("take")
    finger.drawer("take", BOARD, 3)
    finger.lays(SHELF[CHEN])
    finger.sees("passed")
    finger.lifts()
    finger.drawer("close", BOARD, 3)
    finger.sees("done_by_hand")
    finger.press("done")
    finger.sees("finished")
    finger.press("home")
    finger.sees("home")
    assert sides.state(CHEN) == "out"


def counts_by_hand(finger: Finger) -> None:
    """KF-10 by hand: one drawer tapped on the map, the others left."""
    finger.press("query")
    finger.sees("overview")
    finger.press("more")
    finger.sees("more")
    finger.press("stock_take")
    finger.sees("choose")
    finger.press("manual")
    finger.sees("tap")
    finger.page.locator('main.screen [data-pick][aria-label*="第 1 行第 2 列"]').tap()
    opens(finger, "王芳")
    finger.lays(SHELF[WANG])
    finger.sees("close_drawer")
    finger.lifts()
    finger.drawer("close", BOARD, 2)
    finger.sees("tap")
    finger.press("compare", sure=True)
    finger.sees("differences")
    finger.reads("没有差异")
    finger.press("finish", sure=True)
    finger.sees("finished")
    finger.press("back")


def verifies(finger: Finger) -> None:
    """KF-5 without signing in: the authority cannot be asked."""
    finger.press("exit")
    finger.sees("standby")
    finger.press("verify")
    finger.sees("swipe")
    finger.lays(SHELF[WANG])
    finger.sees("unproven")
    finger.reads("仅读取，未核验")
    finger.lifts()
    finger.press("back")
    finger.sees("standby")


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    cable = Cable()
    machine, office = furnish(tmp_path_factory.mktemp("sides"), cable)
    with closing(office):
        office.launch()  # both nodes come up side by side
        with machine.standing():
            office.awaited()
            cable.plug(office.port)
            yield Sides(machine, office, cable)
            cable.pull()


def test_a_cabinet_registers_is_counted_cut_off_and_catches_up(browser: Browser, sides: Sides) -> None:
    finger = Finger(panel(browser), sides.machine)
    finger.sees("fresh")
    register(finger)
    (terminal,) = sides.machine.records("cabinet.terminal")
    (device,) = sides.office.records("cabinet_device")
    assert (terminal["state"], device["sbxlh"], device["drawers"]) == ("registered", SERIAL, 6)
    sides.holds(DOCUMENTS)
    finger.signs_in("周管", PASSWORD)
    awaited(sides.confirmed, 60)
    sides.cable.deaf = True  # the cancellation that the count ends with arrives; that it did, the cabinet does not hear
    counts_by_itself(finger, sides)
    home(finger)
    awaited(lambda: sides.told() == sides.heard() != [], 30, lambda: (sides.told(), sides.heard()))
    sides.pulled(finger)
    takes_out(finger, sides)
    counts_by_hand(finger)
    home(finger)
    verifies(finger)
    assert len(sides.told()) == len(sides.heard()) + 1
    sides.plugged(finger)
    sides.equal()
    finger.leaves()
