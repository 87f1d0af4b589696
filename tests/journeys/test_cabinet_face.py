"""Administrators before the cabinet's screen, by touch and by the keys of the screen alone: they sign in, put passports
in and take them out, with what goes wrong on the way; over pseudo-terminals, each look beside the record."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.barriers import barriers
from tests.journeys.at_the_cabinet import Machine, Place
from tests.journeys.by_touch import Finger, panel
from tests.stations import PASSWORD, ROOT

ADMIN, OTHER, ANOTHER = "周管", "林岚", "Yunlan-2027!"
SHORTER = {"put": 3, "passed": 3}
"""Steps whose time is shorter here: seconds until a drawer counts as left open."""
FOREIGN = {
    "form": "book",
    "country": "UTO",
    "number": "U12345678",
    "surname": "ROE",
    "given": "JO",
    "birth": "800101",
    "expiry": "330101",
}
TARGET = 56
"""12 mm on the panel of 17 inches at 1024 columns, less what a border takes."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("cabinet")
    definitions = shutil.copytree(ROOT / "definitions", folder / "definitions")
    for name, step in (("put_in", "put"), ("take_out", "passed")):
        _hasten(definitions / "cabinet" / "flows" / f"{name}.yaml", step)
    made = Machine(folder / "home", definitions=definitions)
    with made.standing():
        yield made


def _hasten(path: Path, step: str) -> None:
    text, count = re.subn(
        rf"(?ms)(^  {step}:$.*?^    timeout: )60 s", rf"\g<1>{SHORTER[step]} s", path.read_text("utf-8"), count=1
    )
    assert count == 1, path
    path.write_text(text, "utf-8")


@pytest.fixture
def finger(browser: Browser, machine: Machine) -> Iterator[Finger]:
    made = Finger(panel(browser), machine)
    yield made
    if made.step == "home":
        made.press("exit")
    made.sees("standby")
    made.leaves()


def kept(machine: Machine, document: str, **like: object) -> dict[str, Any]:
    """The last record that is so."""
    found = [
        one for one in machine.records(f"cabinet.{document}") if all(one[name] == value for name, value in like.items())
    ]
    assert found, (document, like)
    return max(found, key=lambda one: str(one["created_at"]))


def soon(machine: Machine, document: str, wanted: dict[str, object], **like: object) -> dict[str, Any]:
    """The same, once it says this."""
    until = time.monotonic() + 10
    while True:
        found = kept(machine, document, **like)
        if all(found[name] == value for name, value in wanted.items()):
            return found
        assert time.monotonic() < until, (found, wanted)
        time.sleep(0.1)


def place_of(machine: Machine, number: str) -> Place:
    """The lock of the drawer that a certificate belongs to."""
    certificate = kept(machine, "certificate", ZJHM=number)
    owner = kept(machine, "drawer", owner=certificate["holder"])
    return Place(str(owner["board"]), int(owner["lock"]))


def paper_of(machine: Machine, number: str) -> dict[str, str]:
    """The booklet that a certificate is, as the simulated reader is told of it."""
    known = kept(machine, "certificate", ZJHM=number)
    surname, _, given = str(known["YWXM"]).partition(" ")
    return {
        "form": "book", "number": number, "surname": surname, "given": given, "sex": "M" if known["XB"] == "1" else "F",
        "birth": f"{known['CSRQ']:%y%m%d}", "expiry": f"{known['YXQJZRQ']:%y%m%d}",
    }  # fmt: skip


def well_made(finger: Finger) -> None:
    """Nothing keeps anybody from using the screen, and every button can be hit."""
    assert barriers(finger.page) == []
    small = finger.page.eval_on_selector_all(
        "main.screen :is([data-pick], button:not([data-pick] *))",
        """(found, least) => found
            .map((one) => [one.innerText, one.offsetWidth, one.offsetHeight, one.matches(".front")])
            .filter(([, wide, high, front]) => high && (high < least || (wide < least && !front)))""",
        TARGET,
    )
    assert small == [], finger.step


