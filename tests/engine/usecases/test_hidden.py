"""Rights that differ from record to record, and ways around them: filters, sorting, labels, messages, prints, rows."""

import io
from dataclasses import replace

import pytest

from engine.problems import Refused
from engine.testing.office import BASE, Office
from engine.testing.orders import ORDER
from engine.usecases import choosing, exports, forms, listing, reading, search
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.files import LARGEST, take_upload
from engine.usecases.prints import make_print, open_file
from engine.usecases.views import EventRequest, ListRequest

SECRET = "12345678"
FILES = {
    **ORDER,
    "shared/codes/roles.csv": BASE["shared/codes/roles.csv"] + "auditor,审计\n",
    "desk/system.yaml": BASE["desk/system.yaml"] + "  auditor: {title: 审计}\n",
    "desk/order/document.yaml": ORDER["desk/order/document.yaml"]
    .replace("default: =user.org, edit: false}", "default: =user.org}")
    .replace("  note:", "  remark: {title: 备注, type: text}\n  note:")
    .replace("      item:", "      part: {title: 子单, type: ref, to: order, where: state == 'draft'}\n      item:"),
    "desk/order/rules.yaml": """rules:
  loud: {when: remark == 'loud', message: "证号{secret}、备注{remark}"}
  rows: {each: lines, when: qty == 13, at: qty, message: "{item}不吉利"}
""",
    "desk/order/access.yaml": """access:
  clerk: {rows: org == user.org, read: "*", create: true, edit: "*", events: "*", print: "*", export: true}
  auditor:
    read: "*"
    hide: [secret, created_by]
    mask: [remark]
    edit: [name, remark]
    events: [change]
    print: "*"
    export: true
  leader: {rows: org == user.org, read: "*", mask: [secret], print: "*"}
  boss: {read: "*", hide: [name, lines]}
""",
    "desk/letter/document.yaml": ORDER["desk/letter/document.yaml"].replace(", required: true}", "}"),
    "desk/letter/access.yaml": "access:\n  clerk: {read: '*', create: true, edit: '*', events: '*', print: '*'}\n"
    "  leader: {read: '*', print: '*'}\n  boss: {read: [title]}\n",
    "desk/letter/prints/sheet.yaml": "print: sheet\ntitle: 函\ndocument: letter\ntemplate: sheet.html\npaper: A4\n",
    "desk/letter/prints/sheet.html": "<p>{{ title }}</p><p>{{ order }}</p><p>{{ order.secret }}</p>",
}  # fmt: skip


@pytest.fixture
def office(store):
    made = Office(FILES, store=store)
    made.account("both", "clerk", made.org)
    with made.store.begin() as unit:
        record = unit.fetch("user", made.people["both"].id)
        record.values.update(roles=("clerk", "auditor"), version=record.version + 1)
        unit.update(record, record.version - 1)
    made.people["both"] = actor_of(made.runtime, made.people["both"].id)
    made.account("auditor", "auditor", made.other_org)
    return made


@pytest.fixture
def mine(office):
    return office.raise_("clerk", "enter", "order", name="甲", secret=SECRET, remark="自家话").record_id


@pytest.fixture
def theirs(office):
    """A record that `both` sees as an auditor only."""
    return office.raise_("stranger", "enter", "order", name="乙", secret="87654321", remark="别家话").record_id


def listed(office, who, **keys):
    return set(listing.list_documents(office.runtime, office.people[who], ListRequest("order", **keys)).ids)


def refused(act, *arguments, **keys):
    with pytest.raises(Refused) as caught:
        act(*arguments, **keys)
    return caught.value


# --- rights that hold for some records only ------------------------------------------------------------------------


