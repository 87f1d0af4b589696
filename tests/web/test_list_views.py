"""What a person keeps of a list: saved views as tabs, the one that opens, columns, widths; and the frame around it."""

import re

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases import bulk, listing, preferences, saved
from engine.usecases.bulk import BulkRequest
from engine.usecases.views import ListRequest
from tests.web.conftest import FILES

QUERY = "f.state=draft&sort=-total"


@pytest.fixture
def view(clerk):
    """A saved view of the clerk."""
    answer = clerk.post("/d/order/views", {"title": "草稿", "query": QUERY})
    assert answer.status_code == 303
    return re.search(r"view=(\w+)", answer.location)[1]


def tabs(page: str) -> list[str]:
    part = page.split('<nav class="tabs"', 1)[1].split("</nav>", 1)[0]
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<a .*?</a>", part, re.DOTALL)]


def test_a_view_is_saved_shown_as_a_tab_and_told_when_it_was_changed(clerk, view, entered):
    page = clerk.get(f"/d/order?view={view}&{QUERY}").text
    assert tabs(page) == ["全部", "草稿"]
    assert f'href="/d/order?view={view}&amp;f.state=draft&amp;sort=-total" aria-current="true"' in page
    assert "保存为视图" not in page
    page = clerk.get(f"/d/order?view={view}&f.state=approved").text
    assert "条件已改动" in page
    assert "保存为视图" in page
    assert "保存为视图" not in clerk.get("/d/order").text  # there is nothing to save


def test_a_view_can_open_the_list(clerk, view):
    back = {"act": "open", "next": f"/d/order?view={view}"}
    assert clerk.post(f"/d/order/views/{view}", back).status_code == 303
    answer = clerk.get("/d/order")
    assert (answer.status_code, answer.location) == (302, f"/d/order?view={view}&f.state=draft&sort=-total")
    page = clerk.get("/d/order?view=all").text
    assert 'href="/d/order?view=all" aria-current="true"' in page
    clerk.post(f"/d/order/views/{view}", {"act": "unopen", "next": "/d/order"})
    assert clerk.get("/d/order").status_code == 200


def test_a_view_that_is_gone_opens_nothing(clerk, view, office):
    clerk.post(f"/d/order/views/{view}", {"act": "open"})
    clerk.post(f"/d/order/views/{view}", {"act": "drop"})
    assert clerk.get("/d/order").status_code == 200
    assert saved.saved_filters(office.runtime, office.people["clerk"], "order") == ()


def test_views_are_renamed_and_shared_by_their_owner_alone(clerk, sign_in, view, office):
    stranger = sign_in("stranger")
    assert tabs(stranger.get("/d/order").text) == ["全部"]
    clerk.post(f"/d/order/views/{view}", {"title": "我的草稿", "role": "clerk", "next": "/d/order"})
    page = stranger.get(f"/d/order?view={view}&{QUERY}").text
    assert tabs(page) == ["全部", "我的草稿"]
    assert "他人共享" in page
    assert "删除视图" not in page
    assert stranger.post(f"/d/order/views/{view}", {"act": "drop"}).status_code == 404
    assert stranger.post(f"/d/order/views/{view}", {"title": "抢"}).status_code == 404
    answer = clerk.post(f"/d/order/views/{view}", {"title": "越权", "role": "leader", "next": "/d/order"})
    assert answer.status_code == 303
    assert "只能共享给自己所属的角色" in clerk.get("/d/order").text


@pytest.mark.parametrize("title", ["", "  "])
def test_a_view_without_a_name_says_so_on_the_list(clerk, title):
    answer = clerk.post("/d/order/views", {"title": title, "query": QUERY})
    assert answer.location == "/d/order?f.state=draft&sort=-total"
    assert "请填写名称" in clerk.get(answer.location).text


def test_a_saved_query_leads_nowhere_but_into_the_list(clerk):
    forged = "next=//evil.example&after=x&f.state=draft&_anchor=y&_external=1&_scheme=http"
    location = clerk.post("/d/order/views", {"title": "坏", "query": forged}).location
    assert re.fullmatch(r"/d/order\?view=\w+&f\.state=draft", location)
    assert clerk.post("/d/nothing/views", {"title": "x", "query": ""}).status_code == 404


