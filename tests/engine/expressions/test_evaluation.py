"""Evaluation that asks the world: references, code columns, sources, tables, and what a store is asked."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.environment import Env, RowsOf
from engine.expressions.expression import source_scope
from engine.expressions.limits import MAX_ROWS, Exhausted
from engine.expressions.names import Scope
from engine.model.criteria import ALWAYS, Compare, Every, Order
from engine.model.types import Kind, Type
from engine.model.values import Duration, StoredFile
from tests.engine.expressions.office import CATALOG, FORM_ROW, LINE_SCOPE, SCOPE, env, form, line_env, world
from tests.engine.expressions.worlds import MemoryCatalog, MemoryWorld, checked, document, row_of


def value(text: str, of: MemoryWorld | None = None, **more: Any) -> Any:
    return checked(text, more.pop("scope", SCOPE), CATALOG, **more).evaluate(env(of))


SAME_TIME = "state in ('accepted', 'in_use') and from <= up.until and until >= up.from"
OPEN_ONES = Every((Compare(("form",), "==", "f1"), Compare(("open",), "==", True)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner.name", "Ann"),
        ("owner.org.name", "Branch"),
        ("owner.boss.boss.name", None),
        ("about.kind", "late"),
        ("about.form == this", True),
        ("about == one(recall, kind == 'late' and form == this)", True),
        ("owner == user", False),
        ("owner.boss == user", True),
        ("owner in helpers", False),
        ("user in helpers", True),
        ("role('clerk')", True),
        ("role('boss')", False),
        ("under(org, user.org)", True),
        ("under(user.org, org)", False),
        ("values.max_days > days", True),
        ("working_days(from, 3)", date(2026, 5, 6)),
        ("from + 3 * working_day", date(2026, 5, 6)),
        ("uuid()", "01234567-89ab-cdef-0123-456789abcdef"),
        ("hash('sm3', 'abc')", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ("hash('sha256', 'a', 'bc') == hash('sha256', 'abc')", True),
        ("hash('none', 'abc')", None),
        ("count(recalls)", 2),
        ("count(recalls, open)", 1),
        ("newest(recalls, since).kind", "lost"),
        ("any(recalls, kind == 'late' and up.days > 3)", True),
        ("count(human, boss == up.owner.boss)", 1),
        (f"any(form, owner == up.owner and id != up.id and {SAME_TIME})", True),
        ("count(form, state != 'accepted')", 2),
        ("count(form, place == null)", 3),
        ("count(form, not (fee > 6))", 1),
        ("count(form, any(lines, goods == 'x'))", 2),
        ("count(form, count(lines) > 1)", 1),
        ("sum(form, fee)", Decimal("17.50")),
        ("first(form, sort='-id').id", "f4"),
        ("first(form, fee != null, sort='fee').id", "f3"),
        ("newest(form, until, owner == up.owner).id", "f2"),
        ("one(form, owner == 'h2').id", "f3"),
        ("one(form, owner == 'h1')", None),
        ("sum(form.lines, qty)", Decimal(12)),
        ("count(form.lines, parent.state == 'accepted')", 1),
        ("list(helpers, name)", ("Bo",)),
        ("sum(helpers.forms, fee)", Decimal(5)),
        ("sum(helpers.forms.lines, qty)", Decimal(7)),
        ("sum(owner.boss.forms, fee)", Decimal(5)),
        ("count(owner.boss.boss.forms)", 0),
        ("all(recalls, form == up)", True),
    ],
)  # fmt: skip
def test_value(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "this",
            Type(Kind.REF, of="form"),
        ),
        ("first(recalls, sort='since')", Type(Kind.REF, of="recall")),
        ("owner", Type(Kind.REF)),
        ("this", Type(Kind.REF)),
        ("recalls", Type(Kind.REFS, of="recall")),
        ("list(recalls, self)", Type(Kind.REFS, of="recall")),
    ],
)
def test_rows_become_references(text: str, expected: Type) -> None:
    results = {"this": "f1", "owner": "human:h1", "recalls": ("r1", "r2"), "list(recalls, self)": ("r1", "r2")}
    wanted = "form:f1" if text == "this" and not expected.of else results.get(text, "r1")
    assert value(text, expected=expected) == wanted


@pytest.mark.parametrize(
    ("text", "document_type", "criterion", "order", "limit"),
    [
        ("any(form)", "form", ALWAYS, (), 1),
        ("any(form, fee > 3)", "form", Compare(("fee",), ">", Decimal(3)), (), 1),
        ("one(form, fee == null)", "form", Compare(("fee",), "==", None), (), 2),
        ("first(form, sort='-fee, id')", "form", ALWAYS, (Order("fee", True), Order("id")), 1),
        ("newest(form, until, paid)", "form", Compare(("paid",), "==", True), (Order("until", True),), 1),
        ("count(form, fee > 3)", "form", Compare(("fee",), ">", Decimal(3)), (), MAX_ROWS + 1),
        ("count(recalls)", "recall", Compare(("form",), "==", "f1"), (), MAX_ROWS + 1),
        ("first(form, len(reason) > 3 and paid)", "form", Compare(("paid",), "==", True), (), MAX_ROWS + 1),
        ("any(recalls, open)", "recall", OPEN_ONES, (), 1),
    ],
)  # fmt: skip
def test_store_is_asked_for_no_more_than_is_needed(
    text: str, document_type: str, criterion: object, order: tuple[Order, ...], limit: int
) -> None:
    of = world()
    value(text, of)
    assert of.asked == [(document_type, criterion, order, limit)]


def test_tables_and_queries_are_called_by_name() -> None:
    of = world()
    of.calls["sla"] = lambda level: {"fix": Duration(seconds=Decimal(3600)), "kind": level}
    of.calls["settled"] = lambda until, kind=None: [
        {"party": "h1", "amount": Decimal(3)},
        {"party": "h2", "amount": None},
    ]
    of.calls["running"] = lambda this: [this, form("f7", fee=Decimal(4))]
    of.calls["differences"] = lambda form: [{"party": form, "amount": Decimal(1)}]
    assert value("sla('2').kind", of) == "2"
    assert value("now + sla(reason).fix", of) == datetime(2026, 5, 6, 11, 30)
    assert value("sum(settled(until=today), amount, party == up.owner)", of) == 3
    assert value("sum(running, fee)", of) == Decimal("16.50")
    assert value("first(differences(this)).party", of) == "f1"
    assert value("first(differences(form=this)).amount", of) == 1


def test_table_without_a_hit() -> None:
    of = world()
    of.calls["sla"] = None
    assert value("sla('2').kind", of) is None
    assert value("sla('2') == null", of) is True


def test_ledgers_and_histories() -> None:
    of = world()
    of.records["stock"] = [{"goods": "x", "total": Decimal(4)}, {"goods": "y", "total": Decimal(1)}]
    of.records["stock.entries"] = [{"goods": "x", "total": Decimal(4), "at": datetime(2026, 5, 5)}]
    of.other_rows[RowsOf("history", document="form", id="f1")] = [{"event": "send", "at": datetime(2026, 5, 1)}]
    of.other_rows[RowsOf("history", document="form")] = [{"event": "send", "document": "f1"}]
    assert value("sum(stock, total, goods == 'x')", of) == 4
    assert value("count(stock.entries, at > up.sent)", of) == 1
    assert value("newest(this.history, at).event", of) == "send"
    assert value("count(form.history, document.fee > 3)", of) == 1


def test_back_reference_that_the_catalog_does_not_explain() -> None:
    catalog = MemoryCatalog(shapes=CATALOG.shapes, lists=CATALOG.lists)
    of = world()
    of.other_rows[RowsOf("back", "recalls", "form", "f1")] = [{"open": True}]
    assert checked("count(recalls, open)", SCOPE, catalog).evaluate(env(of)) == 1


def test_back_reference_from_child_rows_and_from_several() -> None:
    goods = document("goods", {"name": "text"})
    order = document("order", {"helpers": "refs goods", "lines": {"goods": "ref goods"}})
    goods.fields["orders"] = Type(Kind.ROWS, of="order", optional=False, shape=order)  # type: ignore[index]
    goods.fields["helped"] = Type(Kind.ROWS, of="order", optional=False, shape=order)  # type: ignore[index]
    backs = {("goods", "orders"): "lines.goods", ("goods", "helped"): "helpers"}
    catalog = MemoryCatalog(shapes={"goods": goods, "order": order}, backs=backs)
    found = row_of({"id": "o1", "helpers": ["g2"], "lines": [{"id": "1", "goods": "g1"}]}, order.fields)
    of = MemoryWorld(catalog, records={"order": [found]})
    for record, text in (("g1", "list(orders, id)"), ("g2", "list(helped, id)")):
        row = row_of({"id": record}, goods.fields)
        assert checked(text, Scope(goods), catalog).evaluate(Env(row, of)) == ("o1",)
    assert checked("count(orders)", Scope(goods), catalog).evaluate(Env(row_of({"id": "g2"}, goods.fields), of)) == 0


def test_reference_to_a_child_row() -> None:
    sale = document("sale", {"special": "ref form.lines", "dear": "boolean"})
    catalog = MemoryCatalog(shapes={**CATALOG.shapes, "sale": sale})
    of = world()
    of.records["form.lines"] = [{**FORM_ROW["lines"][0], "parent": "f1"}]
    row = row_of({"special": "1"}, sale.fields)
    found = Env(row, of)
    assert checked("special.price", Scope(sale), catalog).evaluate(found) == Decimal("1.50")
    assert checked("special.parent.fee", Scope(sale), catalog).evaluate(found) == Decimal("12.50")


def test_child_row_environment() -> None:
    of = world()
    assert checked("row", LINE_SCOPE, CATALOG).evaluate(line_env(of, 1)) == 2
    assert checked("up.days + qty", LINE_SCOPE, CATALOG).evaluate(line_env(of)) == Decimal(22)
    assert checked("parent.owner.name + goods", LINE_SCOPE, CATALOG).evaluate(line_env(of)) == "Annx"


def test_named_values_and_event() -> None:
    scope = SCOPE.with_locals(seq=Type(Kind.INTEGER))
    with_event = Scope(SCOPE.row, this=SCOPE.this, event=SCOPE.row)
    of = world()
    assert checked("text('{:04}', seq)", scope, CATALOG).evaluate(Env(FORM_ROW, of, names={"seq": 7})) == "0007"
    assert checked("seq", scope, CATALOG).evaluate(Env(FORM_ROW, of)) is None
    assert checked("event.fee", with_event, CATALOG).evaluate(Env(FORM_ROW, of, event={"fee": Decimal(1)})) == 1
    assert checked("event.reason", with_event, CATALOG).evaluate(Env(FORM_ROW, of, event={})) is None
    assert checked("event.reason", with_event, CATALOG).evaluate(Env(FORM_ROW, of)) is None


def test_nobody_is_there() -> None:
    of = world()
    of.user = of.org = None
    assert value("user.name", of) is None
    assert value("owner == user", of) is False
    assert value("role('clerk')", of) is False
    assert value("org.name", of) == "Branch"


def test_files() -> None:
    row = {**FORM_ROW, "scan": StoredFile("ab12", "scan.pdf", 9, "application/pdf")}
    found = Env(row, world(), this=row)
    assert checked("scan.name + scan.media", SCOPE, CATALOG).evaluate(found) == "scan.pdfapplication/pdf"
    assert checked("scan.size > 5", SCOPE, CATALOG).evaluate(found) is True
    assert value("scan.name") is None


def test_rows_of_a_source_come_with_their_places() -> None:
    of = world()
    found = checked("form.lines", SCOPE, CATALOG)
    places = found.rows(env(of))
    assert [(row["goods"], parent["id"], index) for row, parent, index in places] == [
        ("x", "f1", 0),
        ("y", "f1", 1),
        ("x", "f3", 0),
    ]
    assert [row["goods"] for row in found.evaluate(env(of))] == ["x", "y", "x"]
    inside = source_scope(found, SCOPE, CATALOG)
    assert inside is not None
    assert (inside.in_child, inside.parent, inside.up) == (True, SCOPE.row, SCOPE)
    assert source_scope(checked("fee", SCOPE, CATALOG), SCOPE, CATALOG) is None


def test_shares_lose_nothing() -> None:
    lines = [{"id": str(index), "goods": "x", "qty": Decimal(1), "price": None, "ok": index < 2} for index in range(3)]
    row = {**FORM_ROW, "lines": lines, "fee": Decimal(100)}
    of = world()
    memo: dict[object, object] = {}
    outer = Env(row, of, this=row, memo=memo)
    places = [outer.inner(line, parent=row, index=index) for index, line in enumerate(lines)]
    equal = checked("share(this.fee, by=qty)", LINE_SCOPE, CATALOG)
    assert [equal.evaluate(place) for place in places] == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert len(memo) == 1
    some = checked("share(parent.fee, by=qty, where=ok, digits=1)", LINE_SCOPE, CATALOG)
    assert [some.evaluate(place) for place in places] == [Decimal(50), Decimal(50), Decimal(0)]
    nested = checked("sum(this.lines, share(this.fee, by=qty))", SCOPE, CATALOG)
    assert nested.evaluate(outer) == 100


def test_honest_work_stays_within_the_bounds() -> None:
    lines = [
        {"id": str(index), "goods": "x", "qty": Decimal(index), "price": None, "ok": True} for index in range(5_000)
    ]
    kinds = document("list", {"rows": {"n": "number"}, "lines": {"qty": "number"}})
    row = {"id": "l", "lines": lines, "rows": [{"id": str(index), "n": Decimal(index)} for index in range(100)]}
    found = checked("count(lines, any(parent.rows, n == up.qty))", Scope(kinds, this=kinds), CATALOG)
    assert found.evaluate(Env(row, world(), this=row)) == 100


def test_too_much_work_is_stopped() -> None:
    lines = [{"qty": Decimal(1)}] * 1_000
    kinds = document("list", {"lines": {"qty": "number"}})
    row = {"id": "l", "lines": lines}
    found = checked("count(lines, any(parent.lines, qty > up.qty))", Scope(kinds, this=kinds), CATALOG)
    with pytest.raises(Exhausted, match="steps"):
        found.evaluate(Env(row, world(), this=row))


def test_more_rows_than_may_be_read_are_no_answer() -> None:
    class Crowded(MemoryWorld):
        def select(self, document: str, where: Any, order: Any, limit: int) -> Any:
            return [FORM_ROW] * limit

    found = checked("sum(form, fee)", SCOPE, CATALOG)
    with pytest.raises(Exhausted, match="rows"):
        found.evaluate(Env(FORM_ROW, Crowded(CATALOG), this=FORM_ROW))


def test_numbers_that_grow_too_large_are_stopped() -> None:
    with pytest.raises(Exhausted, match="number"):
        value(" * ".join(["power(10, 1000)"] * 7))
