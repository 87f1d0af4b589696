"""Conditions split for a store: what is selected and judged together is what the expression says, nulls included."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions.environment import Env
from engine.expressions.names import Scope
from engine.model.criteria import (
    ALWAYS,
    NEVER,
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Not,
    Some,
)
from engine.model.formula import Formula, NotLinked
from engine.model.types import Kind, Type
from engine.sources.criteria import (
    checked_of,
    constant_criterion,
    criterion_of,
    exact_criterion_of,
    is_exact,
    residual_of,
    selector,
    store_problems,
)
from engine.testing.matching import Matcher, Row
from tests.engine.expressions.office import CATALOG, FORM, FORM_ROW, HUMAN, SCOPE, env, world
from tests.engine.expressions.worlds import PLACE, MemoryWorld, checked, storage_of
from tests.engine.expressions.writing import SHAPE, boolean_texts, rows

RECORD = SCOPE.inner(FORM)
"""The scope of a condition on a form, asked from another form."""


def linked(text: str, scope: Scope = RECORD) -> Formula:
    return Formula(text, linked=checked(text, scope, CATALOG))


def is_null(*path: str) -> Criterion:
    return Compare(path, "==", None)


NO_DATES = Every((is_null("from"), is_null("until")))


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("fee > 3", Compare(("fee",), ">", Decimal(3))),
        ("3 < fee", Compare(("fee",), ">", Decimal(3))),
        ("paid", Compare(("paid",), "==", True)),
        ("not paid", Compare(("paid",), "==", False)),
        ("reason == null", is_null("reason")),
        ("reason != null", Compare(("reason",), "!=", None)),
        ("state != 'x'", Some((Compare(("state",), "!=", "x"), is_null("state")))),
        ("not (state == 'x')", Some((Compare(("state",), "!=", "x"), is_null("state")))),
        ("not (fee > 3)", Compare(("fee",), "<=", Decimal(3))),
        ("not (fee > 3 or paid)", Every((Compare(("fee",), "<=", Decimal(3)), Compare(("paid",), "==", False)))),
        ("1 < fee < 9", Every((Compare(("fee",), ">", Decimal(1)), Compare(("fee",), "<", Decimal(9))))),
        ("state in ('a', 'b')", Among(("state",), ("a", "b"))),
        ("state in ('a', null)", Some((Among(("state",), ("a",)), is_null("state")))),
        ("state not in ('a', 'b')", Some((Not(Among(("state",), ("a", "b"))), is_null("state")))),
        ("state not in ('a', null)", Every((Not(Among(("state",), ("a",))), Compare(("state",), "!=", None)))),
        ("place in up.places", Among(("place",), ("HKG", "MAC"))),
        ("up.place in places", Holds(("places",), "HKG")),
        ("'HKG' not in places", Some((Not(Holds(("places",), "HKG")), is_null("places")))),
        ("owner == up.owner", Compare(("owner",), "==", "h1")),
        ("self == up", Compare(("id",), "==", "f1")),
        ("owner.org.name == 'x'", Compare(("owner", "org", "name"), "==", "x")),
        ("from < until", CompareFields(("from",), "<", ("until",))),
        ("from == until", Some((CompareFields(("from",), "==", ("until",)), NO_DATES))),
        ("from <= up.until", Compare(("from",), "<=", date(2026, 5, 20))),
        ("from > today + 7 * day", Compare(("from",), ">", date(2026, 5, 13))),
        ("days > values.max_days", Compare(("days",), ">", 30)),
        ("org == user.org", Compare(("org",), "==", "o1")),
        ("under(org, user.org)", Among(("org",), ("o1", "o2"))),
        ("any(lines, qty > 3)", HasRow("lines", Compare(("qty",), ">", Decimal(3)))),
        ("not any(lines, qty > 3)", Not(HasRow("lines", Compare(("qty",), ">", Decimal(3))))),
        ("up.paid or fee > 3", Compare(("fee",), ">", Decimal(3))),
        ("values.open or fee > 3", ALWAYS),
        ("values.open and fee > 3", Compare(("fee",), ">", Decimal(3))),
        ("fee > up.days / 0", NEVER),
    ],
)  # fmt: skip
def test_store_answers_all_of_it(text: str, criterion: Criterion) -> None:
    formula = linked(text)
    assert criterion_of(formula, env()) == criterion
    assert residual_of(formula, env()) is None
    assert is_exact(checked_of(formula))


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("contains(reason, 'x')", Like(("reason",), "x")),
        ("starts(reason, up.reason)", Like(("reason",), "visit", start=True)),
        ("len(reason) > 3", ALWAYS),
        ("fee > 3 and len(reason) > 3", Compare(("fee",), ">", Decimal(3))),
        ("fee > 3 or len(reason) > 3", ALWAYS),
        ("fee * 2 > 3", ALWAYS),
        ("place.zone == 'E'", ALWAYS),
        ("reason > 'a'", ALWAYS),
        ("sent > from", ALWAYS),
        ("data.a == 1", ALWAYS),
        ("not contains(reason, 'x')", ALWAYS),
        ("count(lines) > 1", ALWAYS),
        ("any(lines, qty > up.fee)", ALWAYS),
    ],
)
def test_rest_is_judged_row_by_row(text: str, criterion: Criterion) -> None:
    formula = linked(text)
    assert criterion_of(formula, env()) == criterion
    assert residual_of(formula, env()) is not None
    assert not is_exact(checked_of(formula))


def test_rows_are_judged_with_what_stands_around() -> None:
    judge = residual_of(linked("len(reason) > 3 and fee > 1 and contains(reason, up.reason)"), env())
    assert judge is not None
    assert judge({**FORM_ROW, "reason": "a visit"}) is True
    assert judge({**FORM_ROW, "reason": None}) is False


def test_equalities_are_the_heads_of_an_index() -> None:
    text = (
        "owner == up.owner and state in ('a', 'b') and from <= up.until and (org == up.org or paid) and place != 'HKG'"
    )
    assert selector(checked(text, RECORD, CATALOG)).equalities == {("owner",), ("state",)}


def test_rights_never_let_through_more_than_is_said() -> None:
    formula = linked("org == user.org and len(reason) > 3")
    assert exact_criterion_of(formula, env()) == NEVER
    problems = store_problems(checked_of(formula))
    assert [(problem.code, problem.where.column - PLACE.column, problem.values["part"]) for problem in problems] == [
        ("EXP046", 20, "len(reason) > 3")
    ]
    assert exact_criterion_of(linked("org == user.org"), env()) == Compare(("org",), "==", "o1")
    assert store_problems(checked("org == user.org", RECORD, CATALOG)) == ()


def test_find_needs_what_it_looks_for() -> None:
    formula = linked("owner == up.owner and org == up.org and reason == null")
    missing = Env({**FORM_ROW, "org": None}, world())
    loose = Every((Compare(("owner",), "==", "h1"), is_null("org"), is_null("reason")))
    assert criterion_of(formula, missing) == loose
    assert criterion_of(formula, missing, known=True) == NEVER
    assert criterion_of(formula, env(), known=True) != NEVER


def test_function_on_a_document_type_is_a_condition_on_it() -> None:
    formula = linked("newest(form, until, owner == this.owner and len(reason) > 3)", SCOPE)
    assert criterion_of(formula, env()) == Compare(("owner",), "==", "h1")
    judge = residual_of(formula, env())
    assert judge is not None
    assert (judge({"reason": "long"}), judge({"reason": "no"})) == (True, False)
    every = Formula("", linked=checked("list(form, self, fee > 3)", SCOPE, CATALOG, Type(Kind.REFS, of="form")))
    assert criterion_of(every, env()) == Compare(("fee",), ">", Decimal(3))
    whole = Formula("one(human)", linked=checked("one(human)", SCOPE, CATALOG, Type(Kind.REF, of="human")))
    assert criterion_of(whole, env()) == ALWAYS


def test_constant_condition() -> None:
    assert constant_criterion(linked("state == 'open'", Scope(FORM))) == Compare(("state",), "==", "open")
    for text in ("fee > values.max_days", "len(reason) > 3", "owner == user", "from > today"):
        with pytest.raises(ValueError, match=r"len|fee|owner|from"):
            constant_criterion(linked(text, Scope(FORM, user=SCOPE.user)))


def test_formula_that_was_never_linked() -> None:
    with pytest.raises(NotLinked):
        criterion_of(Formula("fee > 3"), env())


def select(formula: Formula, found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a store and the residual select together."""
    outer = env(MemoryWorld(CATALOG))
    storages = {"form": storage_of(FORM), "human": storage_of(HUMAN), "record": storage_of(SHAPE)}
    matcher = Matcher(storages, lambda _document, _id: None)
    criterion, judge = criterion_of(formula, outer), residual_of(formula, outer)
    for row in found:
        if matcher.holds(criterion, Row(storages["record"], row)) is True and (judge is None or judge(row)):
            yield row


@given(boolean_texts, st.lists(rows, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_selecting_is_the_same_as_judging(text: str, found: list[dict[str, Any]]) -> None:
    for written in (text, f"not ({text})"):
        formula = linked(written, Scope(SHAPE))
        judged = [row for row in found if formula.holds(Env(row, MemoryWorld(CATALOG)))]
        assert list(select(formula, found)) == judged, written
