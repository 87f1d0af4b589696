"""Cells in the expression language of definitions: inputs and parameters in scope, problems at their column."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.expressions.names import NameKind, Signature
from engine.model.tables import DecisionTable
from engine.model.types import NUMBER, Shape, Type
from engine.problems import Span
from engine.tables.compile import compile_table
from engine.tables.linking import linked_cells
from tests.engine.tables.building import row, table


class Limits:
    """A catalog with one parameter and nothing else."""

    def shape(self, document: str) -> Shape | None:
        return None

    def code_columns(self, list_id: str) -> Mapping[str, Type] | None:
        return None

    def callable(self, name: str) -> Signature | None:
        return None

    def parameter(self, name: str) -> Type | None:
        return NUMBER if name == "limit" else None

    def names(self, kind: NameKind) -> Iterable[str]:
        return ("limit",) if kind == "parameter" else ()


class World:
    """A world in which every parameter is 10."""

    def parameter(self, name: str) -> object:
        return Decimal(10)


def codes(made: DecisionTable) -> list[tuple[str, int]]:
    return [(one.code, one.where.column) for one in compile_table(made, linked_cells(Limits()))[1]]


def test_cells_see_inputs_and_parameters() -> None:
    rows = [
        ["<= =values.limit", "=round(amount * 0.006, 2)"],
        ["=amount > 20 and amount < 30", "=amount - values.limit"],
        ["-", "0"],
    ]
    found, problems = compile_table(
        table("first", {"amount": "number"}, {"fee": "number"}, rows), linked_cells(Limits())
    )
    assert found is not None, problems
    answers = [found.decide({"amount": Decimal(amount)}, world=World()) for amount in (5, 25, 15)]
    assert answers == [{"fee": Decimal("0.03")}, {"fee": 15}, {"fee": 0}]
    assert found.decide({}, world=World()) == {"fee": 0}


def test_unknown_name_is_told_at_its_column() -> None:
    [(code, column)] = codes(table("first", {"amount": "number"}, {"fee": "number"}, [["< =amuont", "0"]]))
    assert code.startswith("EXP")
    assert column == 4


def test_wrong_type_of_an_expression() -> None:
    made = table(
        "first",
        {"amount": "number", "word": "text"},
        {"fee": "integer"},
        [["> =word", "-", "=amount"], ["-", "-", "0"]],
    )
    assert codes(made) == [("TAB008", 4), ("TAB008", 202)]


def test_cell_of_a_workbook_is_told_as_a_whole() -> None:
    made = table("first", {"amount": "number"}, {"fee": "number"}, [])
    cells = row(["< =amuont", "0"], 1, 7)
    where = Span("fees.xlsx!A7", 7, 1, 7, 2)
    moved = type(cells)((type(cells.when[0])(cells.when[0].text, where),), cells.then, where)
    [(code, column)] = codes(type(made)(made.id, made.hit, made.inputs, made.outputs, (moved,)))
    assert (code[:3], column) == ("EXP", 1)
