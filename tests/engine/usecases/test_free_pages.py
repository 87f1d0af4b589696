"""Free pages: figures, charts, tables and boards over what the actor may see; memory, drills, buttons, refusals."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.free_pages import open_drill, open_page
from engine.usecases.reading import menu

PAGE = """page: board
title: 总览
roles: [clerk, leader, boss]
keep:
  since: {title: 自, type: date, default: =today - 30 * day}
  least: {title: 至少, type: integer}
body:
  - filters: [since, least]
  - columns: [4, 8]
    body:
      - {figure: count(rows), of: order, where: "page.least == null or total >= page.least",
         title: 订单, unit: {zh: 份, en: orders}, alert: value > 2, drill: rows}
      - {chart: bar, of: order, x: customer, y: [total], split: state, drill: rows}
  - {table: order, columns: {name: name, secret: secret, sum: {title: 金额, value: total}},
     sort: -total, most: 2, totals: [sum]}
  - {table: by_customer, columns: [customer, orders, sum], sort: -sum, drill: rows}
  - {board: order, per: state, as: name, columns: [total], sort: name}
  - grid: order
    per: state
    rows: "1 if name == '乙单' else 2"
    columns: "1 if name == '乙单' else 3"
    size: [total / 100, 2]
    as: name
    mark: total > 200
    alert: total > 250 and page.least == null
    holds: {of: lines, where: price >= 100, as: item, columns: {cost: {title: 单价, value: price}}, mark: price > 250}
    sort: name
  - tabs:
      - {title: 甲, body: [{text: "共{count(list(order))}份，自{page.since}"}]}
      - {title: 乙, show: page.least != null, body: [{list: letter, columns: [number, title]}]}
  - {panel: true, title: 其他, body: [{buttons: [{create: order}, {go: order}, {go: hidden}, {go: letter}]}]}
  - {figure: 1 / 0, title: 坏的}
"""
QUERY = """queries:
  by_customer:
    title: 按客户
    of: order
    per: {customer: customer.name}
    columns: {orders: count(rows), sum: {title: 金额合计, value: "sum(rows, total)"}}
"""
HIDDEN = "page: hidden\ntitle: 内部\nroles: [boss]\nbody: [{text: 内部}]\n"
FILES = {
    **ORDER,
    "desk/system.yaml": """system: desk
id: T-1
title: 办公
uses: [shared]
roles: {clerk: {title: 经办}, leader: {title: 领导}, boss: {title: 主管}}
menu: [{title: 业务, pages: [order, board, hidden]}, {title: 管理, pages: [order], roles: [boss]}]
""",
    "desk/pages/board.yaml": PAGE,
    "desk/pages/hidden.yaml": HIDDEN,
    "desk/queries.yaml": QUERY,
}


@pytest.fixture(scope="module")
def definitions():
    return FILES


@pytest.fixture
def office(store):
    made = Office(FILES, store=store)
    for number, (who, name, price) in enumerate(
        (("clerk", "甲单", "100"), ("clerk", "乙单", "300"), ("clerk", "丙单", "200"), ("stranger", "丁单", "900"))
    ):
        line = {"item": "笔", "qty": "1", "price": price}
        customer = made.people["leader" if number < 2 else "boss"].id
        made.raise_(who, "enter", "order", name=name, customer=customer, secret="12345678", lines=[line])
    first = made.all("order", name="甲单")[0]
    made.raise_("clerk", "submit", "order", first["id"])
    return made


def opened(office, who, **given):
    return open_page(office.runtime, office.people[who], "board", given)


def parts(view):
    """Components in the order of the page, those inside layouts too."""
    found = []
    for one in view:
        found.append(one)
        for body in getattr(one.part, "bodies", ()):
            found.extend(parts(body))
    return found


def of_kind(view, kind):
    return [one for one in parts(view.body) if one.kind == kind]


def test_figures_count_what_the_actor_sees(office):
    mine, theirs = of_kind(opened(office, "clerk"), "figure")[0], of_kind(opened(office, "stranger"), "figure")[0]
    assert (mine.part.text, mine.part.unit, mine.part.alert) == ("3", "份", True)
    assert (theirs.part.text, theirs.part.alert) == ("1", False)
    assert of_kind(opened(office, "boss"), "figure")[0].part.text == "4"


def test_memory_narrows_and_is_told_again(office):
    view = opened(office, "clerk", least="200")
    assert of_kind(view, "figure")[0].part.text == "2"
    assert view.given == {"since": "2026-04-06", "least": "200"}
    assert [one.part.text for one in of_kind(view, "text")] == ["共3份，自2026-04-06"]
    assert [title.zh for title in of_kind(view, "tabs")[0].part.titles] == ["甲", "乙"]


def test_memory_that_cannot_be_read_is_told_and_passed_over(office):
    view = opened(office, "clerk", since="morgen", least="many")
    assert {finding.at for finding in view.findings} == {("since",), ("least",)}
    assert view.given["since"] == "2026-04-06"


def test_charts_add_up_by_place_and_part(office):
    chart = of_kind(opened(office, "clerk"), "chart")[0].part
    assert chart.categories == ("leader", "boss")
    assert [(one.name, one.values) for one in chart.series] == [
        ("草稿", ("300.00", "200.00")),
        ("审批中", ("100.00", None)),
    ]
    assert chart.splits == ("draft", "reviewing")


def test_tables_are_cut_summed_and_masked(office):
    table = of_kind(opened(office, "leader"), "table")[0].part
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["乙单", "12****78", "300.00"],
        ["丙单", "12****78", "200.00"],
    ]
    assert [head.zh for head in table.heads] == ["名称", "证号", "金额"]
    assert table.totals == ("", "", "500.00")
    assert table.rows[0].link[0] == "document"
    hidden = of_kind(opened(office, "boss"), "table")[0].part
    assert {row.cells[1].text for row in hidden.rows} == {""}


def test_reading_protected_fields_is_kept(office):
    opened(office, "clerk")
    opened(office, "leader")
    kept = [(entry.action, entry.actor) for entry in office.store.audit(limit=50) if entry.action == "page"]
    assert kept == [("page", office.people["clerk"].id)]


SHOWING = {
    "through a reference": "{table: letter, columns: [number, order.secret]}",
    "within a text": "{text: '证号{first(list(order)).secret}'}",
    "along a chart": "{chart: bar, of: order, x: secret}",
    "as a number": "{figure: first(rows).secret, of: order}",
    "in a column of a query": "{table: by_secret, columns: [whose, orders]}",
    "in a column made of a key": "{table: by_secret, columns: [told]}",
    "as small fields": "{board: letter, per: order.secret, as: number}",
    "where one of two": '{table: order, columns: {one: {title: 一, value: "secret if total > 0 else name"}}}',
}
NOT_SHOWING = {
    "counted": "{figure: count(rows), of: order, where: \"secret != ''\"}",
    "compared": "{table: order, columns: {one: {title: 一, value: \"secret == '12345678'\"}}}",
    "passed": "{table: letter, columns: [number, order.name]}",
}
BY_SECRET = """  by_secret:
    title: 按证号
    of: order
    per: {whose: secret}
    columns: {orders: count(rows), told: "whose + '号'"}
