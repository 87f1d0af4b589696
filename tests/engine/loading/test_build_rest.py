"""What belongs to systems: parameters, tables, queries, notices, jobs, prints, mappings, pages, calendars, nodes."""

from decimal import Decimal

from engine.loading import Loaded
from engine.model.tables import Cell, HitPolicy
from engine.model.traffic import ChannelBinding
from engine.model.types import Kind, Type
from tests.engine.loading.trees import NOTE, loaded

LEVELS = {"shared/codes/levels.csv": "code,title\nhigh,高\n"}


def office(path: str, text: str, more: dict[str, str] | None = None) -> Loaded:
    return loaded({f"office/{path}": text} | LEVELS | (more or {}), note=NOTE)


def test_parameter_is_fixed_set_or_dated() -> None:
    found = office(
        "values/v.yaml",
        "values:\n  a: {title: A, type: money, dated: [{from: 2016-04-08, value: 2000}, {from: 2019-01-01,"
        " value: 5000.00}]}\n"
        "  b: {type: code levels, value: high, set_by: admin, per: [org]}\n  c: {type: code, in: levels,"
        " value: high}\n",
    ).definitions.parameters
    assert [(span.start, value) for span, value in found["a"].dated] == [
        ("2016-04-08", 2000),
        ("2019-01-01", Decimal("5000.00")),
    ]
    assert (found["b"].value, found["b"].set_by, found["b"].per) == ("high", ("admin",), ("org",))
    assert found["b"].type == found["c"].type == Type(Kind.CODE, "levels", optional=False)


def test_decision_table_keeps_cells_as_written_with_places() -> None:
    found = office(
        "tables/t.yaml",
        "table: t\nhit: first\ninputs: {a: boolean, b: optional code levels}\noutputs: {c: money}\nrows:\n"
        '  - [false, "-", 0.10]\n  - {when: ["-", "< =values.x"], then: ["=round(1, 2)"], from: 2024-01-01}\n',
    )
    table = found.definitions.tables["t"]
    assert table.hit is HitPolicy.FIRST
    assert table.inputs[1].type == Type(Kind.CODE, "levels", optional=True)
    assert table.inputs[0].type == Type(Kind.BOOLEAN, optional=False)
    assert [cell.text for cell in (*table.rows[0].when, *table.rows[0].then)] == ["false", "-", "0.10"]
    assert table.rows[1].when[1] == Cell("< =values.x", found.places.value(table.where, "rows", 1, "when", 1))
    assert (table.rows[1].dated.start, str(table.rows[1].when[1].where)) == ("2024-01-01", "office/tables/t.yaml:7:19")


def test_query_joins_groups_and_names_its_rows() -> None:
    found = office(
        "queries.yaml",
        "queries:\n  q:\n    takes: {until: date, kind: optional code levels}\n    of: {n: note}\n"
        "    join: {m: {to: note, on: m.id == n.id, keep: both, newest: due}}\n    where: n.due <= until\n"
        "    per: [n.subject]\n    columns: {count: count(rows), share: {title: 份额, value: count / 2}}\n"
        "    sort: -count\n"
        "  inner:\n    of: {own: {of: note, per: {s: subject}, columns: {c: count(rows)}}}\n    columns: {c: own.c}\n",
    ).definitions.queries
    query, outer = found["q"], found["inner"]
    assert (query.alias, query.of.text, query.joins["m"].keep, query.joins["m"].newest) == ("n", "note", "both", "due")
    assert query.takes["kind"].type == Type(Kind.CODE, "levels")
    assert query.takes["until"].required is True
    assert list(query.shape.fields) == ["subject", "count", "share"]
    assert (query.titles["share"].zh, query.sort.keys[0].formula.text) == ("份额", "count")
    assert query.sort.keys[0].descending
    assert outer.inner is not None
    assert (outer.alias, outer.inner.of.text, list(outer.inner.columns)) == ("own", "note", ["c"])


