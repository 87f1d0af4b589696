"""What the checker says: codes, columns, nearest names; and what it lets pass."""

import pytest

from engine.expressions.names import Scope
from engine.model.types import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Kind, Shape, Type
from engine.problems import Severity
from tests.engine.expressions.office import CATALOG, FORM, HUMAN, LINE_SCOPE, SCOPE
from tests.engine.expressions.worlds import PLACE, checked, problems_of

WRONG = [
    ("foo", "EXP010", 0, ""),
    ("resaon == 'x'", "EXP010", 0, "reason"),
    ("count(lnes)", "EXP010", 6, "lines"),
    ("any(lines, fee > 3)", "EXP010", 11, "up.fee"),
    ("round > 3", "EXP010", 0, "round(…)"),
    ("owner.nmae", "EXP011", 6, "name"),
    ("first(lines).prise", "EXP011", 13, "price"),
    ("this.foo", "EXP011", 5, ""),
    ("rond(fee)", "EXP012", 0, "round"),
    ("setled(from)", "EXP012", 0, "settled"),
    ("values.mx_days", "EXP013", 7, "max_days"),
    ("place.tilte", "EXP014", 6, "title"),
    ("sum(fee, 1)", "EXP015", 4, ""),
    ("min(fee, days)", "EXP015", 4, "least(…)"),
    ("row", "EXP016", 0, ""),
    ("parent.fee", "EXP016", 0, ""),
    ("up.fee", "EXP016", 0, ""),
    ("event.reason", "EXP016", 0, ""),
    ("device.till", "EXP016", 0, ""),
    ("lines.qty", "EXP017", 0, "list(lines, qty)"),
    ("sla('1') == owner", "EXP018", 0, ""),
    ("until.year", "EXP019", 6, ""),
    ("fee.a", "EXP019", 4, ""),
    ("reason + 1", "EXP020", 0, "text(…)"),
    ("reason * 2", "EXP020", 0, ""),
    ("until + 1", "EXP020", 0, "until + 1 * day"),
    ("until + until", "EXP020", 0, ""),
    ("paid < true", "EXP020", 0, ""),
    ("-reason", "EXP020", 0, ""),
    ("fee == 'x'", "EXP021", 0, ""),
    ("until > 3", "EXP021", 0, ""),
    ("paid == 1", "EXP021", 0, ""),
    ("fee in (1, 'x')", "EXP021", 11, ""),
    ("round()", "EXP022", 0, ""),
    ("round(fee, 1, 2)", "EXP022", 0, ""),
    ("sum(lines)", "EXP022", 0, ""),
    ("sla()", "EXP022", 0, ""),
    ("count()", "EXP022", 0, ""),
    ("under(owner)", "EXP022", 0, ""),
    ("round(fee, digts=2)", "EXP023", 11, "digits"),
    ("count(lines, were=ok)", "EXP023", 13, "where"),
    ("sla(lvel='1')", "EXP023", 4, "level"),
    ("round(reason)", "EXP024", 6, ""),
    ("upper(fee)", "EXP024", 6, ""),
    ("sum(lines, goods)", "EXP024", 11, ""),
    ("days(fee, until)", "EXP024", 5, ""),
    ("differences(owner)", "EXP024", 12, ""),
    ("not fee", "EXP026", 4, "fee != null"),
    ("paid and owner", "EXP026", 9, "owner != null"),
    ("1 if fee else 2", "EXP026", 5, "fee != null"),
    ("count(lines, qty)", "EXP026", 13, "qty != null"),
    ("place in 'HKG'", "EXP027", 9, "== 'HKG'"),
    ("fee in days", "EXP027", 7, "== days"),
    ("owner == org", "EXP028", 0, ""),
    ("this == owner", "EXP028", 0, ""),
    ("fee or 'x'", "EXP029", 7, ""),
    ("1 if paid else 'x'", "EXP029", 0, ""),
    ("least(fee, reason)", "EXP029", 11, ""),
    ("place == 'HGK'", "EXP030", 9, "HKG"),
    ("place in ('HKG', 'XX')", "EXP030", 17, ""),
    ("'JPX' == place", "EXP030", 0, "JPN"),
    ("fee > null", "EXP033", 0, ""),
    ("fee + null", "EXP033", 0, ""),
    ("text('{}{}', fee)", "EXP042", 5, ""),
    ("text('{:abc}', fee)", "EXP042", 5, ""),
    ("match(reason, '(a+)+')", "EXP043", 14, ""),
    ("match(reason, '[a')", "EXP043", 14, ""),
    ("first(lines, sort=qty)", "EXP044", 18, ""),
    ("first(lines, sort='qty, -pricee')", "EXP010", 25, "price"),
    ("first(lines, sort='qty,')", "EXP006", 23, ""),
    ("share(fee, by=fee)", "EXP045", 0, ""),
    ("('a', 'b')", "EXP003", 0, ""),
    ("1 < fee in (1, 2)", "EXP003", 0, ""),
]


