"""The management side of cabinets in a browser: an alarm is seen among the cabinets, becomes a work order, is worked
on, verified and closed; what was done stands in the record of operations, what was installed with its version."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import PASSWORD, Product, running


@pytest.fixture(scope="module")
def management(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("management") / "home", node="management") as started:
        yield started


def sign_in(page: Page, address: str, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{address}/")


def raised(page: Page, event: str, answers: Mapping[str, str] | None = None) -> None:
    """Raise an event of the record that is open, and answer what it asks."""
    page.get_by_role("main").locator(".head a.button, .head button.button").filter(has_text=event).first.click()
    dialog = page.locator("dialog[open]")
    for name, text in (answers or {}).items():
        dialog.get_by_label(name).fill(text)
    if answers or dialog.count():
        dialog.get_by_role("button", name=event).click()


def test_from_an_alarm_to_an_order_that_is_closed(page: Page, management: Product) -> None:
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    sign_in(page, management.address, "manager")
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_text("设备监控").first.click()
    menu.get_by_role("link", name="运行总览").click()
    expect(page.locator(".slot.alert")).not_to_have_count(0)
    alarms = page.get_by_role("region", name="最新告警").or_(page.locator("section", has_text="最新告警"))
    alarms.locator("tr", has_text="环境温度过高").filter(has_text="未处理").locator("a").first.click()
    page.wait_for_url("**/d/device_alarm/*")
    raised(page, "生成故障工单")
    expect(page.get_by_text("已生成工单").first).to_be_visible()
    page.get_by_role("main").locator("a", has_text=re.compile(r"^GD\d+$")).first.click()
    page.wait_for_url("**/d/work_order/*")
    raised(page, "派单")
    for event, state, answers in (
        ("开始处理", "处理中", {}),
        ("处理完成", "待验证", {"故障原因": "空调未开启", "处理结果": "已开启空调，复测26°C"}),
        ("验证关闭", "已关闭", {"跟踪情况": "一周内未再发生"}),
    ):
        raised(page, event, answers)
        expect(page.locator(".head .tag").filter(has_text=state)).to_be_visible()
    expect(page.get_by_role("main").get_by_text("空调未开启").first).to_be_visible()

    sign_in(page, management.address, "super")
    page.goto(f"{management.address}/p/operation_record?k.who=何知远")
    expect(page.locator("tr", has_text="验证关闭").first).to_contain_text("待验证 → 已关闭")
    page.goto(f"{management.address}/d/cabinet_version")
    page.get_by_role("link", name="1.1.0").click()
    expect(page.get_by_role("main")).to_contain_text("安装记录")
    expect(page.get_by_role("main")).to_contain_text("已安装")


def test_a_visit_that_finds_a_fault_becomes_an_order(page: Page, management: Product) -> None:
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    sign_in(page, management.address, "mechanic")
    page.goto(f"{management.address}/p/maintenance_overview")
    page.locator('section[aria-label="待维保"] tbody a').first.click()
    page.wait_for_url("**/d/maintenance_visit/*")  # whole: before, a button leads to a page, not to a dialog
    page.get_by_role("main").locator(".head a.button, .head button.button").filter(has_text="完成维保").first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("维保内容").fill("清洁，逐格开关抽屉")
    dialog.get_by_label("发现的故障").select_option(label="抽屉")
    dialog.get_by_label("故障说明").fill("3行2列抽屉卡滞")
    dialog.get_by_role("button", name="完成维保").click()
    expect(page.locator(".head .tag").filter(has_text="已完成")).to_be_visible()
    sign_in(page, management.address, "manager")
    page.goto(f"{management.address}/d/work_order")
    expect(page.locator("tr", has_text="3行2列抽屉卡滞").first).to_contain_text("新建")


def test_devices_are_found_by_their_unit_and_drawn(page: Page, management: Product) -> None:
    page.set_default_timeout(30_000)
    sign_in(page, management.address, "staff")
    page.goto(f"{management.address}/p/device_monitor?k.unit=卫生健康")
    expect(page.locator("h2.said")).to_have_text("望舒区卫生健康局证件保管柜")
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    page.goto(f"{management.address}/p/device_monitor?k.sbxlh=none")
    expect(page.get_by_role("main")).to_contain_text("换个序列号或单位试试")