def lays(finger: Finger, paper: str | dict[str, str], *steps: str) -> None:
    """A paper onto the reader until the screen is one of these, and off again."""
    for _ in range(20):
        finger.lays(paper)
        try:
            finger.sees(*steps, timeout=1500)
        except AssertionError:
            finger.lifts()
            continue
        finger.lifts()
        return
    raise AssertionError((steps, finger.step))


def signed_in(finger: Finger) -> None:
    """By an identity card, from the screen of rest to the main page."""
    finger.sees("standby")
    finger.press("touch")
    finger.sees("ways")
    lays(finger, "card_3", "home")


def is_marked(finger: Finger, label: str) -> None:
    """The drawer is drawn in its place on the cabinet."""
    row, column = re.findall(r"(\d+)行 (\d+)列", label)[0]
    front = finger.page.locator("main.screen .front.mark")
    expect(front).to_have_count(1)
    assert f"第 {row} 行第 {column} 列" in str(front.get_attribute("aria-label"))
    assert finger.page.locator(".edge.at").all_inner_texts() == [column, row]


# --- signing in ------------------------------------------------------------------------------------------------------


def test_a_password_a_wrong_one_first(finger: Finger, machine: Machine) -> None:
    finger.sees("standby")
    assert ADMIN not in finger.words
    well_made(finger)
    finger.press("touch")
    finger.sees("ways")
    finger.reads("密码登录", "证件登录", "指纹登录", ADMIN, OTHER)
    well_made(finger)
    finger.tap(ADMIN)
    finger.types("password", "Wrong-2026!")
    finger.sees("ways")  # lifting the finger from the last key presses nothing beneath it
    finger.press("sign_in")
    finger.sees("wrong")
    finger.reads("账号或密码不正确")
    finger.press("back")
    finger.sees("ways")
    finger.tap(ADMIN)
    finger.types("password", PASSWORD)
    finger.press("sign_in")
    finger.sees("home")
    expect(finger.page.locator("#who")).to_have_text("周*")
    finger.reads("证件入柜", "证件出柜", "查询", "抽屉总数")
    well_made(finger)
    finger.press("exit")
    finger.sees("standby")
    expect(finger.page.locator("#who")).to_be_empty()
    assert soon(machine, "operation_log", {"act": "登录（密码）"}, module="session")


def test_an_identity_card(finger: Finger, machine: Machine) -> None:
    finger.press("touch")
    finger.sees("ways")
    finger.leaf("证件登录")
    finger.reads("请将身份证放在读卡区")
    lays(finger, "card_1", "not_known")
    finger.reads("未登记为管理员")
    finger.press("back")
    lays(finger, "card_4", "home")
    expect(finger.page.locator("#who")).to_have_text("林*")
    assert soon(machine, "operation_log", {"act": "登录（身份证）"}, module="session")


def test_a_finger(finger: Finger, machine: Machine) -> None:
    finger.press("touch")
    finger.sees("ways")
    finger.leaf("指纹登录")
    finger.reads("请按指纹")
    finger.person.does("finger", finger="nobody")
    finger.sees("not_known")
    finger.person.does("finger", finger=None)
    finger.press("back")
    finger.sees("ways")
    finger.person.does("finger", finger=OTHER)
    finger.sees("home")
    finger.person.does("finger", finger=None)
    expect(finger.page.locator("#who")).to_have_text("林*")
    assert soon(machine, "operation_log", {"act": "登录（指纹）"}, module="session")


def test_a_forgotten_password_by_text_message(finger: Finger, machine: Machine) -> None:
    finger.press("touch")
    finger.sees("ways")
    finger.press("forgotten")
    finger.sees("reset_who")
    finger.tap(OTHER)
    finger.sees("ask_code")
    well_made(finger)
    code = code_of(machine)
    finger.types("code", "000000" if code != "000000" else "111111")
    finger.press("check")
    finger.sees("wrong_code")
    finger.press("back")
    finger.sees("ask_code")
    finger.types("code", code)
    finger.press("check")
    finger.sees("new_password")
    finger.fills(first=ANOTHER, second="Yunlan-2028!")
    finger.press("save")
    finger.sees("differ")
    finger.press("back")
    finger.sees("new_password")
    finger.fills(first=ANOTHER, second=ANOTHER)
    finger.press("save")
    finger.sees("saved")
    finger.reads("密码已重置")
    finger.press("back")
    finger.sees("ways")
    finger.tap(OTHER)
    finger.types("password", ANOTHER)
    finger.press("sign_in")
    finger.sees("home")
    assert soon(machine, "operation_log", {"act": "短信重置密码"}, module="session", act="短信重置密码")