@pytest.mark.parametrize(("text", "code", "offset", "suggestion"), WRONG)
def test_problem(text: str, code: str, offset: int, suggestion: str) -> None:
    problem = problems_of(text, SCOPE, CATALOG)[0]
    assert (problem.code, problem.where.column - PLACE.column, problem.suggestion) == (code, offset, suggestion)
    assert problem.severity is Severity.ERROR
    assert problem.where.file == PLACE.file


def test_all_problems_of_an_expression_are_told_at_once() -> None:
    found = problems_of("foo > 1 and reason * 2 > 1 and owner.nmae == 'x'", SCOPE, CATALOG)
    assert [problem.code for problem in found] == ["EXP010", "EXP020", "EXP011"]


RIGHT = [
    ("fee + 1", Kind.NUMBER),
    ("days + 1", Kind.INTEGER),
    ("days / 2", Kind.NUMBER),
    ("days * fee", Kind.NUMBER),
    ("reason + place", Kind.TEXT),
    ("until - from", Kind.DURATION),
    ("until + 45 * day", Kind.DATE),
    ("sent + 45 * day", Kind.DATETIME),
    ("2 * hour", Kind.DURATION),
    ("until >= today and sent <= now", Kind.BOOLEAN),
    ("owner", Kind.REF),
    ("owner.org.name", Kind.TEXT),
    ("owner.boss == owner", Kind.BOOLEAN),
    ("owner == user", Kind.BOOLEAN),
    ("org == user.org", Kind.BOOLEAN),
    ("owner.org == org", Kind.BOOLEAN),
    ("about == this", Kind.BOOLEAN),
    ("about == owner", Kind.BOOLEAN),
    ("about.name", Kind.ANY),
    ("data.a.b > 3", Kind.BOOLEAN),
    ("place.title", Kind.TEXT),
    ("place.rate", Kind.NUMBER),
    ("places", Kind.CODES),
    ("place in places", Kind.BOOLEAN),
    ("owner in helpers", Kind.BOOLEAN),
    ("scan.name", Kind.TEXT),
    ("scan != null", Kind.BOOLEAN),
    ("sla('1').fix", Kind.DURATION),
    ("sum(settled(until=today), amount, party == up.owner)", Kind.NUMBER),
    ("count(settled)", Kind.INTEGER),
    ("count(running, fee > 3)", Kind.INTEGER),
    ("count(differences(this))", Kind.INTEGER),
    ("sum(lines, qty * price)", Kind.NUMBER),
    ("max(lines, goods)", Kind.TEXT),
    ("any(recalls, kind != 'late')", Kind.BOOLEAN),
    ("one(human, name == up.reason)", Kind.ROW),
    ("one(human, name == up.reason).org.name", Kind.TEXT),
    ("owner or one(human, name == up.reason)", Kind.REF),
    ("count(helpers.forms, fee > 3)", Kind.INTEGER),
    ("sum(helpers.forms.lines, qty)", Kind.NUMBER),
    ("sum(form.lines, qty)", Kind.NUMBER),
    ("count(store.form)", Kind.INTEGER),
    ("sum(stock, total, goods == up.reason)", Kind.NUMBER),
    ("sum(stock.entries, total, at > up.sent)", Kind.NUMBER),
    ("count(this.history, event == 'send')", Kind.INTEGER),
    ("count(form.history, document.fee > 3)", Kind.INTEGER),
    ("list(recalls, kind)", Kind.LIST),
    ("count(recalls, form.fee > up.fee)", Kind.INTEGER),
    ("lines", Kind.ROWS),
    ("this", Kind.ROW),
    ("fee or null", Kind.NUMBER),
    ("null", Kind.NULL),
]