def test_each_record_shows_what_its_own_grants_show(office, mine, theirs):
    page = listing.list_documents(office.runtime, office.people["both"], ListRequest("order"))
    rows = dict(zip(page.ids, page.rows, strict=True))
    assert rows[mine]["secret"].text == SECRET
    assert "secret" not in rows[theirs]
    assert rows[theirs]["remark"].masked
    assert not rows[mine]["remark"].masked
    _, lines = exports.export_rows(office.runtime, office.people["both"], ListRequest("order"))
    exported = str(list(lines))
    assert SECRET in exported
    assert "87654321" not in exported


def test_a_filter_looks_only_where_the_field_is_seen(office, mine, theirs):
    assert listed(office, "both", filters={"secret": SECRET}) == {mine}
    assert listed(office, "both", filters={"secret": "87654321"}) == set()
    assert listed(office, "both", filters={"remark": "话"}) == {mine}
    assert listed(office, "both", filters={"remark": "别家话"}) == {theirs}  # whole, though masked
    assert listed(office, "auditor", filters={"remark": "话"}) == set()
    assert refused(listed, office, "auditor", filters={"secret": SECRET}).kind == "findings"


def test_sorting_and_cursors_tell_nothing_of_records_where_the_field_is_hidden(office, mine, theirs):
    for who, sort in (("both", "remark"), ("both", "-secret"), ("auditor", "remark"), ("auditor", "secret")):
        asked = ListRequest("order", limit=1)
        plain = listing.list_documents(office.runtime, office.people[who], asked)
        sorted_by_it = listing.list_documents(office.runtime, office.people[who], replace(asked, sort=sort))
        assert sorted_by_it.next == plain.next


def test_a_search_finds_only_by_what_is_seen(office, mine, theirs):
    assert {hit[1] for hit in search.search(office.runtime, office.people["clerk"], "甲")} == {mine}
    assert search.search(office.runtime, office.people["boss"], "甲") == ()
    assert listed(office, "boss", text="甲") == set()
    assert listed(office, "clerk", text="甲") == {mine}


def test_system_fields_can_be_hidden_too(office, mine):
    seen = reading.record_json(office.runtime, office.people["auditor"], "order", mine)
    assert "created_by" not in seen
    assert {"id", "state", "version", "changed_by"} <= seen.keys()
    assert refused(listed, office, "auditor", filters={"created_by": office.people["clerk"].id}).kind == "findings"


# --- names of records --------------------------------------------------------------------------------------------


def test_a_hidden_name_is_not_told_by_anything_that_names_the_record(office, mine):
    boss = office.people["boss"]
    view = reading.read_document(office.runtime, boss, "order", mine)
    assert "甲" not in (view.label, view.number)
    assert view.label == view.number
    letter = office.raise_("clerk", "write", "letter", order=mine).record_id
    clear = reading.read_document(office.runtime, office.people["clerk"], "letter", letter)
    assert clear.sections[0].fields[0].text == "甲"
    assert "order" not in reading.record_json(office.runtime, boss, "letter", letter)
    assert reading.read_document(office.runtime, boss, "order", mine).related == ()
    assert choosing.options(office.runtime, office.people["clerk"], "letter", ("order",), "甲")[0].title == "甲"


# --- what is given -----------------------------------------------------------------------------------------------


def test_messages_quote_nothing_hidden_to_whoever_reads_them(office, mine):
    told = refused(office.raise_, "auditor", "change", "order", mine, remark="loud")
    assert [finding.text["zh"] for finding in told.findings] == ["证号、备注****"]
    told = refused(office.raise_, "clerk", "change", "order", mine, remark="loud")
    assert [finding.text["zh"] for finding in told.findings] == [f"证号{SECRET}、备注loud"]
    rows = [{"item": "车", "qty": "13", "price": "1"}]
    told = refused(office.raise_, "clerk", "change", "order", mine, lines=rows)
    assert [finding.text["zh"] for finding in told.findings] == ["车不吉利"]