def code_of(machine: Machine) -> str:
    """The code of the last message."""
    spool, until = machine.home / "spool" / "sms.txt", time.monotonic() + 20
    while not spool.exists() or not spool.read_text("utf-8").endswith("\n"):
        assert time.monotonic() < until, "no message was sent"
        time.sleep(0.1)
    return str(re.findall(r"\d{6}", json.loads(spool.read_text("utf-8").splitlines()[-1])["text"])[0])


# --- putting in ------------------------------------------------------------------------------------------------------


def put_down(finger: Finger, place: Place) -> None:
    """The document into the open drawer, the drawer closed, and said so."""
    finger.drawer("put", place.board, place.lock)
    finger.drawer("close", place.board, place.lock)
    finger.sees("confirm")
    finger.reads("已关闭")
    finger.press("done", sure=True)
    finger.sees("finished")


def test_a_known_holders_passport_goes_in(finger: Finger, machine: Machine) -> None:
    number = "E90000002"
    place = place_of(machine, number)
    signed_in(finger)
    finger.press("put_in")
    finger.sees("swipe")
    well_made(finger)
    lays(finger, FOREIGN, "other_kind")
    finger.reads("本柜不保管这种证件")
    finger.press("again")
    finger.sees("swipe")
    finger.person.does("stick", board=place.board, lock=place.lock, on=True)
    lays(finger, "book_2", "ready")
    finger.reads("1号柜 1行 2列", "王芳", "普通护照")
    is_marked(finger, "1号柜 1行 2列")
    well_made(finger)
    finger.press("open")
    finger.sees("stuck")
    finger.reads("没有打开", "向里推")
    finger.person.does("stick", board=place.board, lock=place.lock, on=False)
    time.sleep(1)  # the coil rests
    finger.press("again")
    finger.sees("put")
    is_marked(finger, "1号柜 1行 2列")
    finger.sees("left_open")  # nobody closes it for a while
    finger.reads("未关闭")
    assert kept(machine, "certificate", ZJHM=number)["state"] == "known"
    put_down(finger, place)
    finger.reads("王芳", "1号柜 1行 2列")
    finger.press("home")
    finger.sees("home")
    stored = kept(machine, "certificate", ZJHM=number)
    assert stored["state"] == "stored"
    assert kept(machine, "put_take", certificate=stored["id"])["place"] == "1号柜 1行 2列"
    assert kept(machine, "device_alarm", item="left_open", note="1号柜 1行 2列未关闭，操作超时")


def test_whoever_is_not_known_is_registered_first(finger: Finger, machine: Machine) -> None:
    signed_in(finger)
    finger.press("put_in")
    finger.sees("swipe")
    lays(finger, "book_3", "new_holder")
    finger.reads("先进行人员注册", "CHEN YI")
    finger.press("begin")
    finger.sees("register")
    finger.types("XM", "chen:陈yi:一")
    finger.types("GMSFHM", "110101197801210011")
    finger.types("LXDH", "19900000999")
    well_made(finger)
    finger.press("save")  # nothing is asked: the last digit of the number is wrong
    finger.sees("register")
    expect(finger.page.locator("main.screen .wrong")).to_have_count(1)
    finger.page.locator('[data-input="GMSFHM"] input').tap()
    for key in ("erase", "6", "done"):
        finger.page.locator(f'#keys [data-key="{key}"]').tap()
    finger.press("save", sure=True)
    finger.sees("ready")
    label = str(re.findall(r"\d号柜 \d行 \d+列", finger.words)[0])
    is_marked(finger, label)
    holder = kept(machine, "person", XM="陈一")
    place = place_of(machine, "E90000003")
    finger.press("open")
    finger.sees("put")
    put_down(finger, place)
    finger.reads("陈一", label)
    stored = kept(machine, "certificate", ZJHM="E90000003")
    assert (stored["state"], stored["holder"], stored["ZWXM"]) == ("stored", holder["id"], "陈一")
    assert kept(machine, "drawer", owner=holder["id"])["state"] == "used"
    finger.press("home")
    finger.sees("home")


