"""What is kept of drawn fields gives the same HTML as drawing them anew."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Title
from engine.model.types import Type
from engine.problems import Finding
from engine.usecases.views import FieldView, Option
from engine.web.controls import control
from engine.web.drawing import Drawing

OPTIONS = tuple(Option(code, f"第{code}") for code in ("1", "2", "&3"))
SAMPLES = {
    "text": ["", "甲", '<b a="1">'], "long_text": ["", "一\n二"], "integer": [None, 7], "money": [Decimal("1.50")],
    "date": [None, date(2026, 5, 6)], "datetime": [datetime(2026, 5, 6, 15, 33)], "boolean": [None, True, False],
    "code": [None, "1", "&3", "unknown"], "codes": [("1", "2")], "ref": [None, "abc"], "password": [None],
    "citizen_id": ["110101199003071233"],
}  # fmt: skip


def controls(kind: str, value: object):
    about = {"hint": Title("提示"), "maximum": Decimal(90)}
    field = Field("x", Title("某项", "Something"), kind, Type(FIELD_TYPES[kind]), **about)
    text = "、".join(value) if isinstance(value, tuple) else str(value or "")
    for editable in (True, False):
        for required in (True, False):
            for findings in ((), (Finding("f", {"zh": "有误"}, ("x",)),)):
                view = FieldView("x", field, value, text, True, required, editable, findings=findings)
                for options in (OPTIONS, None):
                    yield control(view, "v.x", {}, lambda one, path, found=options: found)
                    yield control(view, "v.x", {"x": "typed <&>"}, lambda one, path, found=options: found)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in SAMPLES.items() for value in values])
def test_kept_fields_are_as_drawn(app, office, kind, value):
    with app.test_request_context("/"):
        drawing = Drawing("order")
        for one in controls(kind, value):
            for alone in (True, False):
                wanted = drawing.macro(one, "order", f"f-{kind}", "", alone)
                assert drawing(one, f"f-{kind}", alone=alone) == wanted
                assert drawing(one, f"f-{kind}", alone=alone) == wanted


def test_languages_are_kept_apart(app, office):
    (one, *_) = controls("text", "甲")
    with app.test_request_context("/"):
        assert "某项" in Drawing("order")(one, "f-x")
    with app.test_request_context("/", headers={"Cookie": "language=en"}):
        assert "Something" in Drawing("order")(one, "f-x")


def test_what_people_type_is_not_kept(app, office):
    view = FieldView("x", Field("x", Title("某项"), "boolean", Type(FIELD_TYPES["boolean"])), editable=True)
    with app.test_request_context("/"):
        drawing = Drawing("letter")
        for number in range(20):
            drawing(control(view, "v.x", {"x": "true" + " " * number}, lambda one, path: None), "f-x")
        assert len(drawing.kept) == 2