def test_local_query_belongs_to_its_document() -> None:
    found = loaded(note=NOTE + "queries:\n  mine: {of: note, where: subject == this.subject}\n").definitions
    assert found.queries["note.mine"].document == "note"


def test_parameters_may_be_document_types_and_have_defaults() -> None:
    found = office(
        "actions.yaml", "actions:\n  a: {takes: {n: note, x: document, d: date = today, r: row note.lines}, do: []}\n"
    )
    takes = found.definitions.actions["a"].takes
    assert takes["n"].type == Type(Kind.REF, "note", optional=False)
    assert takes["x"].type == Type(Kind.REF, "", optional=False)
    assert takes["r"].type == Type(Kind.ROW, "note.lines", optional=False)
    default = takes["d"].default
    assert default is not None
    assert default.formula is not None
    assert (default.formula.text, str(default.formula.where)) == ("today", "office/actions.yaml:2:47")


def test_notice_goes_to_roles_and_users() -> None:
    found = office(
        "notices.yaml",
        "notices:\n  n: {takes: {x: note}, to: [role chief in x.org, {who: =x.writer, when: x.urgent}],"
        " via: [site, sms],"
        ' all: true, quiet: {from: "21:00", until: "08:00"}, text: "{x.subject}！"}\n',
    ).definitions.notices["n"]
    first, second = found.to
    assert first.within is not None
    assert second.who is not None
    assert second.when is not None
    assert (first.role, first.within.text, second.who.text, second.when.text) == (
        "chief",
        "x.org",
        "x.writer",
        "x.urgent",
    )
    assert (found.via, found.everywhere, found.quiet[:2]) == (("site", "sms"), True, ("21:00", "08:00"))


def test_job_runs_by_the_clock_over_a_source() -> None:
    found = office(
        "jobs.yaml",
        "jobs:\n  j: {title: 每月, every: month, on: 1, at: '01:00', each: note, where: due < today, sort: -due,"
        " per: [level],"
        " most: 40, throttle: 20/s, do: [{raise: enter, on: self}]}\n",
    ).definitions.jobs["j"]
    assert (found.every, found.on, found.at, found.most, found.throttle) == ("month", "1", "01:00", 40, "20/s")
    assert found.condition is not None
    assert (found.condition.text, list(found.per), len(found.do)) == ("due < today", ["level"], 1)


def test_print_has_the_text_of_its_template_and_style() -> None:
    found = office(
        "note/prints/slip.yaml",
        "print: slip\ntitle: 条\ndocument: note\ntemplate: slip.html\nanchors: {sign: 签名}\nqr: '{number}|x'\n"
        "wording: [{from: 2021-01-01, note: 首版}]\n---\nprint: all\ndocument: note\n"
        "bundle: {each: below, prints: [{print: slip, of: self}]}\n",
        {"office/note/prints/slip.html": "<p>{{ x }}</p>", "office/note/prints/slip.css": "p {}"},
    ).definitions.prints
    slip, bundle = found["slip"], found["all"].bundle
    assert (slip.source, slip.style, slip.folder, slip.document) == (
        "<p>{{ x }}</p>", "p {}", "office/note/prints", "note",
    )  # fmt: skip
    assert (slip.anchors["sign"].zh, slip.wording[0].dated.start, slip.paper) == ("签名", "2021-01-01", "A4")
    assert bundle is not None
    assert (bundle.each.text, bundle.prints[0].print) == ("below", "slip")


def test_mapping_is_a_tree_whose_leaves_are_expressions() -> None:
    found = office(
        "mappings/m.yaml",
        "mapping: m\ndocument: note\nformat: json\ntree:\n  a: subject\n  b: {c: \"'x'\", d: {value: due,"
        " format: '%Y', also: [dd]}}\n"
        "  e: {each: lines, tree: {f: row}}\nmatch: [{document: note, by: number}]\nevent: status.event\n"
        "with: {x: =y}\n",
    ).definitions.mappings["m"]
    a, b, e = found.tree
    assert a.value is not None
    assert e.each is not None
    assert (a.value.text, [leaf.name for leaf in b.children], e.each.text) == ("subject", ["c", "d"], "lines")
    assert (b.children[1].format, b.children[1].also, e.children[0].name) == ("%Y", ("dd",), "f")
    assert found.event is not None
    assert (found.match[0].by, found.event.text, list(found.values)) == (("number",), "status.event", ["x"])


