"""Where a missing value is told: at the field itself where people can fill it, else at the one that it follows from.

In: a field that is needed and empty, the values beside it. Out: a finding, or none where what it follows from is
missing too and told as such. Knows no rights: a field that nobody may give is one that the engine gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.documents.json_schema import is_given
from engine.expressions.expression import Checked
from engine.model.documents import Field
from engine.model.formula import Formula
from engine.problems import Finding

Fields = Mapping[str, Field]
_OWN = ("row", "this")


def missing(
    field: Field, fields: Fields, values: Mapping[str, object], at: tuple[str, ...], asked: Callable[[Field], bool]
) -> Finding | None:
    """The finding for a field without a value; `at` is the path of the record or row that has it.

    `asked` says whether a field is shown and needed now, so that it is told by itself.
    """
    found = origin(field, fields, values)
    if found is None:
        return needed(field, (*at, field.name))
    if any(_is_empty(values.get(one.name)) and asked(one) for one in _beside(field, fields)):
        return None
    if _is_empty(values.get(found.name)):
        return needed(found, (*at, found.name))
    here, there = field.title, found.title
    text = {
        "zh": f"所选{there.zh}没有{here.zh}",
        "en": f"{there.worded('en')}: there is no {here.worded('en')}",
    }
    return Finding("required", text, (*at, found.name), where=field.where)


def needed(field: Field, at: tuple[str, ...]) -> Finding:
    """A field that has to be filled in."""
    text = {"zh": f"请填写{field.title.zh}", "en": f"{field.title.worded('en')} is required"}
    return Finding("required", text, at, where=field.where)


def origin(field: Field, fields: Fields, values: Mapping[str, object]) -> Field | None:
    """The field that people fill and this one follows from: an empty one before others. None where it is itself one."""
    if is_given(field):
        return None
    found = [one for one in _followed(field, fields, frozenset({field.name})) if is_given(one)]
    empty = [one for one in found if _is_empty(values.get(one.name))]
    return next(iter((*empty, *found)), None)


def _followed(field: Field, fields: Fields, seen: frozenset[str]) -> Iterator[Field]:
    """The fields beside it that the engine works this one out from, and what those follow from."""
    for one in (one for one in _beside(field, fields) if one.name not in seen):
        yield one
        if not is_given(one):
            yield from _followed(one, fields, seen | {one.name})


def _beside(field: Field, fields: Fields) -> list[Field]:
    """The fields that its formulas read."""
    read = {name for formula in (field.copied, field.value, field.find) for name in _reads(formula)}
    return [one for name, one in fields.items() if name in read and name != field.name]


def _reads(formula: Formula | None) -> Iterator[str]:
    linked = formula.linked if formula is not None else None
    if isinstance(linked, Checked):
        yield from (path[1] for path in linked.reads if path[0] in _OWN and len(path) > 1)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and not value)
