"""The frame around every page: notices and their bell, the search over pages and documents, what administrators see."""

import re
from dataclasses import replace

import pytest

from engine.codes import catalogue
from engine.model.formula import Title
from engine.model.records import Effect
from engine.problems import Problem, Severity, Span
from engine.usecases.deliver import _notify
from engine.web.frame import _current


@pytest.fixture
def notices(office):
    """Twenty-five notices for the clerk, the last one newest."""
    for number in range(25):
        office.clock.move(minutes=1)
        told = {"via": "site", "to": office.people["clerk"].id, "text": f"第{number:02}件"}
        _notify(office.runtime, Effect(str(number), "notify", f"k{number}", office.clock.at, "order", "x", told))


def badge(page: str) -> str:
    found = re.search(r'data-told="\d+".*?<span class="badge"( hidden)?>(\d+\+?)<', page, re.DOTALL)
    return "" if found[1] else found[2]


def test_the_bell_counts_what_is_new(clerk, leader, notices):
    assert (badge(clerk.get("/").text), badge(leader.get("/").text)) == ("25", "")
    assert clerk.get("/notices/count").json == {"unread": 25}
    assert clerk.get("/notices/count").headers["Cache-Control"] == "no-store"


def test_notices_come_in_pages(clerk, notices):
    first = clerk.get("/notices").text
    assert "第24件" in first
    assert "第04件" not in first
    following = re.search(r'href="(/notices\?after=[^"]+)"', first)[1].replace("&amp;", "&")
    second = clerk.get(following).text
    assert "第04件" in second
    assert (
        "第24件" in clerk.get(re.search(r'href="(/notices\?after=[^"]+back=1)"', second)[1].replace("&amp;", "&")).text
    )
    assert clerk.get("/notices?after=forged").status_code == 422


def test_notices_are_read_one_by_one_or_all(clerk, leader, notices):
    page = clerk.get("/notices?unread=1").text
    one = re.search(r'action="(/notices/\w{32})"', page)[1]
    assert leader.post(one).status_code == 404
    assert clerk.post(one, {"stay": "/notices?unread=1"}).location == "/notices?unread=1"
    assert clerk.post(one, {"stay": "//evil.example"}).location == "/"
    assert clerk.get("/notices/count").json == {"unread": 24}
    assert clerk.post("/notices/read").location == "/notices"
    assert badge(clerk.get("/").text) == ""
    assert "没有未读通知" in clerk.get("/notices?unread=1").text
    assert "全部标为已读" not in clerk.get("/notices").text


def test_notices_at_the_rest_door(rest, notices):
    first = rest("GET", "_notices?limit=2").json
    assert [one["text"] for one in first["items"]] == ["第24件", "第23件"]
    assert (first["unread"], first["previous"], first["items"][0]["document"]) == (25, None, "order")
    second = rest("GET", f"_notices?limit=2&after={first['next']}").json
    assert [one["text"] for one in second["items"]] == ["第22件", "第21件"]
    assert rest("GET", f"_notices?limit=2&before={second['previous']}").json["items"] == first["items"]
    assert rest("POST", f"_notices/{first['items'][0]['id']}").json["read"] is True
    assert len(rest("GET", "_notices?limit=100&unread=true").json["items"]) == 24
    assert rest("POST", "_notices/read").json == {"marked": 24}
    assert rest("POST", "_notices/nothing").status_code == 404
    assert rest("GET", "_notices?after=x").json["error"]["code"] == "findings"


def test_what_the_engine_keeps_for_itself_is_no_document(rest, clerk, office, entered):
    clerk.post("/d/order/export.csv", {})
    office.deliver()
    (told,) = rest("GET", "_notices").json["items"]
    assert (told["document"], told["record_id"]) == (None, None)
    address = re.search(r'action="(/notices/\w{32})"', clerk.get("/notices").text)[1]
    assert clerk.post(address).location.startswith("/errands/")