# --- taking out ------------------------------------------------------------------------------------------------------


def opened(finger: Finger, machine: Machine, number: str) -> Place:
    """From the screen that shows the document to the open drawer."""
    place = place_of(machine, number)
    finger.sees("show")
    well_made(finger)
    finger.press("go_on", sure=True)
    finger.sees("take")
    return place


def taken(finger: Finger, machine: Machine, number: str, place: Place) -> None:
    """The document out of the drawer, read, the drawer closed."""
    finger.drawer("take", place.board, place.lock)
    lays(finger, paper_of(machine, number), "passed")
    finger.reads("核验通过")
    finger.drawer("close", place.board, place.lock)
    finger.sees("done_by_hand")
    finger.press("done")
    finger.sees("finished")
    finger.reads("出柜完成")


def test_out_by_its_code_with_another_one_in_hand_first(finger: Finger, machine: Machine) -> None:
    number = "EZ0001137"
    signed_in(finger)
    finger.press("take_out")
    finger.sees("by_code")
    well_made(finger)
    finger.types("take_code", "999999")
    finger.press("next")
    finger.sees("code_wrong")
    finger.press("again")
    finger.sees("by_code")
    finger.types("take_code", "100003")
    finger.press("next")
    place = opened(finger, machine, number)
    lays(finger, "book_1", "mismatch")
    finger.reads("不符", "李明")
    finger.press("again")
    finger.sees("take")
    taken(finger, machine, number, place)
    gone = soon(machine, "certificate", {"state": "out"}, ZJHM=number)
    assert kept(machine, "put_take", certificate=gone["id"])["QZYT"] == "旅游"
    assert kept(machine, "approval", QZM="100003")["state"] == "in_use"
    finger.press("home")
    finger.sees("home")


def test_searched_for_by_name_and_not_there(finger: Finger, machine: Machine) -> None:
    number = "EZ0001274"
    signed_in(finger)
    finger.press("take_out")
    finger.sees("by_code")
    finger.press("search")
    finger.sees("search")
    finger.leaf("按姓名")
    finger.types("q", "jiang:蒋")
    expect(finger.page.locator("main.screen tr[data-row]:visible")).to_have_count(1)
    well_made(finger)
    finger.page.locator("main.screen tr[data-row]:visible").tap()
    finger.sees("which")
    finger.reads("蒋知行")
    finger.tap("普通护照")
    place = opened(finger, machine, number)
    finger.press("missing")
    finger.sees("is_missing")
    finger.reads("少证")
    well_made(finger)
    finger.press("missing", sure=True)
    finger.sees("close_irregular")
    finger.drawer("close", place.board, place.lock)
    finger.sees("finished")
    gone = soon(machine, "certificate", {"state": "out"}, ZJHM=number)
    assert kept(machine, "put_take", certificate=gone["id"])["reason"] == "missing"
    finger.press("home")
    finger.sees("home")


def test_from_the_drawer_map_and_not_taken_after_all(finger: Finger, machine: Machine) -> None:
    number = "EZ0001411"
    before = len(machine.records("cabinet.put_take"))
    signed_in(finger)
    finger.press("take_out")
    finger.sees("by_code")
    finger.press("search")
    finger.sees("search")
    well_made(finger)
    finger.page.locator("main.screen button.front[aria-label*='第 1 行第 6 列']:visible").tap()
    finger.sees("which")
    finger.reads("沈云深")
    finger.tap("普通护照")
    place = opened(finger, machine, number)
    finger.press("back")
    finger.sees("put_back")
    finger.drawer("close", place.board, place.lock)
    finger.sees("what_happened")
    finger.press("inside", sure=True)
    finger.sees("home")
    assert kept(machine, "certificate", ZJHM=number)["state"] == "stored"
    assert len(machine.records("cabinet.put_take")) == before
