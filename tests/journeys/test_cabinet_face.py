"""Administrators before the cabinet's screen, by touch and by the keys of the screen alone: they sign in, put passports
in and take them out, with what goes wrong on the way; over pseudo-terminals, each look beside the record."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.at_the_cabinet import Machine
from tests.journeys.before_the_screen import (
    code_of,
    is_marked,
    kept,
    lays,
    opened,
    paper_of,
    place_of,
    put_down,
    signed_in,
    soon,
    taken,
    well_made,
)
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


# --- putting in ------------------------------------------------------------------------------------------------------


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
    finger.sees("done_by_hand")
    finger.press("done")
    finger.sees("finished")
    finger.reads("少证已登记")
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


def test_searched_for_by_number_and_without_an_approval(finger: Finger, machine: Machine) -> None:
    number = "EZ0002233"
    signed_in(finger)
    finger.press("take_out")
    finger.sees("by_code")
    finger.press("search")
    finger.sees("search")
    expect(finger.page.locator('main.screen [data-press="find"]')).to_be_hidden()  # it belongs to the other tab
    finger.leaf("按证件号码")
    finger.types("number", "EZ000")
    well_made(finger)
    finger.press("find")
    finger.sees("no_number")
    finger.press("back")
    finger.sees("search")
    finger.leaf("按证件号码")
    finger.types("number", number)
    finger.press("find")
    finger.sees("no_approval")
    finger.reads("薛清越", "没有有效的出国（境）审批")
    well_made(finger)
    finger.press("reason")
    finger.sees("unapproved")
    finger.press("go_on")  # no reason is given: nothing is asked
    expect(finger.page.locator("main.screen .wrong")).to_have_count(1)
    finger.chooses("why", "其他")
    finger.press("go_on", sure=True)
    place = opened(finger, machine, number)
    taken(finger, machine, number, place)
    gone = soon(machine, "certificate", {"state": "out"}, ZJHM=number)
    record = kept(machine, "put_take", certificate=gone["id"])
    assert (record["kind"], record["reason"], record["approval"]) == ("take_out", "other", None)
    assert kept(machine, "device_alarm", item="illegal_take")["note"].startswith("薛清越的护照没有有效审批")
    finger.press("home")
    finger.sees("home")


# --- administration, and who is kept out -----------------------------------------------------------------------------


def test_cancelled_with_the_proof_and_never_put_in_again(finger: Finger, machine: Machine) -> None:
    number = "EZ0002096"
    signed_in(finger)
    for step, button in (("home", "query"), ("overview", "more"), ("more", "certificates")):
        finger.sees(step)
        finger.press(button)
    finger.sees("list")
    finger.types("q", number)  # the whole number, though nobody here sees it whole
    expect(finger.page.locator("main.screen tr[data-row]:visible")).to_have_count(1)
    finger.tap("严亦凡")
    finger.sees("details")
    finger.reads("严亦凡", "1号柜 1行 11列", "在柜")
    well_made(finger)
    finger.press("cancel")
    finger.sees("cancel")
    finger.reads("严亦凡", "周管")
    finger.press("cancel")  # neither reason nor proof: nothing is asked
    expect(finger.page.locator("main.screen .wrong")).to_have_count(2)
    finger.chooses("reason", "丢失")
    finger.chooses("proof", "否")
    finger.press("cancel", sure=True)
    finger.sees("no_proof")
    assert kept(machine, "certificate", ZJHM=number)["state"] == "stored"
    finger.press("back")
    finger.sees("cancel")
    finger.chooses("reason", "丢失")
    finger.chooses("proof", "是")
    well_made(finger)
    finger.press("cancel", sure=True)
    finger.sees("fetch")
    is_marked(finger, "1号柜 1行 11列")
    well_made(finger)
    place = place_of(machine, number)
    finger.press("open")
    finger.sees("take")
    finger.drawer("take", place.board, place.lock)
    finger.drawer("close", place.board, place.lock)
    finger.sees("taken")
    finger.press("out", sure=True)
    finger.sees("cancelled")
    finger.reads("已注销")
    gone = soon(machine, "certificate", {"state": "cancelled"}, ZJHM=number)
    assert kept(machine, "cancellation", certificate=gone["id"])["ZXYY"] == "lost"
    finger.press("back")
    for step in ("list", "more", "overview"):
        finger.sees(step)
        finger.press("back")
    finger.sees("home")
    finger.press("put_in")
    lays(finger, paper_of(machine, number), "cancelled_one")
    finger.reads("已注销，不能入柜", "丢失")
    finger.press("back")
    finger.sees("home")


def test_too_many_tries_lock_an_account_for_every_way_in(finger: Finger, machine: Machine) -> None:
    finger.press("touch")
    for left in range(5, 0, -1):
        finger.sees("ways")
        finger.tap(OTHER)
        finger.types("password", "1")
        finger.press("sign_in")
        finger.sees("wrong" if left > 1 else "locked")
        finger.press("back")
    finger.sees("standby")
    soon(machine, "device_alarm", {"note": "admin2登录失败5次"}, item="too_many_tries")
    finger.press("touch")
    finger.sees("ways")
    lays(finger, "card_4", "locked")
    finger.reads("尝试过多，账号已锁定")
    well_made(finger)
    finger.press("back")
    finger.sees("standby")
    signed_in(finger)  # somebody else
