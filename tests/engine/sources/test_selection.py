"""Rows of sources with conditions beside them, and queries over them."""

from decimal import Decimal
from typing import Any

from engine.expressions.environment import Env
from engine.expressions.expression import source_scope
from engine.expressions.limits import MAX_ROWS
from engine.expressions.names import EMPTY, Scope
from engine.model.criteria import Compare, Order
from engine.model.formula import Formula, Title
from engine.model.system import Query
from engine.model.types import NUMBER
from engine.sources.queries import run_query
from engine.sources.selection import selected
from tests.engine.expressions.office import CATALOG, FORM, SCOPE, USER, env, world
from tests.engine.expressions.worlds import MemoryWorld, checked

OUTER = Scope(EMPTY, user=USER, locals={"least": NUMBER})


def linked(text: str, scope: Scope) -> Formula:
    return Formula(text, linked=checked(text, scope, CATALOG))


def ids(source: str, where: str | None, of: MemoryWorld, order: tuple[Order, ...] = ()) -> list[Any]:
    formula = linked(source, SCOPE)
    inside = source_scope(checked(source, SCOPE, CATALOG), SCOPE, CATALOG)
    assert inside is not None
    condition = None if where is None else linked(where, inside)
    return [row["id"] for row in selected(formula, condition, env(of), order)]


def test_store_answers_what_it_can() -> None:
    of = world()
    assert ids("form", "owner == up.owner and len(state) > 7", of, (Order("id", True),)) == ["f2"]
    assert of.asked == [("form", Compare(("owner",), "==", "h1"), (Order("id", True),), MAX_ROWS + 1)]
    assert ids("form", None, of) == ["f1", "f2", "f3", "f4"]


def test_rows_of_other_sources_are_judged_in_their_place() -> None:
    of = world()
    assert ids("lines", "row > 1 and parent.fee > 3", of) == ["2"]
    assert ids("recalls", "open", of) == ["r1"]
    assert ids("form.lines", "parent.state == 'accepted'", of) == ["1"]


def query(of: str, where: str, **more: Formula) -> Query:
    row = OUTER.inner(FORM, names=OUTER.locals)
    return Query("q", Title("q"), linked(of, OUTER), FORM, where=linked(where, row), per=more)


def test_query_asks_the_store_with_its_parameters() -> None:
    of = world()
    found = run_query(query("form", "fee > least"), {"least": Decimal(10)}, of)
    assert [row["id"] for row in found] == ["f1"]
    assert of.asked[0][1] == Compare(("fee",), ">", Decimal(10))


def test_query_groups_what_it_found() -> None:
    row = OUTER.inner(FORM, names=OUTER.locals)
    found = run_query(query("form", "owner != null", owner=linked("owner", row)), {"least": None}, world())
    assert [(group["owner"], len(group["rows"])) for group in found] == [("h1", 2), ("h2", 1)]


def test_condition_sees_what_is_named_outside() -> None:
    of = world()
    condition = linked("fee > least and len(reason) > least", OUTER.inner(FORM, names=OUTER.locals))
    outer = Env({}, of, names={"least": Decimal(2)})
    assert [row["id"] for row in selected(linked("form", OUTER), condition, outer)] == ["f1"]
