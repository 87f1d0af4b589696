"""Lists: rows and states, filters, sorting, paging by key, export, and what a row may not show."""

import pytest


@pytest.fixture
def many(office):
    for number in range(60):
        office.clock.move(minutes=1)
        line = {"item": "笔", "qty": "1", "price": str(number)}
        office.raise_("clerk", "enter", "order", name=f"单{number:02}", secret="12345678", lines=[line])


def test_list_shows_states_and_opens_rows(clerk, entered):
    page = clerk.get("/d/order").text
    assert f'data-open="/d/order/{entered}"' in page
    assert '<span class="tag new">草稿</span>' in page
    assert "共 1 条" in page
    assert 'href="/d/order/new/enter"' in page


def test_empty_list_offers_the_next_step(clerk):
    page = clerk.get("/d/order").text
    assert "还没有单据" in page
    assert page.count('href="/d/order/new/enter"') == 2


def test_leaders_see_masked_values_and_no_new_button(leader, entered):
    page = leader.get("/d/order").text
    assert "12****78" in page
    assert "12345678" not in page
    assert "/new/" not in page


def test_paging_goes_by_key_and_back(clerk, many):
    first = clerk.get("/d/order").text
    assert "单59" in first
    assert "单09" not in first
    second = clerk.get(_link(first, "下一页")).text
    assert "单09" in second
    assert "单59" not in second
    assert "单59" in clerk.get(_link(second, "上一页")).text


def _link(page: str, words: str) -> str:
    button = page.split(words, 1)[0].rsplit('<a class="button small" href="', 1)[1]
    return button.split('"')[0].replace("&amp;", "&")


def test_filters_narrow_and_are_shown_as_chips(clerk, many):
    page = clerk.get("/d/order?f.total.from=10&f.total.to=12").text
    assert "共 3 条" in page
    assert 'class="chip" href="/d/order"' in page
    assert "单11" in clerk.get("/d/order?f.name=单11").text
    assert "没有符合条件" in clerk.get("/d/order?f.state=approved").text


def test_a_filter_that_cannot_be_read_says_so(clerk, entered):
    answer = clerk.get("/d/order?f.total.from=abc")
    assert answer.status_code == 422
    assert "应为数字" in answer.text
    assert 'value="abc"' in answer.text


def test_search_finds_by_text(clerk, many):
    page = clerk.get("/d/order?q=单33").text
    assert "单33" in page
    assert "单34" not in page


def test_sorting_by_a_head(clerk, many):
    page = clerk.get("/d/order?sort=total").text
    assert page.index("单00") < page.index("单01")
    assert 'aria-sort="ascending"' in page
    assert 'href="/d/order?sort=-total"' in page


def test_a_script_gets_the_table_alone(clerk, entered):
    page = clerk.get("/d/order", headers={"HX-Request": "true"}).text
    assert page.startswith('<div id="rows"')
    assert "<html" not in page


def test_a_fragment_is_never_a_login_page(visitor):
    answer = visitor.get("/d/order", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_export_as_csv_is_safe_for_spreadsheets(clerk, office):
    office.raise_("clerk", "enter", "order", name="=1+1", secret="12345678")
    answer = clerk.get("/d/order/export.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "编号,名称,证号,合计,状态"
    assert "'=1+1" in lines[1]
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


def test_export_as_workbook_and_only_by_right(clerk, leader, entered):
    assert clerk.get("/d/order/export.xlsx").mimetype.endswith("spreadsheetml.sheet")
    assert "export" in clerk.get("/d/order").text
    assert leader.get("/d/order/export.csv").status_code == 403
    assert "export" not in leader.get("/d/order").text
    assert clerk.get("/d/order/export.exe").status_code == 404
