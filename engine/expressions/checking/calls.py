"""Calls: registered functions, decision tables and queries. Arguments are matched to parameters and judged by kind."""

from __future__ import annotations

from dataclasses import replace

from engine.expressions import nodes, syntax
from engine.expressions.checking.aggregates import AGGREGATES, aggregate, share
from engine.expressions.checking.checker import Checker, Frame, checks, converted
from engine.expressions.checking.names import this_argument
from engine.expressions.checking.paths import local
from engine.expressions.functions import FUNCTIONS, Function, Param
from engine.expressions.functions.patterns import PatternError, compiled
from engine.expressions.kinds import LISTS, MOMENTS, NUMBERS, ORDERED, TEXTS, described, is_loose, joined
from engine.expressions.names import Signature
from engine.expressions.nodes import Node
from engine.expressions.showing import slots
from engine.model.types import BOOLEAN, Kind, Type

_ACCEPTED: dict[str, frozenset[Kind]] = {
    "text": TEXTS,
    "number": NUMBERS,
    "integer": NUMBERS,
    "boolean": frozenset({Kind.BOOLEAN}),
    "moment": MOMENTS,
    "date": MOMENTS,
    "duration": frozenset({Kind.DURATION}),
    "ordered": ORDERED,
    "list": LISTS | {Kind.ROWS},
    "ref": frozenset({Kind.REF, Kind.ROW, Kind.TEXT}),
    "file": frozenset({Kind.FILE}),
}
_RESULTS = {
    "text": Kind.TEXT,
    "number": Kind.NUMBER,
    "integer": Kind.INTEGER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "duration": Kind.DURATION,
    "list": Kind.LIST,
}


@checks(syntax.Call)
def call(checker: Checker, node: syntax.Call, frame: Frame) -> Node:
    if node.name in AGGREGATES:
        return aggregate(checker, node, frame)
    if node.name == "share":
        return share(checker, node, frame)
    if node.name == "under":
        return _under(checker, node, frame)
    if (signature := checker.catalog.callable(node.name)) is not None:
        return _invoke(checker, node, signature, frame)
    if (function := FUNCTIONS.get(node.name)) is not None:
        return _function(checker, node, function, frame)
    known = (*FUNCTIONS, *AGGREGATES, "share", "under", *checker.catalog.names("callable"))
    return checker.problem("EXP012", node.name_at, checker.nearest(node.name, known), name=node.name)


def _invoke(checker: Checker, node: syntax.Call, signature: Signature, frame: Frame) -> Node:
    given = matched(checker, node, tuple(signature.params))
    if given is None:
        return checker.problem("EXP022", node.at, name=node.name, parameters=", ".join(signature.params))
    arguments: list[tuple[str, Node]] = list(this_argument(checker, frame, node.at) if signature.uses_this else ())
    for name, type_ in signature.params.items():
        if name not in given:
            if not type_.optional:
                checker.problem("EXP022", node.at, name=node.name, parameters=", ".join(signature.params))
            continue
        value = checker.check(given[name].value, frame)
        fitting = checker.coerce(value, type_)
        if fitting is None:
            values = {"name": name, "kind": described(value.type), "expected": described(type_)}
            checker.problem("EXP024", given[name].at, **values)
        arguments.append((name, value if fitting is None else fitting))
    return local(
        nodes.Invoke(signature.result.nullable(), node.at, checker.key("callable", node.name), tuple(arguments))
    )


def matched(checker: Checker, node: syntax.Call, names: tuple[str, ...]) -> dict[str, syntax.Argument] | None:
    """Arguments by parameter name; None when there are too many. A strange or repeated name is a problem of its own."""
    positional = [argument for argument in node.arguments if not argument.name]
    if len(positional) > len(names):
        return None
    given = dict(zip(names, positional, strict=False))
    for argument in node.arguments:
        if not argument.name:
            continue
        if argument.name in given or argument.name not in names:
            hint = checker.nearest(argument.name, (name for name in names if name not in given))
            checker.problem("EXP023", argument.at, hint, name=argument.name, of=node.name)
        given.setdefault(argument.name, argument)
    return given