def test_columns_are_chosen_and_go_into_the_file(clerk, entered):
    answer = clerk.post("/d/order/columns", {"column": ["total", "note", "name"], "next": "/d/order"})
    assert (answer.status_code, answer.location) == (303, "/d/order")
    page = clerk.get("/d/order").text
    assert re.findall(r'data-column="(\w+)"', page) == ["total", "note", "name"]
    assert clerk.get("/d/order/export.csv").data.decode("utf-8-sig").splitlines()[0] == "合计,说明,名称,状态"
    clerk.post("/d/order/columns", {"reset": "1", "next": "/d/order"})
    assert re.findall(r'data-column="(\w+)"', clerk.get("/d/order").text) == ["number", "name", "secret", "total"]


def test_widths_are_kept_and_drawn_without_styles(clerk, entered, office):
    assert clerk.json("/d/order/widths", {"column": "name", "width": 180}).status_code == 204
    page = clerk.get("/d/order").text
    assert '<col width="180">' in page
    assert "style=" not in page
    assert clerk.json("/d/order/widths", {"column": "name", "width": "wide"}).status_code == 204
    assert preferences.list_choice(office.runtime, office.people["clerk"], "order").widths == {}
    assert clerk.json("/d/order/widths", {"column": "nothing", "width": 100}).status_code == 404
    assert clerk.json("/d/nothing/widths", {"column": "name", "width": 100}).status_code == 404


def test_a_fragment_brings_tabs_and_tools_along(clerk, view, entered):
    page = clerk.get(f"/d/order?{QUERY}", headers={"HX-Request": "true"}).text
    assert page.startswith('<div id="rows"')
    assert 'id="views" hx-swap-oob="true"' in page
    assert 'id="tools" hx-swap-oob="true"' in page
    assert "f.state=draft" in page.split('id="tools"', 1)[1]


def test_chips_say_what_is_on(clerk, entered):
    page = clerk.get("/d/order?f.state=draft,approved&f.total.from=1&f.total.to=2&q=甲").text
    chips = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'class="chip" .*?</a>', page, re.DOTALL)]
    assert [one.split(">", 1)[-1].strip() for one in chips] == ["“甲”", "状态：草稿、已同意", "合计：1 – 2"]


def test_a_page_that_is_gone_leads_back(clerk, office, entered):
    for number in range(60):
        office.clock.move(minutes=1)
        office.raise_("clerk", "enter", "order", name=f"单{number}")
    first = clerk.get("/d/order?sort=-created_at").text
    after = re.search(r"after=([^&\"]+)", first)[1]
    office.raise_("clerk", "remove", "order", entered)
    page = clerk.get(f"/d/order?sort=-created_at&after={after}&f.name=单59").text
    assert "这一页已经没有单据" in page


def test_long_lists_are_taken_away_in_the_background(clerk, office, monkeypatch, entered):
    monkeypatch.setattr("engine.usecases.listing.CAP", 0)
    page = clerk.get("/d/order?q=甲").text
    assert 'method="post" action="/d/order/export.xlsx"' in page
    answer = clerk.post("/d/order/export.csv", {"q": "甲"})
    assert answer.status_code == 303
    assert "等待中" in clerk.get(answer.location).text
    assert 'hx-trigger="every 1s"' in clerk.get(answer.location, headers={"HX-Request": "true"}).text
    office.deliver()
    page = clerk.get(answer.location).text
    assert "已完成" in page
    assert 'hx-trigger="every' not in page
    given = clerk.get(f"{answer.location}/file")
    assert given.data.decode("utf-8-sig").splitlines()[0] == "编号,名称,证号,合计,状态"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "导出完成" in clerk.get("/notices").text
    assert clerk.post("/d/order/export.exe", {}).status_code in {404, 422}


def test_a_long_list_is_sorted_only_where_an_index_leads(clerk, office, monkeypatch, entered):
    clerk.post("/d/order/columns", {"column": ["number", "note", "total"], "next": "/d/order"})
    assert "sort=note" in clerk.get("/d/order").text
    monkeypatch.setattr("engine.usecases.listing.CAP", 0)
    page = clerk.get("/d/order").text
    assert "sort=note" not in page
    assert "缩小到 1000 条以内后可按此列排序" in page
    assert "sort=total" in page


def test_an_errand_is_its_owners_alone(clerk, leader, office, entered):
    where = clerk.post("/d/order/export.csv", {}).location
    for address in (where, f"{where}/file"):
        assert leader.get(address).status_code == 404
    assert leader.post(f"{where}/stop").status_code == 404
    assert clerk.get(f"{where}/file").status_code == 404  # not made yet
    assert clerk.post(f"{where}/stop").status_code == 303
    office.deliver()
    assert "已停止" in clerk.get(where).text
    assert "已停止" in clerk.get("/errands").text


