"""How a function of the language is declared: one line of signature, one line in Chinese and in English.

`round(value: number, digits: integer = 0) -> number` names parameters with their kinds. `?` after a kind lets null in;
without it null gives null and the function is not asked. `*` before a name takes all that follow. `!` after the result
says that it is never null. A function is pure, deterministic and bounded; one that reads the surroundings says so with
`world`, and gets the world first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

PARAM_KINDS = frozenset(
    {"text", "number", "integer", "boolean", "moment", "date", "duration", "ordered", "list", "ref", "file", "any"}
)
RESULT_KINDS = frozenset({"text", "number", "integer", "boolean", "date", "datetime", "duration", "same", "list"})

Implementation = Callable[..., Any]
Decorated = TypeVar("Decorated", bound=Implementation)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter. `ordered` kinds are those that can be compared by size, `moment` is a date or datetime."""

    name: str
    kind: str
    nullable: bool = False
    optional: bool = False
    default: int | str | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function. `sure`: its result is never null. `browser`: the browser twin has it."""

    name: str
    params: tuple[Param, ...]
    result: str
    sure: bool
    apply: Implementation
    world: bool
    browser: bool
    zh: str
    en: str
    signature: str


FUNCTIONS: dict[str, Function] = {}

_SIGNATURE = re.compile(r"(?P<name>\w+)\((?P<params>.*)\) -> (?P<result>\w+)(?P<sure>!?)")
_PARAM = re.compile(r"(?P<many>\*?)(?P<name>\w+): (?P<kind>\w+)(?P<nullable>\??)(?: = (?P<default>\w+|'[^']*'))?")


def declared(
    signature: str, apply: Implementation, zh: str, en: str, *, world: bool = False, browser: bool = True
) -> Function:
    """A function from its signature. Raises ValueError when the signature cannot be read."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None or match["result"] not in RESULT_KINDS:
        raise ValueError(f"not a signature: {signature}")
    params = tuple(_param(part, signature) for part in match["params"].split(", ") if part)
    safe = _null_safe(apply, params, world=world)
    return Function(
        match["name"], params, match["result"], bool(match["sure"]), safe, world, browser, zh, en, signature
    )


def _param(part: str, signature: str) -> Param:
    match = _PARAM.fullmatch(part)
    if match is None or match["kind"] not in PARAM_KINDS:
        raise ValueError(f"not a parameter: {part!r} in {signature}")
    written = match["default"]
    default = None if written in {None, "null"} else written[1:-1] if written[0] == "'" else int(written)
    return Param(
        match["name"], match["kind"], bool(match["nullable"]), written is not None, default, bool(match["many"])
    )


def _null_safe(apply: Implementation, params: tuple[Param, ...], *, world: bool) -> Implementation:
    """The same function, null for null where its parameters do not take it, defaults for what is left out."""
    first = 1 if world else 0
    defaults = tuple(param.default for param in params if not param.many)
    strict = tuple(not (param.nullable or (param.optional and param.default is None)) for param in params)
    if params and params[-1].many:
        return _variadic(apply, strict, first)
    if len(params) == 1 and strict[0] and not world:
        return lambda value: None if value is None else apply(value)

    def call(*arguments: object) -> object:
        values = list(arguments)
        for index, default in enumerate(defaults):
            value = values[first + index]
            if value is None:
                if default is not None:
                    values[first + index] = default
                elif strict[index]:
                    return None
        return apply(*values)

    return call


def _variadic(apply: Implementation, strict: tuple[bool, ...], first: int) -> Implementation:
    """For a last parameter that takes all that follow: its strictness holds for each of them."""
    fixed = len(strict) - 1

    def call(*arguments: object) -> object:
        for index, value in enumerate(arguments[first:]):
            if value is None and strict[min(index, fixed)]:
                return None
        return apply(*arguments)

    return call


def install(function: Function) -> None:
    """Make a function known. Raises ValueError when the name is taken."""
    if function.name in FUNCTIONS:
        raise ValueError(f"the function {function.name} is there already")
    FUNCTIONS[function.name] = function


def function(
    signature: str, zh: str, en: str, *, world: bool = False, browser: bool = True
) -> Callable[[Decorated], Decorated]:
    """Declare and install the decorated function."""

    def installed(apply: Decorated) -> Decorated:
        install(declared(signature, apply, zh, en, world=world, browser=browser))
        return apply

    return installed