"""


def looked(component):
    """Who stands in the audit for what when a page with this component was opened."""
    page = f"page: shown\ntitle: 看\nroles: [clerk, leader]\nbody:\n  - {component}\n"
    made = Office({**FILES, "desk/pages/shown.yaml": page, "desk/queries.yaml": QUERY + BY_SECRET})
    line = {"item": "笔", "qty": "1", "price": "100"}
    order = made.raise_("clerk", "enter", "order", name="甲单", secret="12345678", lines=[line]).record_id
    made.engine("letter", {"order": order})
    for who in ("clerk", "leader"):
        assert all(one.failed is None for one in open_page(made.runtime, made.people[who], "shown", {}).body)
    names = {actor.id: who for who, actor in made.people.items()}
    return [
        (names[one.actor], one.document, one.detail["fields"])
        for one in made.store.audit(limit=50)
        if one.action == "page"
    ]


@pytest.mark.parametrize("component", SHOWING.values(), ids=SHOWING)
def test_protected_fields_are_kept_however_they_are_shown(component):
    assert looked(component) == [("clerk", "order", ["secret"])], "the leader sees a mask"


@pytest.mark.parametrize("component", NOT_SHOWING.values(), ids=NOT_SHOWING)
def test_what_is_only_asked_is_not_shown(component):
    assert looked(component) == []


def test_queries_group_and_lead_to_their_documents(office):
    table = of_kind(opened(office, "clerk"), "table")[1].part
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["leader", "2", "400.00"],
        ["boss", "1", "200.00"],
    ]
    assert [head.zh for head in table.heads] == ["姓名", "orders", "金额合计"]
    path = table.rows[0].link[1]
    path, _, row = path.partition(":")
    behind = open_drill(office.runtime, office.people["clerk"], "board", f"rows:{path}", {}, {"row": row})
    assert sorted(one.cells[0].text for one in behind.body[0].part.rows) == ["乙单", "甲单"]


def test_a_point_of_a_chart_leads_to_its_documents(office):
    chart = of_kind(opened(office, "clerk"), "chart")[0]
    at = {"x": chart.part.keys[0], "split": "draft"}
    behind = open_drill(office.runtime, office.people["clerk"], "board", f"rows:{chart.path}", {}, at)
    assert [one.cells[0].text for one in behind.body[0].part.rows] == ["乙单"]
    assert behind.body[0].part.rows[0].state == "draft"


def test_boards_group_by_their_key(office):
    groups = of_kind(opened(office, "clerk"), "board")[0].part.groups
    assert [(name, [row.label for row in rows]) for name, rows in groups] == [
        ("草稿", ["丙单", "乙单"]),
        ("审批中", ["甲单"]),
    ]


def test_grids_put_what_is_there_in_its_place(office):
    parts_of = of_kind(opened(office, "clerk"), "grid")[0].part.parts
    drafts, waiting = sorted(parts_of, key=lambda part: part.name)
    assert (waiting.name, waiting.rows, waiting.columns, [*waiting.places]) == ("草稿", 3, 3, [(2, 3), (1, 1)])
    assert (drafts.name, drafts.places.keys()) == ("审批中", {(2, 3)})


def test_grids_show_what_lies_in_a_field_and_what_stands_out(office):
    def place(**given):
        drafts = next(
            one for one in of_kind(opened(office, "clerk", **given), "grid")[0].part.parts if one.name == "草稿"
        )
        return drafts.places[1, 1][0], drafts.places[2, 3][0]

    dear, plain = place()
    assert (dear.row.label, dear.name, dear.row.sign, dear.row.link[0]) == ("乙单", "乙单", "alert", "document")
    assert [(line.label, line.cells[0].text, line.sign) for line in dear.lines] == [("笔", "300.00", "mark")]
    assert (plain.row.sign, [line.sign for line in plain.lines]) == ("", [""])
    assert place(least="1")[0].row.sign == "mark"
    view = of_kind(opened(office, "clerk"), "grid")[0].part
    assert ([head.zh for head in view.heads], view.more) == (["单价"], False)
    assert [(sign, title.zh) for sign, title in view.legend] == [("", "草稿"), ("alert", "草稿"), ("", "审批中")]


def test_grids_hold_what_the_actor_sees(office):
    def names(who):
        parts_of = of_kind(opened(office, who), "grid")[0].part.parts
        return {place.row.label for part in parts_of for found in part.places.values() for place in found}

    assert names("clerk") == {"甲单", "乙单", "丙单"}
    assert names("stranger") == {"丁单"}


def test_buttons_lead_where_the_actor_may_go(office):
    assert [(b.verb, b.subject) for b in of_kind(opened(office, "clerk"), "buttons")[0].part] == [
        ("new", "order.enter"),
        ("list", "order"),
        ("list", "letter"),
    ]
    assert [(b.verb, b.subject) for b in of_kind(opened(office, "boss"), "buttons")[0].part] == [
        ("list", "order"),
        ("page", "hidden"),
    ]


def test_what_cannot_be_computed_hides_nothing_else(office):
    view = opened(office, "clerk")
    failed = of_kind(view, "failed")
    assert not failed or failed[0].failed is not None
    assert view.body[-1].title.zh == "坏的"


@pytest.mark.parametrize(("who", "page"), [("clerk", "hidden"), ("clerk", "nothing"), ("leader", "hidden")])
def test_pages_of_other_roles_are_not_there(office, who, page):
    with pytest.raises(Refused) as refused:
        open_page(office.runtime, office.people[who], page, {})
    assert refused.value.kind == "not_found"


@pytest.mark.parametrize("part", ["rows:9", "rows:2", "rows:0", "nothing"])
def test_drills_that_a_page_does_not_offer_are_refused(office, part):
    with pytest.raises(Refused) as refused:
        open_drill(office.runtime, office.people["clerk"], "board", part, {}, {})
    assert refused.value.kind == "not_found"


def test_menus_hold_the_pages_of_ones_roles(office):
    def entries(who):
        return [
            name
            for group in menu(office.runtime, office.people[who])
            for _, document, name in group.entries
            if not document
        ]

    assert entries("clerk") == ["board"]
    assert entries("boss") == ["board", "hidden"]


def test_groups_of_the_menu_are_for_their_roles(office):
    def groups(who):
        return [group.title.zh for group in menu(office.runtime, office.people[who])]

    assert groups("clerk") == ["业务"]
    assert groups("boss") == ["业务", "管理"]


def test_counts_and_sums_need_no_rows(office, monkeypatch):
    whole = [one.part for one in parts(opened(office, "clerk").body) if one.kind in {"figure", "chart"}]
    monkeypatch.setattr("engine.expressions.compiling.gathering.MAX_ROWS", 1)
    view = opened(office, "clerk")
    assert [one.part for one in parts(view.body) if one.kind in {"figure", "chart"}] == whole
    assert "failed" in {one.kind for one in view.body}  # the tables read their rows, and there are too many


def test_what_is_masked_in_some_records_is_not_added_up_by_the_store(store):
    access = ORDER["desk/order/access.yaml"].replace("mask: [secret]", "mask: [total]")
    made = Office({**FILES, "desk/order/access.yaml": access}, store=store)
    line = {"item": "笔", "qty": "1", "price": "100"}
    made.raise_("clerk", "enter", "order", name="甲单", customer=made.people["boss"].id, lines=[line])
    assert of_kind(opened(made, "leader"), "chart")[0].part.series[0].values == (None,)
    assert of_kind(opened(made, "clerk"), "chart")[0].part.series[0].values == ("100.00",)
    assert of_kind(opened(made, "leader", least="50"), "figure")[0].part.text == "0"
