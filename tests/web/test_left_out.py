"""Detail pages say little of what is not there: many empty fields and empty columns of wide tables fold away."""

from typing import Any

from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.types import TEXT
from engine.usecases.views import FieldView
from engine.web.templating import MANY, WIDE, filled_columns, filled_facts


def view(name: str, text: str = "", value: Any = None, **more: Any) -> FieldView:
    return FieldView(name, Field(name, Title(name), "text", TEXT), value or text or None, text, **more)


def test_a_few_empty_fields_stand_and_many_fold_away() -> None:
    filled = [view("a", "1"), view("b", "2")]
    few, many = [view(f"x{n}") for n in range(MANY)], [view(f"x{n}") for n in range(MANY + 1)]
    assert filled_facts([*filled, *few]) == ([*filled, *few], [])
    assert filled_facts([*filled, *many]) == (filled, many)
    shown, empty = filled_facts([*filled, *many, *few], kept=("x0",))
    assert "x0" in [one.name for one in shown]
    assert "x0" not in [one.name for one in empty]


def test_columns_without_a_value_leave_a_wide_table_alone() -> None:
    columns = tuple(view(f"c{n}") for n in range(WIDE + 1))
    rows = ({"c0": view("c0", "1"), "c1": view("c1")},)
    wide = view("lines", columns=columns, rows=rows)
    shown, empty = filled_columns(wide)
    assert ([one.name for one in shown], len(empty)) == (["c0"], WIDE)
    assert filled_columns(view("lines", columns=columns[:3], rows=rows))[1] == []