# --- bulk events -----------------------------------------------------------------------------------------------------


def test_plain_events_run_at_once_and_results_are_listed(clerk, office, entered):
    empty = office.raise_("clerk", "enter", "order", name="空").record_id
    page = clerk.get("/d/order").text
    assert 'formaction="/d/order/bulk/submit"' in page
    assert "bulk/enter" not in page
    answer = clerk.post("/d/order/bulk/submit", {"id": [entered, empty]})
    assert answer.status_code == 303
    page = clerk.get(answer.location).text
    assert "请填写明细" in page
    assert office.values("order", entered)["state"] == "reviewing"


def test_events_that_ask_show_a_page_and_want_an_answer(clerk, office, entered):
    page = clerk.post("/d/order/bulk/drop", {"id": [entered]})
    assert page.status_code == 200
    assert "批量作废（1 条）" in page.text
    assert 'name="a.reason"' in page.text
    refused = clerk.post("/d/order/bulk/drop", {"id": [entered], "_sure": "1", "a.reason": ""})
    assert refused.status_code == 422
    assert office.values("order", entered)["state"] == "draft"
    answer = clerk.post("/d/order/bulk/drop", {"id": [entered], "_sure": "1", "a.reason": "错单"})
    assert answer.status_code == 303
    assert office.values("order", entered)["state"] == "refused"


def test_what_asks_can_be_confirmed_for_all(clerk, office):
    line = {"item": "车", "qty": "1", "price": "9000"}
    keys = {"name": "贵", "note": "大", "lines": [line], "confirmed": frozenset({"big"})}
    large = office.raise_("clerk", "enter", "order", **keys).record_id
    page = clerk.get(clerk.post("/d/order/bulk/submit", {"id": [large]}).location).text
    assert "待确认" in page
    assert 'name="_confirm" value="big"' in page
    answer = clerk.post("/d/order/bulk/submit", {"id": [large], "_sure": "1", "_confirm": "big"})
    assert office.values("order", large)["state"] == "reviewing"
    assert "贵" in clerk.get(answer.location).text


def test_all_that_match_is_asked_first(clerk, office, entered):
    office.raise_("clerk", "enter", "order", name="乙", lines=[{"item": "笔", "qty": "1", "price": "1"}])
    page = clerk.post("/d/order/bulk/submit", {"matching": "1", "f.name": "乙"}).text
    assert "批量提交（1 条）" in page
    assert 'name="f.name" value="乙"' in page
    clerk.post("/d/order/bulk/submit", {"matching": "1", "f.name": "乙", "_sure": "1"})
    assert office.values("order", entered)["state"] == "draft"
    assert [one["state"] for one in office.all("order", name="乙")] == ["reviewing"]


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        ("/d/order/bulk/submit", {}, 422),
        ("/d/order/bulk/submit", {"id": ["nothing"]}, 422),
        ("/d/order/bulk/approve", {"id": ["x"]}, 403),
        ("/d/order/bulk/enter", {"id": ["x"]}, 403),
        ("/d/order/bulk/nothing", {"id": ["x"]}, 403),
        ("/d/nothing/bulk/submit", {"id": ["x"]}, 404),
        ("/d/order/bulk/submit", {"matching": "1", "f.total.from": "abc"}, 422),
    ],
)
def test_forged_bulk_requests_are_refused(clerk, entered, address, sent, status):
    assert clerk.post(address, sent).status_code == status


def test_leaders_have_nothing_to_pick(leader, entered):
    page = leader.get("/d/order").text
    assert 'class="picks"' not in page
    assert leader.post("/d/order/bulk/submit", {"id": [entered]}).status_code == 403


def test_a_definition_says_what_stands_on_its_list():
    pages = "pages:\n  list: {columns: [number, name], bulk: [drop, submit], buttons: [enter]}\n"
    office = Office({**FILES, "desk/order/pages.yaml": pages})
    clerk = office.people["clerk"]
    office.raise_("clerk", "enter", "order", name="甲")
    view = listing.list_documents(office.runtime, clerk, ListRequest("order"))
    assert [event.name for event in view.bulk] == ["drop", "submit"]
    assert [event.name for event in view.creating] == ["enter"]
    with pytest.raises(Refused):
        bulk.start_bulk(office.runtime, clerk, BulkRequest("order", "recall", view.ids))
