"""JSON input against the types of fields: the same faults at the same places as the reference validator finds."""

import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.documents.json_schema import FieldSchemas
from engine.documents.validation import MOST, Validation
from engine.model.documents import Field
from engine.model.formula import DatedSpan, Formula, Title
from engine.model.system import CodeEntry, CodeList
from engine.model.types import Kind, Type

KINDS = {
    "title": ("text", Kind.TEXT),
    "count": ("integer", Kind.INTEGER),
    "price": ("money", Kind.NUMBER),
    "urgent": ("boolean", Kind.BOOLEAN),
    "starts": ("date", Kind.DATE),
    "at": ("time", Kind.TIME),
    "seen": ("datetime", Kind.DATETIME),
    "lasts": ("duration", Kind.DURATION),
    "kind": ("code", Kind.CODE),
    "tags": ("codes", Kind.CODES),
    "owner": ("ref", Kind.REF),
    "readers": ("refs", Kind.REFS),
    "scan": ("file", Kind.FILE),
    "scans": ("file", Kind.FILES),
    "extra": ("json", Kind.JSON),
}
FILE = {"hash": "0" * 64, "name": "a.pdf", "size": 7, "media": "application/pdf"}
RIGHT = {
    "title": "事由", "count": 3, "price": "12.50", "urgent": True, "starts": "2026-05-06", "at": "15:33",
    "seen": "2026-05-06T15:33", "lasts": "3 days", "kind": "a", "tags": ["a"], "owner": "1", "readers": ["1", "2"],
    "scan": FILE, "scans": [FILE], "extra": {"any": [1, None]},
}  # fmt: skip


def field(name, **keys):
    kind, value = KINDS[name]
    of = "kinds" if kind in ("code", "codes") else ""
    return Field(name, Title(f"字段{name}"), kind, Type(value, of=of), **keys)


def entry(code):
    return CodeEntry(code, {"title": code}, DatedSpan())


CODES = {"kinds": CodeList("kinds", {}, (entry("a"), entry("b")))}
SINGLE = {
    name: field(name) for name in KINDS if name not in ("title", "count")
} | {
    "title": field("title", maximum=Decimal(20)),
    "count": field("count", minimum=Decimal(1), maximum=Decimal(99)),
}  # fmt: skip
ROWS = Field("lines", Title("明细"), "table", Type(Kind.ROWS), fields=dict(SINGLE), rows_max=4)
FIELDS = {**SINGLE, "lines": ROWS, "total": field("price", value=Formula("sum(lines, price)"))}
VALIDATION = Validation.of(FIELDS, CODES)
REFERENCE = jsonschema.Draft202012Validator(VALIDATION.schema, format_checker=jsonschema.FormatChecker())


def ours(values):
    return {finding.at for finding in VALIDATION.findings(values)}


def theirs(values):
    return {tuple(str(step) for step in error.absolute_path) for error in REFERENCE.iter_errors(values)}


def same_faults(values):
    """Every fault once, at the same place, by the same keyword; none of them is lost on the way to the findings."""
    mine = [([str(step) for step in error.instance_path], error.kind.name) for error in errors(values)]
    reference = [([str(step) for step in one.absolute_path], one.validator) for one in REFERENCE.iter_errors(values)]
    assert sorted(mine) == sorted(reference)
    assert len(VALIDATION.findings(values)) == len(reference)
    assert ours(values) == theirs(values)


def errors(values):
    return VALIDATION._validator.iter_errors(values)


def only(values):
    (finding,) = VALIDATION.findings(values)
    return finding


