"""Fields become controls: widgets by type, limits as attributes, typed text before stored values."""

from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Title
from engine.model.types import Type
from engine.model.values import StoredFile
from engine.usecases.exports import harmless
from engine.usecases.views import FieldView, Option
from engine.web.controls import TEXTS, control
from engine.web.submission import event_request, raw_values, structured, whole
from engine.web.templating import size_text

TWO = (Option("1", "一"), Option("2", "二"))


def view(kind: str, value=None, text="", **more) -> FieldView:
    limits = {name: more.pop(name) for name in ("maximum", "scale", "many", "widget", "accept") if name in more}
    field = Field("x", Title("某"), kind, Type(FIELD_TYPES[kind]), **limits)
    return FieldView("x", field, value, text, editable=True, **more)


def made(shown: FieldView, raw=None, options=None):
    return control(shown, "v.x", {} if raw is None else {"x": raw}, lambda one, path: options)


def test_every_field_type_has_a_widget():
    assert set(TEXTS) >= set(FIELD_TYPES) - {"hs" + "_code"}


@pytest.mark.parametrize(
    ("kind", "options", "widget"),
    [
        ("text", None, "text"), ("long_text", None, "long"), ("money", None, "number"), ("date", None, "date"),
        ("boolean", None, "check"), ("code", TWO, "select"), ("code", None, "search"), ("ref", None, "search"),
        ("codes", TWO, "checks"), ("codes", None, "tags"), ("file", None, "file"), ("password", None, "password"),
    ],
)  # fmt: skip
def test_widget(kind, options, widget):
    assert made(view(kind), options=options).widget == widget


def test_few_choices_may_be_radios():
    assert made(view("code", widget="radio"), options=TWO).widget == "radio"


@pytest.mark.parametrize(
    ("shown", "attributes"),
    [
        (view("text", maximum=Decimal(20)), {"maxlength": "20"}),
        (view("integer", maximum=Decimal(20)), {"inputmode": "numeric"}),
        (view("money"), {"inputmode": "decimal", "data-scale": "2"}),
        (view("citizen_id"), {"data-groups": "6 8 4"}),
        (view("file", accept=("pdf", "image/png")), {"accept": ".pdf,image/png"}),
    ],
)
def test_attributes(shown, attributes):
    assert made(shown).attributes == attributes


def test_typed_text_wins_over_the_stored_value():
    shown = view("money", Decimal("12.50"), "12.50")
    assert made(shown).value == "12.50"
    assert made(shown, raw="zwölf").value == "zwölf"
    assert made(shown, raw="").value == ""


def test_choices_that_were_typed_keep_their_titles():
    several = view("codes", ("1",), "一")
    assert made(several).texts == ("一",)
    assert made(several, raw=["1", "2"], options=TWO).texts == ("一", "二")
    one = view("ref", "abc", "甲")
    assert made(one, raw="abc").texts == ("甲",)


def test_files_come_back_with_the_form():
    stored = StoredFile("ab", "a.pdf", 10, "application/pdf")
    assert made(view("file", stored)).files == (stored,)
    sent = '{"hash": "ab", "name": "a.pdf", "size": 10, "media": "application/pdf"}'
    assert made(view("file"), raw=sent).files == (stored,)
    assert made(view("file"), raw="nonsense").files == ()
    assert made(view("file"), raw='{"hash": 1}').files == ()


def test_masked_values_never_stand_in_an_input():
    assert made(view("text", None, "12****78", masked=True)).value == "12****78"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "-5"), ("+1,000.5", "+1,000.5"), ("-a", "'-a"), ("甲", "甲"), ("", "")],
)
def test_cells_are_harmless(cell, safe):
    assert harmless(cell) == safe


def test_posted_names_are_sorted_out():
    form = MultiDict([("v.x", ""), ("v.x", "1"), ("v.x", "2"), ("v.y", "false"), ("v.y", "true"), ("_key", "k")])
    assert raw_values(form, "v.", {"x": view("codes").field}) == {"x": ["1", "2"], "y": "true"}
    assert structured("[1") == "[1"
    assert structured(" ") == []
    assert whole("12") == 12
    assert whole("٣") is None
    assert whole("-1") is None


def test_what_was_emptied_on_purpose_comes_as_null():
    form = MultiDict({"v.x": "", "v.y": "", "v.z": "1", "_emptied": "x z strange"})
    fields = {name: view("text").field for name in "xyz"}
    assert event_request(form, "order", "enter", fields, {}, None).raw == {"x": None, "y": "", "z": "1"}


@pytest.mark.parametrize(("size", "text"), [(12, "12 B"), (2048, "2 KB"), (3 << 20, "3.0 MB"), (3 << 30, "3.0 GB")])
def test_sizes(size, text):
    assert size_text(size) == text
