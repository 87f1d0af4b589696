"""What an expression says of itself: what it reads, of whom, and whether the browser can decide it."""

import pytest

from tests.engine.expressions.office import CATALOG, LINE_SCOPE, SCOPE
from tests.engine.expressions.worlds import checked


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("fee + days", {"row.fee", "row.days"}),
        ("this.fee > fee", {"this.fee", "row.fee"}),
        ("owner.org.name", {"row.owner", "row.owner.org", "row.owner.org.name"}),
        ("place.title", {"row.place"}),
        ("sum(lines, qty * price, up.paid)", {"row.lines", "row.lines.qty", "row.lines.price", "row.paid"}),
        ("any(form, owner == up.owner)", {"row.owner"}),
        ("values.max_days", {"values.max_days"}),
        ("user.org == org", {"user.org", "row.org"}),
        ("count(this.lines)", {"this.lines"}),
        ("1 + 2", set()),
    ],
)
def test_reads(text: str, paths: set[str]) -> None:
    assert {".".join(path) for path in checked(text, SCOPE, CATALOG).reads} == paths


def test_reads_of_a_child_row() -> None:
    found = checked("qty * parent.fee + up.days + count(parent.lines, qty > up.qty)", LINE_SCOPE, CATALOG)
    paths = {".".join(path) for path in found.reads}
    assert paths == {"row.qty", "parent.fee", "up.days", "parent.lines", "parent.lines.qty"}


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("fee + 1", {}),
        ("owner.name", {"human": {"name"}}),
        ("owner.org.name", {"human": {"org"}, "org": {"name"}}),
        ("any(recall, open and form == up)", {"recall": {"open", "form"}}),
        ("any(recalls, kind == 'late')", {"recall": {"kind", "form"}}),
        ("sum(helpers.forms, fee)", {"human": {"forms"}, "form": {"owner", "fee"}}),
        ("count(form)", {"form": set()}),
    ],
)
def test_reads_of_other_documents(text: str, documents: dict[str, set[str]]) -> None:
    found = checked(text, SCOPE, CATALOG).reads_of
    wanted = {name: set(fields) for name, fields in documents.items()}
    assert {name: set(fields) - {"id", "forms"} for name, fields in found.items()} == {
        name: fields - {"forms"} for name, fields in wanted.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "fee > 3",
        "place.title",
        "sum(lines, qty)",
        "today + 3 * day > until",
        "this.fee",
        "until - 1 * month",
        "data.a.b",
    ],
)
def test_browser_decides(text: str) -> None:
    assert checked(text, SCOPE, CATALOG).local


@pytest.mark.parametrize(
    "text",
    [
        "owner.name", "values.max_days", "any(recall, open)", "count(recalls)", "user.org", "role('x')", "uuid()",
        "hash('sm3', reason)", "until + 3 * working_day", "until + limit", "sla('1').kind", "under(org, user.org)",
        "count(this.history)", "about.name",
    ],
)  # fmt: skip
def test_server_decides(text: str) -> None:
    assert not checked(text, SCOPE, CATALOG).local
