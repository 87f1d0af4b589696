"""Words and heads of computed values: what an expression gives, as people read it, by its type.

In: a checked expression, a value, a presenter. Out: texts and titles. A plain path is titled as its field is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.documents.typed import field_of
from engine.expressions import nodes
from engine.expressions.compiling.program import value_program
from engine.expressions.environment import Env
from engine.expressions.expression import Checked, Lazy
from engine.model.documents import Field
from engine.model.formula import Formula, Title
from engine.model.node_rows import PARAMETER, TITLES, WORDS
from engine.model.system import Definitions
from engine.model.types import Kind, Shape
from engine.sources.criteria import checked_of
from engine.usecases.code_titles import code_title
from engine.usecases.listing import SYSTEM_TITLES
from engine.usecases.page_views import CellView
from engine.usecases.presenting import TRUTH, Presenter
from engine.usecases.runtime import Runtime

_CENTS = 2


def word(presenter: Presenter, formula: Formula, value: object) -> CellView:
    """A value as a cell; states by their titles, numbers with their thousands apart."""
    kind = checked_of(formula).type
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return CellView(_thousands(value), is_number=True)
    if kind.kind is Kind.CODE and value is not None and kind.of not in presenter.definitions.codes:
        return CellView(_state(presenter, kind.of, str(value)))
    if kind.kind is Kind.ROW and isinstance(value, dict) and kind.of:
        return CellView(presenter.label(kind.of, presenter.world.follow(kind.of, str(value["id"])) or value))
    return CellView(presenter.text(field_of("", kind), value))


def spoken(presenter: Presenter, formula: Formula, env: Env) -> object:
    """What an expression gives, in English where it is a field that another one says so and the reader wants it."""
    value = formula(env)
    if presenter.language != "en" or not isinstance(value, str):
        return value
    twin = _english(presenter.definitions, checked_of(formula))
    return (twin(env) if twin is not None else None) or value


def _english(definitions: Definitions, checked: Checked) -> Lazy | None:
    node = checked.node
    shape = node.row.type.shape if isinstance(node, nodes.Field) else None
    declared = definitions.documents.get(shape.document or shape.parent) if shape is not None else None
    if declared is None or shape is None or not isinstance(node, nodes.Field):
        return None
    path = (node.name,) if shape.document else (shape.name.removeprefix(f"{shape.parent}."), node.name)
    field = declared.field_at(path)
    return _read(checked, field.english) if field is not None and field.english else None


@lru_cache(maxsize=1_024)
def _read(checked: Checked, name: str) -> Lazy:
    """The same path to another field."""
    assert isinstance(checked.node, nodes.Field)
    return Lazy(value_program, replace(checked.node, name=name))


def _thousands(value: int | Decimal) -> str:
    """A number with its thousands apart, without zeros that only fill up its places."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").removesuffix(".") if len(text.partition(".")[2]) > _CENTS else text


def _state(presenter: Presenter, of: str, state: str) -> str:
    machine = presenter.definitions.machines.get(of.rpartition(" ")[2])
    found = machine.states.get(state) if machine is not None else None
    return found.title.worded(presenter.language) if found is not None else state


def ranks(definitions: Definitions, formula: Formula) -> Mapping[object, int]:
    """The place of each code in its list, of each state in its machine; nothing for other values."""
    kind = checked_of(formula).type
    if kind.kind is not Kind.CODE:
        return {}
    codes, machine = definitions.codes.get(kind.of), definitions.machines.get(kind.of.rpartition(" ")[2])
    names = list(codes.by_code) if codes is not None else list(machine.states) if machine is not None else []
    return {name: at for at, name in enumerate(names)}


def head(definitions: Definitions, name: str, formula: Formula, shape: Shape | None) -> Title:
    """The head of a column: the title of the field that a path ends at, the column of a query, else its name."""
    checked = checked_of(formula)
    steps = checked.source.strip().split(".")
    document = shape.document if shape is not None else ""
    query = definitions.queries.get(shape.name) if shape is not None else None
    if query is not None and name in query.titles:
        return query.titles[name]
    if query is not None and name in query.per:
        return _field_title(definitions, query.per[name]) or Title(name)
    if shape is not None and len(steps) == 1 and steps[0] in TITLES.get(shape.name, {}):
        return TITLES[shape.name][steps[0]]
    for step in steps:
        field = definitions.documents[document].fields.get(step) if document in definitions.documents else None
        if field is None:
            break
        if step is steps[-1]:
            return field.title
        document = field.type.of
    return SYSTEM_TITLES.get(steps[-1], Title(name))


def node_cell(presenter: Presenter, formula: Formula, shape: Shape | None, inner: Env) -> CellView:
    """A value of a row as a cell: columns of rows that the node knows of itself have words of their own."""
    value, name = formula(inner), shape.name if shape is not None and not shape.document else ""
    column = checked_of(formula).source.strip()
    if name == PARAMETER.name and value is not None and column in _OF_PARAMETERS:
        return CellView(_parameter(presenter, str(inner.row.get("name")), column, str(value)))
    titles = WORDS.get((name, column), {})
    if isinstance(value, str) and value in titles:
        return CellView(titles[value].worded(presenter.language))
    return word(presenter, formula, spoken(presenter, formula, inner))


_OF_PARAMETERS = frozenset({"title", "value", "usual"})


def _parameter(presenter: Presenter, name: str, column: str, raw: str) -> str:
    declared = presenter.definitions.parameters.get(name)
    if declared is None:
        return raw
    if column == "title":
        return declared.title.worded(presenter.language)
    field = field_of(name, declared.type)
    try:
        return presenter.text(field, parse(raw, field))
    except Malformed:
        return raw


def _field_title(definitions: Definitions, formula: Formula) -> Title | None:
    """The title of the field that an expression is; None for any other expression."""
    node = checked_of(formula).node
    shape = node.row.type.shape if isinstance(node, nodes.Field) else None
    declared = definitions.documents.get(shape.document) if shape is not None else None
    field = declared.fields.get(node.name) if declared is not None and isinstance(node, nodes.Field) else None
    return field.title if field is not None else None


def is_number(formula: Formula) -> bool:
    """Whether a column holds numbers, which stand right."""
    return checked_of(formula).type.kind in (Kind.INTEGER, Kind.NUMBER)


def key_of(value: object) -> str:
    """A value as it stands in an address: the same for the same value, nothing for none."""
    return "" if value is None else str(value)


def rows_shape(source: Formula) -> Shape | None:
    """What the rows of a source hold."""
    checked = checked_of(source)
    if isinstance(checked.node, nodes.Documents):
        return Shape(checked.node.document, {}, checked.node.document)
    return checked.type.shape


def choices(runtime: Runtime, field: Field, language: str) -> tuple[tuple[str, str], ...]:
    """Values and their titles where a field is a choice; nothing where it is typed."""
    if field.type.kind is Kind.BOOLEAN:
        no, yes = TRUTH[language]
        return (("true", yes), ("false", no))
    codes = runtime.definitions.codes.get(field.type.of) if field.type.kind is Kind.CODE else None
    day = runtime.clock.now().date().isoformat()
    held = [entry for entry in codes.entries if entry.dated.holds_on(day)] if codes is not None else []
    return tuple((entry.code, code_title(entry, language)) for entry in held)
