"""Decision tables written briefly, with places as if they stood in a file of one row a line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from engine.model.formula import DatedSpan
from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Kind, Type
from engine.problems import Problem, Span
from engine.tables.compile import compile_table
from engine.tables.compiled import CompiledTable
from engine.tables.feel import feel_cells

FILE = "t.yaml"
WIDTH = 100
"""Columns of the file that each cell has to itself."""


def kind(phrase: str) -> Type:
    """`optional code colours` as a type."""
    words = phrase.split()
    optional = words[0] == "optional"
    name, *of = words[1:] if optional else words
    return Type(Kind(name), of=" ".join(of), optional=optional)


def cell(text: str, line: int = 1, number: int = 0) -> Cell:
    """A cell in its place."""
    column = 1 + WIDTH * number
    return Cell(text, Span(FILE, line, column, line, column + len(text)))


def row(texts: Sequence[str], inputs: int, line: int, dates: tuple[str, str] = ("", "")) -> TableRow:
    """A row of one line."""
    found = tuple(cell(text, line, number) for number, text in enumerate(texts))
    return TableRow(found[:inputs], found[inputs:], Span(FILE, line, 1), DatedSpan(*dates))


def table(
    hit: str,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    rows: Sequence[Sequence[str]],
    *,
    allowed: Mapping[str, Sequence[object]] | None = None,
    dates: Mapping[int, tuple[str, str]] | None = None,
) -> DecisionTable:
    """A table; rows stand in lines 1, 2, ...; `dates` are from and until of rows, by number from 0."""
    listed = {name: tuple(values) for name, values in (allowed or {}).items()}
    return DecisionTable(
        "sample",
        HitPolicy(hit),
        tuple(
            TableInput(name, kind(phrase), Span(FILE, 90, 1), allowed=listed.get(name, ()))  # type: ignore[arg-type]
            for name, phrase in inputs.items()
        ),
        tuple(
            TableOutput(name, kind(phrase), Span(FILE, 91, 1), allowed=listed.get(name, ()))  # type: ignore[arg-type]
            for name, phrase in outputs.items()
        ),
        tuple(
            row(texts, len(inputs), line, (dates or {}).get(line - 1, ("", ""))) for line, texts in enumerate(rows, 1)
        ),
        where=Span(FILE, 99, 1),
    )


def with_output(made: DecisionTable, *, values: Sequence[str] = (), default: str | None = None) -> DecisionTable:
    """The table with priorities and a default of its first output."""
    first, *rest = made.outputs
    changed = replace(
        first,
        values=tuple(Cell(text) for text in values),
        default=None if default is None else Cell(default),
    )
    return replace(made, outputs=(changed, *rest))


def checked(made: DecisionTable, *names: str) -> tuple[CompiledTable | None, tuple[Problem, ...]]:
    """The table compiled; computed cells are FEEL over the inputs and these names."""
    return compile_table(made, feel_cells(names))


def compiled(made: DecisionTable, *names: str) -> CompiledTable:
    """The table compiled, warnings aside."""
    found, problems = checked(made, *names)
    assert found is not None, problems
    return found


def codes(made: DecisionTable, *names: str) -> list[str]:
    """The problems of a table as `CODE line:column`."""
    return [f"{one.code} {one.where.line}:{one.where.column}" for one in checked(made, *names)[1]]


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)
