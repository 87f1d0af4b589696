"""Hypothesis strategies that write expressions: texts that check, over a record of a known shape, and rows for it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.expressions.names import Scope
from tests.engine.expressions.worlds import document

FIELDS = {
    "a": "integer", "b": "number", "c": "number", "t": "text", "s": "text", "p": "boolean", "q": "boolean",
    "lines": {"n": "number", "m": "integer", "w": "text", "ok": "boolean"},
}  # fmt: skip
SHAPE = document("record", FIELDS)
SCOPE = Scope(SHAPE, this=SHAPE)

_decimals = st.decimals(min_value=-1000, max_value=1000, places=2, allow_nan=False).map(abs)
number_literals = st.one_of(st.integers(0, 99).map(str), _decimals.map(str))
text_literals = st.sampled_from(["'x'", "'规矩'", "''", "'a b'", "'\\''"])


@dataclass(frozen=True)
class Names:
    """What may be named in a place."""

    numbers: st.SearchStrategy[str]
    texts: st.SearchStrategy[str]


_record = Names(st.sampled_from(["a", "b", "c"]), st.sampled_from(["t", "s"]))
_line = Names(st.sampled_from(["n", "m", "up.b"]), st.sampled_from(["w", "up.t"]))
_boolean_names = st.sampled_from(["p", "q", "true", "false"])


def _numbers(inner: st.SearchStrategy[str], booleans: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"(-{part})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]} or {parts[1]})"),
        st.tuples(inner, booleans, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        inner.map(lambda part: f"round({part}, 2)"),
        st.tuples(inner, inner).map(lambda parts: f"least({parts[0]}, {parts[1]})"),
    )


def _booleans(names: Names, numbers: st.SearchStrategy[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ordering = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    return st.one_of(
        st.tuples(numbers, ordering, numbers).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(numbers, ordering, numbers, ordering, numbers).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        inner.map(lambda part: f"(not {part})"),
        st.tuples(names.texts, st.sampled_from(["==", "!=", "<"]), text_literals).map(lambda p: f"({' '.join(p)})"),
        st.tuples(names.texts, st.sampled_from(["in", "not in"])).map(lambda p: f"({p[0]} {p[1]} ('x', '规矩'))"),
        st.tuples(names.numbers, st.sampled_from(["in", "not in"])).map(lambda p: f"({p[0]} {p[1]} (1, 2.5, null))"),
        st.tuples(names.numbers, st.sampled_from(["==", "!="])).map(lambda p: f"({p[0]} {p[1]} null)"),
    )


def _grown(
    names: Names, depth: int, number: st.SearchStrategy[str], boolean: st.SearchStrategy[str]
) -> tuple[Any, Any]:
    numbers, booleans = number, boolean
    for _ in range(depth):
        numbers, booleans = (
            st.one_of(numbers, _numbers(numbers, booleans)),
            st.one_of(booleans, _booleans(names, numbers, booleans)),
        )
    return numbers, booleans


_row_numbers, _row_booleans = _grown(
    _line, 1, st.one_of(_line.numbers, st.just("row"), number_literals), st.sampled_from(["ok", "up.p", "n > 1"])
)
_aggregates = st.one_of(
    st.tuples(st.sampled_from(["sum", "max", "min"]), _row_numbers, _row_booleans).map(
        lambda parts: f"{parts[0]}(lines, {parts[1]}, {parts[2]})"
    ),
    _row_booleans.map(lambda part: f"count(lines, {part})"),
)
_quantified = st.tuples(st.sampled_from(["any", "all"]), _row_booleans).map(lambda p: f"{p[0]}(lines, {p[1]})")
number_texts, boolean_texts = _grown(
    _record, 2, st.one_of(_record.numbers, number_literals, _aggregates), st.one_of(_boolean_names, _quantified)
)
text_texts = st.tuples(_record.texts, text_literals, boolean_texts).map(lambda p: f"{p[0]} + {p[1]} if {p[2]} else s")
expressions = st.one_of(number_texts, boolean_texts, text_texts)
"""Texts of expressions that check in `SCOPE`."""

_number_values = st.one_of(st.none(), st.decimals(-100, 100, places=2, allow_nan=False))
_whole_values = st.one_of(st.none(), st.integers(-5, 5))
_text_values = st.one_of(st.none(), st.sampled_from(["x", "规矩", "", "yy"]))
_flags = st.one_of(st.none(), st.booleans())
_lines = st.lists(
    st.fixed_dictionaries(
        {"id": st.just("1"), "n": _number_values, "m": _whole_values, "w": _text_values, "ok": _flags}
    ),
    max_size=4,
)
rows = st.fixed_dictionaries(
    {"a": _whole_values, "b": _number_values, "c": _number_values, "t": _text_values, "s": _text_values}
    | {"p": _flags, "q": _flags, "lines": _lines}
)
"""Values for the record, nulls among them."""


def as_json(value: Any) -> Any:
    """A row as the browser gets it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: as_json(found) for name, found in value.items()}
    return [as_json(found) for found in value] if isinstance(value, list) else value