def test_a_record_cannot_be_made_where_it_could_not_be_seen(office):
    told = refused(office.raise_, "clerk", "enter", "order", name="丙", org=office.other_org)
    assert (told.kind, told.findings[0].code) == ("forbidden", "out_of_rows")
    assert office.all("order") == []
    assert office.raise_("clerk", "enter", "order", name="丙", org=office.org).state == "draft"


def test_choices_in_rows_are_held_to_their_condition(office, mine, theirs):
    sent = office.raise_("clerk", "enter", "order", name="丁").record_id
    office.raise_("clerk", "drop", "order", sent, asked={"reason": "x"})
    row = {"item": "笔", "qty": "1", "price": "1"}
    for part, code in ((sent, "outside_choice"), (theirs, "unknown_choice"), ("nowhere", "unknown_choice")):
        told = refused(office.raise_, "clerk", "change", "order", mine, lines=[{**row, "part": part}])
        assert [(one.code, one.at) for one in told.findings] == [(code, ("lines", "0", "part"))]
    office.raise_("clerk", "change", "order", mine, lines=[{**row, "part": mine}])


def test_choices_depend_on_what_can_be_read_of_the_form(office, mine):
    clerk = office.people["clerk"]
    for strange in ({"customer": {"a": 1}}, {"org": ["x"]}, {"total": "x"}, {"nothing": 1}, {"lines": "x"}):
        found = choosing.options(
            office.runtime, clerk, "order", ("lines", "part"), "", "", choosing.Filling(raw=strange)
        )
        assert [one.value for one in found] == [mine]


def test_what_is_too_large_to_compute_is_told(office):
    row = {"item": "笔", "qty": str(9 * 10**17), "price": "1" + "0" * 30}
    told = refused(office.raise_, "clerk", "enter", "order", name="大", lines=[row])
    assert ("too_large", ("amount",)) in [(one.code, one.at) for one in told.findings]
    view = forms.preview(office.runtime, office.people["clerk"], EventRequest("order", "enter", raw={"lines": [row]}))
    assert "too_large" in {one.code for one in view.findings}
    assert office.all("order") == []


def test_an_upload_is_held_to_its_size(office):
    brought = "order", ("name",), io.BytesIO(b"%PDF-"), "a.pdf"
    told = refused(take_upload, office.runtime, office.people["clerk"], *brought)
    assert told.kind == "not_found"
    assert LARGEST == 20 * 1024 * 1024


# --- prints ------------------------------------------------------------------------------------------------------


def test_a_print_that_leads_to_another_record_is_not_shared_with_who_sees_less_of_that(office, mine):
    letter = office.raise_("clerk", "write", "letter", order=mine).record_id
    clerk, leader, stranger = (office.people[who] for who in ("clerk", "leader", "stranger"))
    made = make_print(office.runtime, clerk, "letter", letter, "sheet")
    paper = office.runtime.files.get(made.hash).decode()
    assert SECRET in paper
    for who in (leader, stranger):
        assert refused(open_file, office.runtime, who, "letter", letter, made.hash).kind == "not_found"
        own = make_print(office.runtime, who, "letter", letter, "sheet", again=True)
        assert own.hash != made.hash
        assert SECRET not in office.runtime.files.get(own.hash).decode()
    assert make_print(office.runtime, clerk, "letter", letter, "sheet") == made
    masked = make_print(office.runtime, leader, "letter", letter, "sheet")
    assert "12****78" in office.runtime.files.get(masked.hash).decode()
    assert open_file(office.runtime, clerk, "letter", letter, masked.hash)[0] == masked  # who sees more may look


def test_what_the_engine_prints_is_not_for_everybody(office, mine):
    letter = office.raise_("clerk", "write", "letter", order=mine).record_id
    made = make_print(office.runtime, ENGINE, "letter", letter, "sheet")
    assert refused(open_file, office.runtime, office.people["leader"], "letter", letter, made.hash).kind == "not_found"
    assert open_file(office.runtime, office.people["clerk"], "letter", letter, made.hash)[0] == made
