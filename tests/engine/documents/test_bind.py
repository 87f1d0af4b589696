"""Raw input becomes typed values; every fault is found at once."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.documents.bind import bind
from engine.documents.durations import parse_duration
from engine.documents.field_kinds import FIELD_KINDS, json_of, parse, text_of
from engine.documents.identifiers import citizen_check_digit, credit_check_digit, is_citizen_id, is_credit_code
from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Title
from engine.model.types import Type
from engine.model.values import Duration, StoredFile


def field(name, kind, **keys):
    return Field(name, Title(name), kind, Type(FIELD_TYPES[kind], keys.pop("of", "")), **keys)


def bound(fields, raw, *, may_set=lambda path: True, exists=lambda field, value: value != "nowhere", before=None):
    declared = {one.name: one for one in fields}
    return bind(declared, raw, may_set=may_set, exists=exists, new_id=lambda: "new", rows_before=before)


def codes(result):
    return [(finding.code, finding.at) for finding in result.findings]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  two  words ", "two words"),
        ("text", "", None),
        ("long_text", "a\r\nb", "a\nb"),
        ("integer", "1,200", 1200),
        ("decimal", "1.50", Decimal("1.50")),
        ("money", "3", Decimal("3.00")),
        ("boolean", "是", True),
        ("boolean", "off", False),
        ("date", "2026-05-06", date(2026, 5, 6)),
        ("date", "2026年5月6日", date(2026, 5, 6)),
        ("date", "20260506", date(2026, 5, 6)),
        ("datetime", "2026-05-06 15:33", datetime(2026, 5, 6, 15, 33)),
        ("codes", "a, b,a", ("a", "b")),
        ("mobile", "138 0013 8000", "13800138000"),
        ("duration", "45 days", Duration(seconds=Decimal(45 * 86400))),
        ("json", '{"a": 1.10}', {"a": Decimal("1.10")}),
    ],
)
def test_values_are_read(kind, raw, value):
    assert parse(raw, field("f", kind)) == value


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("integer", "1.5", "integer"),
        ("decimal", "abc", "number"),
        ("decimal", "NaN", "number"),
        ("decimal", "1e99", "number"),
        ("date", "2026-02-30", "date"),
        ("datetime", "yesterday", "datetime"),
        ("boolean", "perhaps", "boolean"),
        ("citizen_id", "110101199003070012", "citizen_id"),
        ("credit_code", "91110000100000000X", "credit_code"),
        ("mobile", "12345", "mobile"),
        ("file", "cheap trick", "file"),
        ("text", ["a"], "text"),
        ("text", "a\x00b", "text"),
        ("code", "nowhere", "unknown_choice"),
        ("duration", "soon", "duration"),
        ("json", "{", "json"),
    ],
)
def test_faults_are_found(kind, raw, code):
    assert codes(bound([field("f", kind)], {"f": raw})) == [(code, ("f",))]


def test_all_faults_are_found_at_once():
    fields = [field("a", "integer"), field("b", "date"), field("c", "text", maximum=Decimal(2))]
    result = bound(fields, {"a": "x", "b": "y", "c": "long", "d": "?"})
    assert codes(result) == [("number", ("a",)), ("date", ("b",)), ("too_long", ("c",)), ("unknown_field", ("d",))]


def test_a_field_that_may_not_be_set_is_refused():
    result = bound([field("a", "text")], {"a": "x"}, may_set=lambda path: False)
    assert codes(result) == [("not_editable", ("a",))]
    assert result.values == {}


def test_rows_keep_their_ids_and_new_rows_get_one():
    table = field("lines", "table", fields={"qty": field("qty", "integer"), "kept": field("kept", "text")})
    before = {"lines": [{"id": "1", "qty": 5, "kept": "old"}]}
    result = bound([table], {"lines": [{"id": "1", "qty": "6"}, {"id": "forged", "qty": "7"}]}, before=before)
    assert result.values["lines"] == [{"id": "1", "qty": 6, "kept": "old"}, {"id": "new", "qty": 7, "kept": None}]


def test_faults_in_rows_name_their_cell():
    table = field("lines", "table", fields={"qty": field("qty", "integer")})
    assert codes(bound([table], {"lines": [{"qty": "1"}, {"qty": "x", "z": "1"}]})) == [
        ("number", ("lines", "1", "qty")),
        ("unknown_field", ("lines", "1", "z")),
    ]
    assert codes(bound([table], {"lines": "nonsense"})) == [("rows", ("lines",))]


def test_scale_and_digits():
    amount = field("f", "decimal", digits=5, scale=2)
    assert parse("1.5", amount) == Decimal("1.50")
    assert codes(bound([amount], {"f": "1.555"})) == [("scale", ("f",))]
    assert codes(bound([amount], {"f": "1234.5"})) == [("digits", ("f",))]


def test_check_digits_of_the_standards():
    assert is_citizen_id("11010519491231002X")  # the example printed in GB 11643-1999
    assert citizen_check_digit("11010519491231002") == "X"
    body = "91110000100000000"
    assert is_credit_code(body + credit_check_digit(body))


def test_every_field_type_is_read_and_worded():
    assert set(FIELD_KINDS) | {"table"} == set(FIELD_TYPES)
    for kind in FIELD_KINDS:
        assert text_of(None, kind) == ""
        assert json_of(None, kind) is None


def test_files_are_worded_by_name():
    stored = StoredFile("0" * 64, "a.pdf", 3, "application/pdf")
    assert text_of(stored, "file") == "a.pdf"
    assert parse(json_of(stored, "file"), field("f", "file")) == stored


def test_durations():
    assert parse_duration("2 working days") == Duration(working_days=2)
    assert text_of(Duration(months=6), "duration") == "6 months"