@pytest.mark.parametrize(("text", "kind"), RIGHT)
def test_type(text: str, kind: Kind) -> None:
    assert checked(text, SCOPE, CATALOG).type.kind is kind
    assert problems_of(text, SCOPE, CATALOG) == ()


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("this", Type(Kind.REF, of="form"), Kind.REF),
        ("user", Type(Kind.REF, of="human"), Kind.REF),
        ("owner", Type(Kind.REF), Kind.REF),
        ("first(recalls)", Type(Kind.REF, of="recall"), Kind.REF),
        ("helpers", Type(Kind.REFS, of="human"), Kind.REFS),
        ("recalls", Type(Kind.REFS, of="recall"), Kind.REFS),
        ("fee", INTEGER, Kind.INTEGER),
        ("days", NUMBER, Kind.NUMBER),
        ("until", DATETIME, Kind.DATETIME),
        ("sent", DATE, Kind.DATE),
        ("place", TEXT, Kind.CODE),
        ("'HKG'", Type(Kind.CODE, of="places"), Kind.TEXT),
        ("null", NUMBER, Kind.NULL),
        ("about.anything", NUMBER, Kind.ANY),
        ("paid", BOOLEAN, Kind.BOOLEAN),
    ],
)
def test_result_is_made_what_is_expected(text: str, expected: Type, kind: Kind) -> None:
    assert checked(text, SCOPE, CATALOG, expected).type.kind is kind


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("fee", TEXT, "EXP025"),
        ("reason", NUMBER, "EXP025"),
        ("owner", Type(Kind.REF, of="org"), "EXP025"),
        ("this", Type(Kind.REF, of="human"), "EXP025"),
        ("fee", BOOLEAN, "EXP026"),
        ("owner", BOOLEAN, "EXP026"),
    ],
)
def test_result_that_does_not_fit(text: str, expected: Type, code: str) -> None:
    assert [problem.code for problem in problems_of(text, SCOPE, CATALOG, expected)] == [code]


def test_child_row() -> None:
    for text in (
        "row > 1",
        "parent.fee",
        "up.fee",
        "this.fee",
        "self.qty",
        "share(this.fee, by=qty)",
        "count(parent.lines)",
    ):
        assert problems_of(text, LINE_SCOPE, CATALOG) == (), text
    assert problems_of("fee", LINE_SCOPE, CATALOG)[0].suggestion == "up.fee"


def test_field_comes_before_word_of_the_same_name() -> None:
    shape = Shape("channel", {"parent": Type(Kind.REF, of="human"), "row": INTEGER, "today": TEXT}, document="channel")
    scope = Scope(shape)
    assert checked("parent.name", scope, CATALOG).type.kind is Kind.TEXT
    assert checked("row + 1", scope, CATALOG).type.kind is Kind.INTEGER
    assert checked("today + 'x'", scope, CATALOG).type.kind is Kind.TEXT


def test_named_values() -> None:
    scope = SCOPE.with_locals(since=DATE, created=Type(Kind.REF, of="human"), rows=Type(Kind.ROWS, shape=HUMAN))
    assert checked("from >= since", scope, CATALOG).type.kind is Kind.BOOLEAN
    assert checked("created.name", scope, CATALOG).type.kind is Kind.TEXT
    assert checked("count() + count(rows, born < up.since)", scope, CATALOG).type.kind is Kind.INTEGER
    assert problems_of("count(lines, since != null)", scope, CATALOG)[0].suggestion == "up.since"


def test_named_value_hidden_by_a_field_is_a_warning() -> None:
    found = problems_of("fee > 1", SCOPE.with_locals(fee=NUMBER), CATALOG)
    assert [(problem.code, problem.severity) for problem in found] == [("EXP034", Severity.WARNING)]


def test_date_beside_datetime_is_a_warning_but_not_for_today() -> None:
    found = problems_of("sent <= until", SCOPE, CATALOG)
    assert [(problem.code, problem.severity) for problem in found] == [("EXP031", Severity.WARNING)]
    assert problems_of("date_of(sent) <= until", SCOPE, CATALOG) == ()


def test_event_and_up() -> None:
    event = Shape("event", {"reason": TEXT, "row": INTEGER})
    scope = Scope(FORM, this=FORM, event=event)
    assert checked("event.reason == reason", scope, CATALOG).type.kind is Kind.BOOLEAN
    assert checked("any(lines, row == event.row)", scope, CATALOG).type.kind is Kind.BOOLEAN
    inner = scope.inner(HUMAN).inner(FORM)
    assert checked("owner == up and org == up.org and fee == up.up.fee", inner, CATALOG).type.kind is Kind.BOOLEAN
