"""Operators: arithmetic, comparison, membership, conditions. A pair of kinds has a meaning, or is a problem."""

from __future__ import annotations

from engine.expressions import nodes, syntax
from engine.expressions.checking.checker import Checker, Frame, checks, converted
from engine.expressions.kinds import LISTS, MOMENTS, NUMBERS, ORDERED, TEXTS, described, is_loose, joined
from engine.expressions.names import KnowsCodes
from engine.expressions.nodes import Node
from engine.expressions.syntax import Place
from engine.model.types import BOOLEAN, Kind, Type

SURE = BOOLEAN.required()


@checks(syntax.Prefix)
def prefix(checker: Checker, node: syntax.Prefix, frame: Frame) -> Node:
    operand = checker.check(node.operand, frame)
    if node.operator == "not":
        operand = condition(checker, operand)
        return nodes.Not(Type(Kind.BOOLEAN, optional=operand.type.optional), node.at, operand)
    if operand.type.kind not in NUMBERS | {Kind.DURATION} and not is_loose(operand.type):
        return checker.problem("EXP020", node.at, operator=node.operator, left="", right=described(operand.type))
    if node.operator == "+":
        return operand
    if isinstance(operand, nodes.Constant) and isinstance(operand.value, int) and operand.type.kind is Kind.INTEGER:
        return nodes.Constant(operand.type, node.at, -operand.value)
    return nodes.Negative(operand.type, node.at, operand)


def condition(checker: Checker, node: Node, *, of: str = "") -> Node:
    """A value that must be true or false; a problem when its kind is another."""
    if node.type.kind in {Kind.BOOLEAN, Kind.NULL} or is_loose(node.type):
        return node
    hint = f"{checker.written(node.at)} != null"
    return checker.problem("EXP026", node.at, hint, kind=described(node.type), of=of)


@checks(syntax.Infix)
def infix(checker: Checker, node: syntax.Infix, frame: Frame) -> Node:
    left, right = checker.check(node.left, frame), checker.check(node.right, frame)
    if Kind.NULL in (left.type.kind, right.type.kind):
        return checker.problem("EXP033", node.at, operator=node.operator)
    found = _arithmetic(node.operator, left.type, right.type)
    if found is None:
        values = {"operator": node.operator, "left": described(left.type), "right": described(right.type)}
        return checker.problem("EXP020", node.at, _meant(checker, node.operator, left, right), **values)
    rule, kind = found
    optional = left.type.optional or right.type.optional or node.operator in "/%" or rule == "any"
    return nodes.Operation(Type(kind, optional=optional), node.at, node.operator, rule, left, right)  # type: ignore[arg-type]


def _meant(checker: Checker, operator: str, left: Node, right: Node) -> str:
    """What was probably meant: a text of both, or days added to a date, whose number says nothing by itself."""
    kinds = left.type.kind, right.type.kind
    if operator == "+" and Kind.TEXT in kinds:
        return "text(…)"
    sides = [checker.written(left.at), checker.written(right.at)]
    for place, (one, other) in enumerate((kinds, kinds[::-1])):
        if operator in "+-" and one in NUMBERS and other in MOMENTS and (place or operator == "+"):
            number = (left, right)[place]
            plain = isinstance(number, nodes.Constant | nodes.Field)
            sides[place] = f"{sides[place]} * day" if plain else f"({sides[place]}) * day"
            return f" {operator} ".join(sides)
    return ""


def _arithmetic(operator: str, left: Type, right: Type) -> tuple[str, Kind] | None:
    """The rule and result kind of an operator between two types."""
    if is_loose(left, right):
        return "any", Kind.ANY
    if left.kind in NUMBERS and right.kind in NUMBERS:
        whole = left.kind is right.kind is Kind.INTEGER and operator != "/"
        return "number", Kind.INTEGER if whole else Kind.NUMBER
    if operator == "+" and left.kind in TEXTS and right.kind in TEXTS:
        return "text", Kind.TEXT
    return _with_time(operator, left.kind, right.kind)