def test_notices_need_a_token_and_a_session(app, visitor):
    assert app.test_client().get("/api/v1/_notices").status_code == 401
    assert visitor.get("/notices").status_code == 302
    assert visitor.get("/notices/count", headers={"Accept": "application/json"}).status_code == 401


def test_the_search_finds_lists_beginnings_and_documents(clerk, leader, entered):
    page = clerk.get("/search?q=订单", headers={"HX-Request": "true"}).text
    assert page.index('href="/d/order"') < page.index('href="/d/order/new/enter"')
    assert "/d/order/new/" not in leader.get("/search?q=订单").text
    assert f'href="/d/order/{entered}"' in clerk.get("/search?q=甲").text
    assert 'href="/notices"' in clerk.get("/search?q=通知").text
    assert "没有找到" in clerk.get("/search?q=什么也不是").text
    assert clerk.get("/search?q=" + "长" * 3000).status_code == 200


def test_pages_of_administrators_are_not_there_for_others(clerk, admin):
    for address in ("/problems", "/design"):
        assert clerk.get(address).status_code == 404
        assert admin.get(address).status_code == 200
    assert 'href="/design"' not in admin.get("/").text  # it is for who draws pages, and stands with the console
    assert 'href="/design"' not in clerk.get("/").text


def test_the_menu_of_a_person_leads_to_no_programs(admin, clerk):
    for browser in (admin, clerk):
        assert 'href="/api"' not in browser.get("/").text
        assert 'href="/api"' in browser.get("/account").text


def test_the_bar_names_the_node(clerk, visitor, office):
    assert "node-name" not in clerk.get("/").text
    node = replace(office.runtime.node, title=Title("试点节点", "Pilot"))
    office.runtime = replace(office.runtime, node=node)
    assert 'class="node-name" title="节点">试点节点<' in clerk.get("/").text
    assert "试点节点" not in visitor.get("/login").text


def test_administrators_are_told_on_every_page_that_changed_definitions_are_not_in_force(admin, clerk, problems):
    where = Span("desk/order/document.yaml", 12, 7)
    code = min(catalogue())
    problems.append(Problem(code, where, {}, "name", Severity.WARNING))
    assert "没有生效" not in admin.get("/").text
    assert "定义已生效" in admin.get("/problems").text
    problems.append(Problem(code, where, {}, "name", Severity.ERROR))
    for address in ("/", "/d/user", "/account"):
        assert "定义文件夹中有 1 个错误，其中的改动没有生效" in admin.get(address).text
        assert 'href="/problems">查看错误' in admin.get(address).text
    assert "没有生效" not in clerk.get("/").text
    assert "尚未生效" in admin.get("/problems").text


def test_folded_groups_and_a_narrow_menu_are_drawn_so_from_the_start(clerk):
    assert '<details data-fold="1" open>' in clerk.get("/").text
    clerk.client.set_cookie("folded", "1")
    clerk.client.set_cookie("menu", "narrow")
    page = clerk.get("/").text
    assert '<details data-fold="1">' in page
    assert '<body class="menu-narrow">' in page


def test_one_system_needs_no_switch(clerk):
    assert "system-drop" not in clerk.get("/").text
    chosen = clerk.post("/preferences", {"system": "nothing"}).headers.getlist("Set-Cookie")
    assert not [cookie for cookie in chosen if cookie.startswith("system=")]


def test_the_menu_stays_with_the_system_that_was_chosen(app):
    for cookie, shown in (("system=stock", "stock"), ("system=gone", "desk"), ("", "desk")):
        with app.test_request_context("/d/order", headers={"Cookie": cookie}):
            assert _current(["desk", "stock"]) == shown


def test_an_address_that_is_not_there_keeps_the_menu(clerk, visitor):
    page = clerk.get("/nowhere")
    assert page.status_code == 404
    assert 'id="menu"' in page.text
    assert 'id="menu"' not in visitor.get("/nowhere").text