def test_pages_of_a_document_and_named_ones() -> None:
    found = office(
        "note/pages.yaml",
        "pages:\n  list: {columns: [subject, writer.name], filters: [state], sort: -due, buttons: [enter,"
        " import: notes],"
        " bulk: [send, {title: 合, create: note, with: {a: =self}}]}\n  form:\n    - {panel: 内容,"
        " fields: [subject], show: a}\n"
        "    - columns: [8, 4]\n  entry: {title: 填写, list: {columns: [subject]}}\n",
    ).definitions.pages
    pages, entry = found["note"], found["note.entry"]
    assert (pages.columns, pages.filters, pages.sort) == (("subject", "writer.name"), ("state",), ("-due",))
    assert (pages.buttons, pages.bulk, list(pages.cells)) == (("enter", "import notes"), ("send",), ["writer.name"])
    assert [(button.verb, button.subject) for button in pages.bulk_acts] == [("raise", "send"), ("create", "note")]
    assert [panel.fields for panel in pages.form] == [("subject",)]
    assert (entry.title.zh, entry.name, entry.columns) == ("填写", "entry", ("subject",))


def test_calendar_counts_weekdays_from_monday() -> None:
    found = office("calendars/c.yaml", "calendar: c\nholidays: [2026-01-01]\nworking: [2026-01-04]\n").definitions
    assert found.calendars["c"].weekdays == frozenset(range(5))
    found = office("calendars/c.yaml", "calendar: c\ndays: [monday, sunday]\n").definitions
    assert found.calendars["c"].weekdays == frozenset({0, 6})


def test_node_names_accounts_and_adapters() -> None:
    text = (
        "node: main\nsystems: [office]\naccounts: {document: office.note, login: subject, password: p, name: n,"
        " roles: r}\n"
        "channels: {out: file, far: {adapter: http, url: x, most: 4 MB, tries: 30}, back: {direction: in}}\n"
    )
    node = loaded({"nodes/main.yaml": text}, note=NOTE).definitions.nodes["main"]
    assert node.accounts is not None
    assert (node.accounts.document, node.accounts.login) == ("note", "subject")
    assert node.channels == {
        "out": ChannelBinding("file"),
        "far": ChannelBinding("http", most=4 << 20, tries=30, settings={"url": "x"}),
        "back": ChannelBinding("file", "in"),
    }


def test_system_has_roles_and_a_menu() -> None:
    text = (
        "system: office\nid: [A-1, A-2]\ntitle: {zh: 办公, en: Office}\nuses: [shared]\n"
        "roles: {clerk: {title: 经办, key: signer, rows: a == b}, guest: {title: 公众, anonymous: true}}\n"
        "menu:\n  - {title: 便条, pages: [note.list, {page: note.entry, switch: open}], roles: [clerk]}\n"
    )
    system = loaded({"office/system.yaml": text}).definitions.systems["office"]
    assert (system.catalogue, system.title.en, system.roles["guest"].anonymous) == (("A-1", "A-2"), "Office", True)
    assert (system.menu[0].pages, system.menu[0].switches) == (("note.list", "note.entry"), {"note.entry": "open"})
    assert system.menu[0].roles == ("clerk",)


def test_scenario_is_kept_as_data_with_its_place() -> None:
    found = office("note/scenarios/s.yaml", "scenarios:\n  one: {today: 2026-05-06, steps: [{event: enter}]}\n")
    (scenario,) = found.definitions.scenarios
    assert (scenario["name"], scenario["document"], scenario["steps"]) == ("one", "note", [{"event": "enter"}])
    assert str(scenario["where"]) == "office/note/scenarios/s.yaml:2:8"