def _with_time(operator: str, left: Kind, right: Kind) -> tuple[str, Kind] | None:
    table = {
        ("*", True): ("scale", Kind.DURATION),
        ("/", True): ("scale", Kind.DURATION),
    }
    if operator in "+-" and left is right is Kind.DURATION:
        return "duration", Kind.DURATION
    if operator in "+-" and left in MOMENTS and right is Kind.DURATION:
        return "moment", left
    if operator == "+" and left is Kind.DURATION and right in MOMENTS:
        return "moment", right
    if operator == "-" and left in MOMENTS and right in MOMENTS:
        return "moments", Kind.DURATION
    if operator == "*" and left in NUMBERS and right is Kind.DURATION:
        return "scale", Kind.DURATION
    return table.get((operator, left is Kind.DURATION and right in NUMBERS))


@checks(syntax.Comparison)
def comparison(checker: Checker, node: syntax.Comparison, frame: Frame) -> Node:
    operators = [operator for operator, _ in node.rest]
    if "in" in operators or "not in" in operators:
        if len(operators) > 1:
            return checker.problem("EXP003", node.at, found="in", suggestion="")
        return _membership(checker, node, frame)
    operands = [checker.check(part, frame) for part in (node.first, *(operand for _, operand in node.rest))]
    loose = False
    for index, operator in enumerate(operators):
        left, right = checker.pair(operands[index], operands[index + 1])
        loose = loose or is_loose(left.type, right.type)
        at = Place(operands[index].at.start, operands[index + 1].at.end)
        if checker.comparable(left, right, at):
            _judge(checker, operator, left, right, at)
        operands[index], operands[index + 1] = left, right
    ordered = any(operator not in {"==", "!="} for operator in operators)
    optional = ordered and any(operand.type.optional for operand in operands)
    type_ = Type(Kind.BOOLEAN, optional=optional or (ordered and loose))
    return nodes.Compare(type_, node.at, tuple(operators), tuple(operands), loose)  # type: ignore[arg-type]


def _judge(checker: Checker, operator: str, left: Node, right: Node, at: Place) -> None:
    """Comparisons that are allowed by family but say nothing, or something else than is meant."""
    if operator in {"==", "!="}:
        check_code(checker, left, right)
        check_code(checker, right, left)
    elif Kind.NULL in (left.type.kind, right.type.kind):
        checker.problem("EXP033", at, operator=operator)
    elif left.type.kind not in ORDERED and not is_loose(left.type, right.type):
        checker.problem("EXP020", at, operator=operator, left=described(left.type), right=described(right.type))
    if isinstance(left, nodes.Convert) is not isinstance(right, nodes.Convert) and _mixes_moments(left, right):
        checker.warn("EXP031", at)


def _mixes_moments(left: Node, right: Node) -> bool:
    """A date (not today's) against a datetime: the first moment of the date counts, which may not be what is meant."""
    date = left if isinstance(left, nodes.Convert) else right
    return isinstance(date, nodes.Convert) and date.to is Kind.DATETIME and not isinstance(date.operand, nodes.Call)


def check_code(checker: Checker, code: Node, literal: Node) -> None:
    """A code compared with a text that its list does not have."""
    if code.type.kind is not Kind.CODE or not isinstance(literal, nodes.Constant) or not isinstance(literal.value, str):
        return
    catalog = checker.catalog
    if isinstance(catalog, KnowsCodes) and not catalog.code_exists(code.type.of, literal.value):
        nearest = checker.nearest(literal.value, catalog.codes(code.type.of))
        checker.problem("EXP030", literal.at, nearest, value=literal.value, list=code.type.of)