def test_right_values_and_nulls_pass():
    assert VALIDATION.findings(RIGHT | {"lines": [RIGHT, {**RIGHT, "id": "1"}, {"id": None}, {}]}) == []
    assert VALIDATION.findings(dict.fromkeys([*KINDS, "lines"])) == []
    assert VALIDATION.findings({}) == []


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("title", 5, "text"),
        ("title", "长" * 21, "too_long"),
        ("count", "3", "integer"),
        ("count", 2.5, "integer"),
        ("count", True, "integer"),
        ("count", 0, "too_small"),
        ("count", 100, "too_large"),
        ("price", 12.5, "number"),
        ("price", "1,5", "number"),
        ("price", "１", "number"),
        ("urgent", "是", "boolean"),
        ("starts", "2026-02-30", "date"),
        ("starts", 20260506, "date"),
        ("at", "25", "time"),
        ("seen", "2026-05-06 15:33", "datetime"),
        ("seen", "2026-05-06T15:33+08:00", "datetime"),
        ("lasts", 3, "text"),
        ("kind", "c", "unknown_choice"),
        ("kind", ["a"], "text"),
        ("tags", "a,b", "several"),
        ("owner", 1, "text"),
        ("readers", {"id": 1}, "several"),
        ("scan", "a.pdf", "file"),
        ("scan", {"hash": "0"}, "file"),
    ],
)
def test_each_fault_is_named_in_both_languages(name, wrong, code):
    for values, at in (({name: wrong}, (name,)), ({"lines": [{}, {name: wrong}]}, ("lines", "1", name))):
        finding = next(one for one in VALIDATION.findings(values) if one.code == code)
        assert finding.at[: len(at)] == at
        assert finding.text["zh"]
        assert finding.text["en"]
        same_faults(values)


def test_limits_are_told():
    assert only({"title": "长" * 21}).text == {"zh": "最多20个字", "en": "at most 20 characters"}
    assert only({"lines": [{}] * 5}).text["zh"] == "最多4行"
    assert only({"lines": {"a": 1}}).code == "rows"
    assert only({"lines": [7]}).at == ("lines", "0")


def test_faults_stand_in_the_order_of_the_fields():
    wrong = {"lines": [{"count": "x"}, {"count": "y"}], "tags": 1, "title": 1}
    places = [finding.at for finding in VALIDATION.findings(wrong)]
    assert places == sorted(places, key=lambda at: (list(FIELDS).index(at[0]), at[1:]))
    assert len(places) == 4


def test_names_and_values_that_nobody_may_give_are_left_to_binding():
    assert VALIDATION.findings({"nonsense": 1, "total": 5, "lines": [{"nonsense": 1}]}) == []


def test_what_is_no_object_is_a_fault_of_the_whole():
    for wrong in ([], "x", None, 5):
        assert only(wrong).at == ()


def test_no_text_can_stop_it():
    assert only({"\ud800": 1}).code == "text"
    assert len(VALIDATION.findings({"lines": [{"count": "x"}] * (2 * MOST)})) <= MOST
    assert only({"count": float("nan")}).code == "integer"
    assert VALIDATION.findings({"extra": json.loads("[" * 400 + "]" * 400)}) == []


def test_a_closed_schema_refuses_other_names():
    closed = FieldSchemas(CODES).values(SINGLE.values())
    assert closed["additionalProperties"] is False
    assert "title" not in closed["properties"]["count"]
    assert FieldSchemas(CODES, lambda title: title.zh).field(SINGLE["count"])["title"] == "字段count"


# --- made documents --------------------------------------------------------------------------------------------------

# A reading of the standard apart: Python's `$` lets a line end follow, ECMA-262's does not.
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=25).filter(lambda text: "\n" not in text)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | TEXTS
    | st.sampled_from(["12.50", "-3", "1,5", "2026-05-06", "2026-13-01", "15:33", "2026-05-06T15:33", "a", "c", FILE]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


def object_of(names, values):
    return st.dictionaries(st.sampled_from(names), values, max_size=len(names))


MADE_ROWS = st.lists(object_of([*SINGLE, "id", "nonsense"], ANYTHING) | ANYTHING, max_size=6)


@settings(max_examples=400, deadline=None)
@given(object_of([*SINGLE, "total"], ANYTHING), st.none() | MADE_ROWS | ANYTHING)
def test_made_documents_have_the_same_faults(values, rows):
    same_faults(values | {"lines": rows})


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*SINGLE]), ANYTHING), min_size=1, max_size=3), st.integers(0, 3))
def test_right_documents_with_a_few_wrong_cells_have_the_same_faults(wrong, place):
    rows = [dict(RIGHT) for _ in range(4)]
    rows[place].update(wrong)
    same_faults(RIGHT | {"lines": rows} | dict(wrong[:1]))
