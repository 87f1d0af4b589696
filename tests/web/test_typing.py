"""What forms say and show while one types: lists that stay with their input, findings that wait until one has left."""

import re

import pytest
from playwright.sync_api import expect

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.usecases.tasks import my_tasks, sign_task
from engine.usecases.views import Decision
from tests.browser.barriers import barriers
from tests.web.conftest import FILES, PASSWORD
from tests.web.test_in_browser import BULK, at, site  # noqa: F401 - fixtures

PUSH = """() => {
  const note = Object.assign(document.createElement("p"), { textContent: "说明" });
  document.querySelector("form.form").prepend(note, ...Array.from({ length: 4 }, () => note.cloneNode(true)));
}"""


@pytest.fixture
def office():
    document = BULK["desk/bulk/document.yaml"].replace("rows: {max: 6000}", "rows: {min: 1, max: 20}")
    pages = "pages:\n  list: {filters: [state, customer, created_at, total, name]}\n"
    made = Office({**FILES, **BULK, "desk/bulk/document.yaml": document, "desk/order/pages.yaml": pages})
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def test_a_list_of_choices_stays_beneath_its_input(at):  # noqa: F811
    page = at("/d/bulk/new/enter")
    input_box = page.locator("#f-place")
    input_box.click()
    choices = page.locator(".choices:popover-open")
    expect(choices.get_by_role("option").first).to_be_visible()
    before = input_box.bounding_box()["y"]
    page.evaluate(PUSH)
    page.wait_for_timeout(150)  # a few frames
    box, shown = input_box.bounding_box(), choices.bounding_box()
    assert box["y"] > before + 40
    assert shown["y"] >= box["y"] + box["height"] or shown["y"] + shown["height"] <= box["y"]


def test_too_few_rows_are_told_when_one_has_left_the_table(at):  # noqa: F811
    page = at("/d/bulk/new/enter")
    told = page.locator("[data-field=lines] > .told")
    with page.expect_response("**/preview/**"):
        page.get_by_role("button", name="添加一行").click()
    page.wait_for_timeout(100)
    expect(told).to_be_empty()
    page.locator("#f-name").focus()
    expect(told).to_contain_text("至少1行")


def test_an_amount_of_nothing_looks_like_an_amount(at):  # noqa: F811
    page = at("/d/bulk/new/enter")
    expect(page.locator("#f-total")).to_have_text("0.00")
    expect(page.locator(".grid-foot")).to_contain_text("0.00")


def test_filters_and_their_button_stand_on_one_line(at, page):  # noqa: F811
    page.set_viewport_size({"width": 1366, "height": 768})
    at("/d/order")
    line = page.locator("form.filters")
    tops = [line.locator(one).first.bounding_box()["y"] for one in (".filter-search", ".range", ".more-filters")]
    assert max(tops) - min(tops) < 4


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_pages_of_an_approval_hold_no_barrier(at, page, site, office, theme, size):  # noqa: F811
    line = [{"item": "笔", "qty": "1", "price": "600"}]
    record = office.raise_("clerk", "enter", "order", name="甲", lines=line).record_id
    office.raise_("clerk", "submit", "order", record)
    first, second = office.people["leader"], office.people["second"]
    sign_task(office.runtime, first, my_tasks(office.runtime, first)[0].id, Decision("agree", "拟同意"))
    task = my_tasks(office.runtime, second)[0].id
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    at("/", "second")
    for address in ("/", "/tasks", f"/tasks/{task}", f"/d/order/{record}"):
        page.goto(site + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert barriers(page) == []
    page.goto(f"{site}/tasks/{task}")  # what is signed is in sight before anything is unfolded
    for seen in ("600.00", "笔"):
        expect(page.locator("[data-facts]").get_by_text(seen, exact=True).first).to_be_visible()


def test_a_second_tap_does_not_sign_what_follows(at, page, office):  # noqa: F811
    line = [{"item": "笔", "qty": "1", "price": "600"}]
    for name in ("甲", "乙"):
        record = office.raise_("clerk", "enter", "order", name=name, lines=line).record_id
        office.raise_("clerk", "submit", "order", record)
    leader = office.people["leader"]
    at(f"/tasks/{my_tasks(office.runtime, leader)[0].id}", "leader")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_text("请重新核对")).to_be_visible()
    page.keyboard.press("a")
    again = page.get_by_role("button", name="同意", exact=True)
    again.click(force=True)
    assert len(my_tasks(office.runtime, leader)) == 1
    expect(again).to_be_enabled()
    again.click()
    expect(page).to_have_url(re.compile("/$"))


def test_a_row_is_a_card_on_a_phone(at, page, office):  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    at("/d/bulk/new/enter")
    page.locator("#f-name").fill("甲")
    page.get_by_role("button", name="添加一行").click()
    line = page.locator(".grid-body .grid-line").first
    for place in range(7):
        box = line.locator(".grid-cell[data-title]").nth(place).bounding_box()
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
    assert barriers(page) == []
    for text in ("笔", "3", "400"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(line.locator(".grid-cell[data-title]").nth(3)).to_have_text("1,200.00")
    line.locator(".grid-cell[data-title]").nth(1).click()  # a tap goes where it lies
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-foot")).to_contain_text("2,000.00")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.locator(".grid-top")).to_be_visible()
    cells = line.locator(".grid-cell[data-title]")
    cells.nth(6).scroll_into_view_if_needed()
    page.wait_for_function(
        "() => new Set([...document.querySelector('.grid-body .grid-line')"
        ".querySelectorAll('.grid-cell[data-title]')].map(cell => cell.getBoundingClientRect().y)).size === 1"
    )
    page.locator(".actions .button.primary").click()
    expect(page.get_by_text("已保存：")).to_be_visible()
    assert office.all("bulk")[0]["total"] == 2000
