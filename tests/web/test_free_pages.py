"""Free pages drawn: figures, charts as data, tables, drills, filters, the menu; nothing for those who have no role."""

import html
import json
import re

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.web.conftest import FILES, PASSWORD

PAGE = """page: board
title: {zh: 总览, en: Overview}
roles: [clerk]
refresh: 30 s
keep:
  state: {title: 说明, type: text}
  since: {title: 自, type: date, default: =today}
  kind: {title: 角色, type: optional code roles}
body:
  - filters: [since, state]
  - columns: [4, 8]
    body:
      - {figure: count(rows), of: order, title: 订单, unit: 份, alert: value > 0, drill: rows}
      - {chart: bar, title: 按状态, of: order, x: state, drill: rows}
  - {table: order, title: 清单, columns: [name, total], totals: [total]}
  - {board: order, per: state, as: name}
  - {grid: order, title: 位置, rows: 1, columns: 2, size: [2, 3], as: name, alert: total > 0,
     holds: {of: lines, as: item, columns: [price]}}
  - {table: letter, columns: [number], empty: 没有函}
  - tabs: [{title: 甲, body: [{text: <b>甲</b>}]}, {title: 乙, body: [{cards: order, columns: [name, total]}]}]
  - buttons: [{create: order}]
drills:
  all: {list: order, columns: [name]}
"""


@pytest.fixture
def office():
    pages = {"desk/pages/board.yaml": PAGE.replace("type: optional code roles", "type: code, in: roles")}
    system = FILES["desk/system.yaml"].replace("pages: [order, letter]", "pages: [order, letter, board]")
    made = Office({**FILES, **pages, "desk/system.yaml": system})
    for who in ("clerk", "leader"):
        set_password(made.runtime, made.people[who].id, PASSWORD)
    line = {"item": "笔", "qty": "1", "price": "1200"}
    made.raise_("clerk", "enter", "order", name="<甲单>", secret="12345678", note="说明", lines=[line])
    return made


def test_a_page_is_drawn(sign_in):
    page = sign_in("clerk").get("/p/board").text
    assert '<a class="number alert" href="/p/board/rows:1.0' in page
    assert "1<small>份</small>" in page
    assert "&lt;甲单&gt;" in page
    assert "<甲单>" not in page
    assert "1,200.00" in page
    assert "没有函" in page
    assert "&lt;b&gt;甲&lt;/b&gt;" in page
    assert 'data-refresh="30"' in page
    assert 'href="/d/order/new/enter"' in page
    assert 'aria-current="page">总览</a>' in page


def test_grids_are_tables_of_places_that_open(sign_in):
    page = sign_in("clerk").get("/p/board").text
    grid = page[page.index('<table class="places"') : page.index('<ul class="legend">')]
    assert re.search(r'<a class="place alert" href="/d/order/[^"]+" data-place="(place-[^"]+)"', grid)[1] in page
    assert "<strong>&lt;甲单&gt;</strong>" in grid
    assert grid.count('class="place free"') == 5
    assert "6 格，已占用 1" in grid
    assert "第 2 行：空" in grid
    assert re.search(r"<dialog[^>]*>.*?<strong>笔</strong>.*?1,200\.00", grid, re.DOTALL)


def test_charts_carry_their_data(sign_in):
    page = sign_in("clerk").get("/p/board").text
    data = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
    assert data["categories"] == ["草稿"]
    assert data["series"] == [{"name": "数量", "values": ["1"]}]
    behind = sign_in("clerk").get(data["address"] + "&x=draft").text
    assert "&lt;甲单&gt;" in behind
    assert "&lt;甲单&gt;" not in sign_in("clerk").get(data["address"] + "&x=approved").text


def test_memory_stands_in_the_address(sign_in):
    page = sign_in("clerk").get("/p/board?k.since=2026-01-02&k.state=%22x").text
    assert 'value="2026-01-02"' in page
    assert 'value="&#34;x"' in page
    assert "应为日期" in sign_in("clerk").get("/p/board?k.since=x").text


def test_a_script_gets_the_body_alone(sign_in):
    answer = sign_in("clerk").get("/p/board", headers={"HX-Request": "true"}).text
    assert "<html" not in answer
    assert "清单" in answer


@pytest.mark.parametrize("address", ["/p/board", "/p/nothing", "/p/board/all", "/p/board/rows:1.0"])
def test_there_is_nothing_for_other_roles(sign_in, address):
    assert sign_in("leader").get(address).status_code == 404


@pytest.mark.parametrize(("address", "code"), [("/p/board/all", 200), ("/p/board/rows:9", 404), ("/p/board/x", 404)])
def test_drills(sign_in, address, code):
    assert sign_in("clerk").get(address).status_code == code


def test_english(sign_in):
    clerk = sign_in("clerk")
    clerk.post("/preferences", {"language": "en", "next": "/"})
    assert "<h1>Overview</h1>" in clerk.get("/p/board").text