def _membership(checker: Checker, node: syntax.Comparison, frame: Frame) -> Node:
    operator, right = node.rest[0]
    item = checker.check(node.first, frame)
    negated = operator == "not in"
    if isinstance(right, syntax.Items):
        return _among(checker, item, [checker.check(member, frame) for member in right.members], node.at, negated)
    container = checker.check(right, frame)
    if container.type.kind not in LISTS | {Kind.ROWS, Kind.NULL} and not is_loose(container.type):
        hint = f"== {checker.written(right.at)}" if container.type.kind in TEXTS | NUMBERS else ""
        return checker.problem("EXP027", right.at, hint, kind=described(container.type))
    if item.type.kind is Kind.ROW:
        item = checker.identity(item)
    if container.type.kind is Kind.CODES:
        check_code(checker, nodes.Constant(Type(Kind.CODE, of=container.type.of), item.at, None), item)
    return nodes.Among(SURE, node.at, item, (), container, negated)


def _among(checker: Checker, item: Node, members: list[Node], at: Place, negated: bool) -> Node:
    found: list[Node] = []
    for member in members:
        left, right = checker.pair(item, member)
        if checker.comparable(left, right, member.at):
            check_code(checker, left, right)
        item = left
        found.append(right)
    return nodes.Among(SURE, at, item, tuple(found), None, negated)


@checks(syntax.Items)
def items(checker: Checker, node: syntax.Items, _frame: Frame) -> Node:
    return checker.problem("EXP003", node.at, found=checker.written(node.at))


@checks(syntax.Junction)
def junction(checker: Checker, node: syntax.Junction, frame: Frame) -> Node:
    parts = [checker.check(part, frame) for part in node.parts]
    if node.operator == "or" and parts[0].type.kind not in {Kind.BOOLEAN, Kind.NULL}:
        return _otherwise(checker, parts, node.at)
    parts = [condition(checker, part, of=node.operator) for part in parts]
    optional = any(part.type.optional for part in parts)
    return nodes.Junction(Type(Kind.BOOLEAN, optional=optional), node.at, node.operator, tuple(parts))


def _otherwise(checker: Checker, parts: list[Node], at: Place) -> Node:
    """`or` between values: the first that is not null."""
    parts = alike(checker, parts)
    type_ = parts[0].type
    for part in parts[1:]:
        both = joined(type_, part.type)
        if both is None:
            return checker.problem("EXP029", part.at, left=described(type_), right=described(part.type))
        check_code(checker, parts[0], part)
        type_ = both
    optional = all(part.type.optional for part in parts)
    return nodes.Otherwise(type_.nullable() if optional else type_.required(), at, tuple(parts))


def alike(checker: Checker, parts: list[Node]) -> list[Node]:
    """Values of neighbouring kinds made one kind: rows become references where one is, dates become datetimes."""
    kinds = {part.type.kind for part in parts}
    if Kind.REF in kinds and Kind.ROW in kinds:
        parts = [checker.identity(part) if part.type.kind is Kind.ROW else part for part in parts]
    if kinds >= MOMENTS:
        parts = [converted(part, Kind.DATETIME) if part.type.kind is Kind.DATE else part for part in parts]
    references = [part for part in parts if part.type.kind is Kind.REF]
    if any(not part.type.of for part in references) and any(part.type.of for part in references):
        parts = [nodes.Qualified(Type(Kind.REF), p.at, p, p.type.of) if p.type.of else p for p in parts]
    return _codes(parts)


def _codes(parts: list[Node]) -> list[Node]:
    """A literal text beside a code is a code of the same list."""
    code = next((part.type for part in parts if part.type.kind is Kind.CODE), None)
    if code is None:
        return parts
    return [
        nodes.Constant(Type(Kind.CODE, of=code.of, optional=False), part.at, part.value)
        if isinstance(part, nodes.Constant) and part.type.kind is Kind.TEXT
        else part
        for part in parts
    ]


@checks(syntax.Conditional)
def conditional(checker: Checker, node: syntax.Conditional, frame: Frame) -> Node:
    test = condition(checker, checker.check(node.test, frame), of="if")
    yes, no = alike(checker, [checker.check(node.yes, frame), checker.check(node.no, frame)])
    type_ = joined(yes.type, no.type)
    if type_ is None:
        return checker.problem("EXP029", node.at, left=described(yes.type), right=described(no.type))
    return nodes.Conditional(type_, node.at, test, yes, no)
