"""Functions on sources: a source first, then expressions that are judged for each of its rows.

In: `sum(lines, amount, not disputed)`. Out: one node with the source, the value and the condition, both in a frame of
their own, where bare names are those of the row and `up` is the row outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.expressions import nodes, syntax
from engine.expressions.checking import names, paths
from engine.expressions.checking.checker import Checker, Frame, row_of
from engine.expressions.checking.operators import condition
from engine.expressions.grammar import parse_expression
from engine.expressions.kinds import NUMBERS, ORDERED, described, is_loose
from engine.expressions.nodes import Node
from engine.expressions.syntax import Parsed, Place
from engine.model.types import ANY, Kind, Shape, Type
from engine.problems import Span


@dataclass(frozen=True, slots=True)
class Shapes:
    """The parameters of one function on a source, after the source; `needs` is the one that may not be left out."""

    params: tuple[str, ...]
    needs: tuple[str, ...]
    zh: str
    en: str


AGGREGATES: dict[str, Shapes] = {
    "count": Shapes(("where",), (), "行数", "The number of rows"),
    "sum": Shapes(
        ("value", "where"), ("value",), "合计；没有行为 0，空值不计", "The total; 0 for none; nulls left out"
    ),
    "avg": Shapes(("value", "where"), ("value",), "平均；没有值则为空", "The mean; null without values"),
    "min": Shapes(("value", "where"), ("value",), "最小值；没有值则为空", "The least value; null without values"),
    "max": Shapes(("value", "where"), ("value",), "最大值；没有值则为空", "The greatest value; null without values"),
    "any": Shapes(("where",), (), "至少一行符合", "Whether the condition holds for a row"),
    "all": Shapes(("check", "where"), ("check",), "每一行都符合；没有行为是", "Whether it holds for every row"),
    "one": Shapes(("where",), (), "唯一的一行；没有或多于一行则为空", "The only row; null for none and for several"),
    "first": Shapes(("where", "sort"), (), "第一行；sort 给出次序，- 为降序", "The first row, in the order of `sort`"),
    "newest": Shapes(("value", "where"), ("value",), "值最大的一行，如最近日期", "The row with the greatest value"),
    "list": Shapes(("value", "where"), (), "各行的值", "The values of the rows as a list"),
    "percentile": Shapes(("value", "percent", "where"), ("value", "percent"), "百分位数", "By nearest rank"),
}
"""Functions on sources, with what each says of itself."""


def aggregate(checker: Checker, node: syntax.Call, frame: Frame) -> Node:
    """The node of a function on a source."""
    shapes = AGGREGATES[node.name]
    given = _given(checker, node, shapes)
    if given is None:
        parameters = ", ".join(("source", *shapes.params))
        meant = _split_path(node)
        return checker.problem("EXP022", node.at, meant, name=node.name, parameters=f"{node.name}({parameters})")
    source = _source(checker, node, given.get("source"), frame)
    if source is None:
        return nodes.Constant(ANY, node.at, None)
    inside = checker.open(paths.inner_scope(frame.scope, source), frame)
    where = _condition(checker, given.get("check" if node.name == "all" else "where"), inside)
    if node.name == "all":
        value, where = where, _condition(checker, given.get("where"), inside)
    else:
        value = checker.check(given["value"].value, inside) if "value" in given else None
    value = _valued(checker, node.name, value)
    extra = checker.check(given["percent"].value, frame) if "percent" in given else None
    order = sort_keys(checker, given["sort"].value, inside) if "sort" in given else ()
    type_ = _result(node.name, source, value)
    return nodes.Aggregate(type_, node.at, node.name, source, inside.number, value, where, order, extra)


def _given(checker: Checker, node: syntax.Call, shapes: Shapes) -> dict[str, syntax.Argument] | None:
    """Arguments by name; None when one is missing or too many. `min(a, b)` of values is told to be `least`."""
    names_ = ("source", *shapes.params)
    positional = [argument for argument in node.arguments if not argument.name]
    given = dict(zip(names_, positional, strict=False))
    if len(positional) > len(names_):
        return None
    for argument in node.arguments:
        if argument.name and (argument.name in given or argument.name not in names_):
            checker.problem(
                "EXP023", argument.at, checker.nearest(argument.name, names_), name=argument.name, of=node.name
            )
        elif argument.name:
            given[argument.name] = argument
    return None if any(need not in given for need in shapes.needs) else given


def _split_path(node: syntax.Call) -> str:
    """`sum(lines, amount)` where `sum(lines.amount)` was written."""
    only = node.arguments[0].value if len(node.arguments) == 1 else None
    if isinstance(only, syntax.Member) and isinstance(only.base, syntax.Name):
        return f"{node.name}({only.base.name}, {only.name})"
    return ""


def _source(checker: Checker, node: syntax.Call, given: syntax.Argument | None, frame: Frame) -> Node | None:
    if given is None:
        found = names.look_up(checker, "rows", frame, node.name_at)
        if found is None:
            checker.problem("EXP022", node.at, name=node.name, parameters=f"{node.name}(source)")
            return None
    else:
        before = len(checker.problems)
        found = names.rows_named(checker, given.value, frame)
        if len(checker.problems) > before:
            return None
    source = paths.as_source(checker, found)
    if source is None:
        hint = {"min": "least(…)", "max": "greatest(…)"}.get(node.name, "")
        checker.problem("EXP015", found.at, hint, name=checker.written(found.at), kind=described(found.type))
    return source


def _condition(checker: Checker, given: syntax.Argument | None, inside: Frame) -> Node | None:
    return None if given is None else condition(checker, checker.check(given.value, inside))


def _valued(checker: Checker, function: str, value: Node | None) -> Node | None:
    """Whether the value is of a kind that the function takes."""
    if value is None or is_loose(value.type) or value.type.kind is Kind.NULL:
        return value
    wanted = ORDERED if function in {"min", "max", "newest"} else NUMBERS
    if function in {"sum", "avg", "min", "max", "newest", "percentile"} and value.type.kind not in wanted:
        expected = described(Type(Kind.NUMBER)) if wanted is NUMBERS else "@kind_ordered"
        return checker.problem("EXP024", value.at, name="value", kind=described(value.type), expected=expected)
    if function == "list" and value.type.kind is Kind.ROW:
        return checker.identity(value)
    return value


def _result(function: str, source: Node, value: Node | None) -> Type:
    if function == "count":
        return Type(Kind.INTEGER, optional=False)
    if function in {"any", "all"}:
        return Type(Kind.BOOLEAN, optional=False)
    if function == "sum":
        whole = value is not None and value.type.kind is Kind.INTEGER
        return Type(Kind.INTEGER if whole else Kind.NUMBER, optional=False)
    if function in {"avg", "percentile"}:
        return Type(Kind.NUMBER)
    if function in {"min", "max"} and value is not None:
        return value.type.nullable()
    row = source.type.item or row_of(source.type.shape or Shape("", {}), optional=True)
    if function == "list":
        return Type(Kind.LIST, optional=False, item=value.type if value is not None else row)
    return row.nullable()


def sort_keys(checker: Checker, written: syntax.Syntax, inside: Frame) -> tuple[nodes.Sort, ...]:
    """Sort keys from a text such as `cabinet.position, -line`."""
    if not isinstance(written, syntax.Constant) or not isinstance(written.value, str):
        checker.problem("EXP044", written.at)
        return ()
    found, start = [], written.at.start + 1
    for part in written.value.split(","):
        margin = len(part) - len(part.lstrip())
        key = part.strip()
        descending = key.startswith("-")
        offset = start + margin + descending
        start += len(part) + 1
        node = _sort_key(checker, key[1:] if descending else key, offset, inside)
        if node is not None:
            found.append(nodes.Sort(node.type, node.at, node, descending))
    return tuple(found)


def _sort_key(checker: Checker, text: str, offset: int, inside: Frame) -> Node | None:
    where = checker.where.shifted(offset, offset + len(text))
    parsed = parse_expression(text, Span(where.file, where.line, where.column))
    if not isinstance(parsed, Parsed):
        checker.problems.extend(parsed)
        return None
    part = Checker(checker.catalog, where, text)
    part.frames = checker.frames
    node = part.check(parsed.root, inside)
    checker.frames = part.frames
    checker.problems.extend(part.problems)
    if node.type.kind not in ORDERED | {Kind.BOOLEAN, Kind.REF} and not is_loose(node.type):
        checker.problem("EXP044", Place(offset, offset + len(text)))
        return None
    return node


def share(checker: Checker, node: syntax.Call, frame: Frame) -> Node:
    """`share(total, by=amount, where=…, digits=2)`: this row's part of a total."""
    scope = frame.scope
    given = _share_arguments(node)
    if given is None or not scope.in_child or scope.parent is None:
        code, values = (
            ("EXP022", {"parameters": "share(total, by, where, digits)"}) if given is None else ("EXP045", {})
        )
        return checker.problem(code, node.at, name=node.name, **values)
    total = checker.check(given["total"].value, frame)
    inside = replace(checker.open(scope, None), outer=frame.outer)
    by = _weight(checker, checker.check(given["by"].value, inside))
    where = _condition(checker, given.get("where"), inside)
    digits = given["digits"].value if "digits" in given else None
    owner = nodes.Here(row_of(scope.parent), node.at, "parent", frame.number)
    table = nodes.Table(
        Type(Kind.ROWS, optional=False, shape=scope.row), node.at, owner, scope.row.name.rpartition(".")[2]
    )
    own = nodes.Number(Type(Kind.INTEGER), node.at, frame.number)
    places = digits.value if isinstance(digits, syntax.Constant) and isinstance(digits.value, int) else 2
    total = _weight(checker, total)
    return nodes.Share(Type(Kind.NUMBER), node.at, total, by, where, table, own, inside.number, places)


def _share_arguments(node: syntax.Call) -> dict[str, syntax.Argument] | None:
    names_ = ("total", "by", "where", "digits")
    given = dict(zip(names_, (argument for argument in node.arguments if not argument.name), strict=False))
    for argument in node.arguments:
        if argument.name:
            given[argument.name] = argument
    complete = "total" in given and "by" in given and set(given) <= set(names_)
    return given if complete else None


def _weight(checker: Checker, value: Node) -> Node:
    if value.type.kind in NUMBERS or is_loose(value.type):
        return value
    return checker.problem(
        "EXP024", value.at, name="by", kind=described(value.type), expected=described(Type(Kind.NUMBER))
    )