def _function(checker: Checker, node: syntax.Call, function: Function, frame: Frame) -> Node:
    many = bool(function.params) and function.params[-1].many
    fixed = function.params[:-1] if many else function.params
    rest = [argument for argument in node.arguments if not argument.name][len(fixed) :] if many else []
    given = matched(checker, replace(node, arguments=_without(node.arguments, rest)), tuple(p.name for p in fixed))
    missing = [param for param in fixed if not param.optional and (given is None or param.name not in given)]
    if given is None or missing or (many and not rest and not fixed):
        return checker.problem("EXP022", node.at, name=node.name, parameters=function.signature)
    arguments: list[Node | None] = [
        _argument(checker, given[param.name], param, frame) if param.name in given else None for param in fixed
    ]
    arguments += [_argument(checker, argument, function.params[-1], frame) for argument in rest]
    _judge(checker, node, arguments)
    return _called(checker, node, function, arguments)


def _without(arguments: tuple[syntax.Argument, ...], rest: list[syntax.Argument]) -> tuple[syntax.Argument, ...]:
    return tuple(argument for argument in arguments if argument not in rest)


def _argument(checker: Checker, argument: syntax.Argument, param: Param, frame: Frame) -> Node:
    value = checker.check(argument.value, frame)
    accepted = _ACCEPTED.get(param.kind)
    kind = value.type.kind
    if accepted is None or kind in accepted or is_loose(value.type) or kind is Kind.NULL:
        return value
    expected = f"@kind_{param.kind}"
    return checker.problem("EXP024", argument.at, name=param.name, kind=described(value.type), expected=expected)


def _judge(checker: Checker, node: syntax.Call, arguments: list[Node | None]) -> None:
    """What can be said of particular functions before they run: patterns."""
    texts = [argument.value if isinstance(argument, nodes.Constant) else None for argument in arguments]
    if node.name == "text" and len(arguments) > 1:
        formats = slots(texts[0]) if isinstance(texts[0], str) else ()
        if formats is None or (isinstance(texts[0], str) and len(formats) != len(arguments) - 1):
            checker.problem("EXP042", node.arguments[0].at, pattern=str(texts[0]), count=str(len(arguments) - 1))
    if node.name == "match" and len(texts) > 1 and isinstance(texts[1], str):
        try:
            compiled(texts[1])
        except PatternError as error:
            checker.problem("EXP043", node.arguments[1].at, pattern=texts[1], reason=str(error))


def _called(checker: Checker, node: syntax.Call, function: Function, arguments: list[Node | None]) -> Node:
    if function.result == "same":
        return _same(checker, node, function, arguments)
    optional = not function.sure
    return nodes.Call(Type(_RESULTS[function.result], optional=optional), node.at, node.name, tuple(arguments))


def _same(checker: Checker, node: syntax.Call, function: Function, arguments: list[Node | None]) -> Node:
    """A function whose result is of the kind of its arguments, which must be one kind."""
    present = [argument for argument in arguments if argument is not None]
    type_ = present[0].type
    for argument in present[1:]:
        both = joined(type_, argument.type)
        if both is None:
            return checker.problem("EXP029", argument.at, left=described(type_), right=described(argument.type))
        type_ = both
    if type_.kind in MOMENTS:
        arguments = [converted(argument, type_.kind) for argument in present]
    return nodes.Call(type_.nullable(), node.at, function.name, tuple(arguments))


def _under(checker: Checker, node: syntax.Call, frame: Frame) -> Node:
    given = matched(checker, node, ("record", "ancestor"))
    if given is None or len(given) != 2:
        return checker.problem("EXP022", node.at, name=node.name, parameters="under(record: ref, ancestor: ref)")
    record, ancestor = (_reference(checker, given[name], frame) for name in ("record", "ancestor"))
    if record is None or ancestor is None:
        return nodes.Constant(BOOLEAN, node.at, None)
    checker.comparable(record, ancestor, node.at)
    return nodes.Under(BOOLEAN, node.at, record.type.of or ancestor.type.of, record, ancestor)


def _reference(checker: Checker, argument: syntax.Argument, frame: Frame) -> Node | None:
    value = checker.check(argument.value, frame)
    if value.type.kind is Kind.ROW:
        return checker.identity(value)
    if value.type.kind in {Kind.REF, Kind.NULL} or is_loose(value.type):
        return value
    checker.problem(
        "EXP024", argument.at, name="record", kind=described(value.type), expected=described(Type(Kind.REF))
    )
    return None
