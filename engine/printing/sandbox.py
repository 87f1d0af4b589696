"""The template language: Jinja2, cut down to what paper needs and fenced in.

In: template texts. Out: an outline for the checker, or a compiled template that renders within its limits. The one
module that imports jinja2. A template may show values, loop, choose, set a name and include a file of its own folder;
it has no macros, no text of computed size, no power, no attribute of Python's. Jinja's own sandbox leaves memory and
time open (its maintainers say so); here text comes out of values and the template alone, and every round is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.lexer import TokenStream
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from engine.printing.filters import FILTERS
from engine.printing.limits import Exhausted, Limits, Purse
from engine.printing.outline import Unreadable
from engine.printing.views import ABSENT, CodesView, CodeView, View, markup

BORROWED = ("map", "selectattr", "rejectattr", "sort", "unique", "abs")
"""Filters of Jinja that cannot make much out of little; they reach members only through `getitem` below."""

TESTS = (
    "none",
    "even",
    "odd",
    "divisibleby",
    "in",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
)
LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem")
_PURSE = " purse"  # a name that no template can write
_LARGEST = 10**34
_FAULTS = (
    TemplateError, Exhausted, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError,
)  # fmt: skip


class Stopped(Exception):
    """A template ran into something: in which template, at which line, and what; `missing` is a name it has not."""

    def __init__(self, template: str, line: int, cause: Exception) -> None:
        self.template, self.line, self.cause = template, line, cause
        self.missing = str(cause) if isinstance(cause, UndefinedError) else ""
        super().__init__(f"{template}:{line}: {cause}")


class _Missing(StrictUndefined):
    """A name that is not there; its complaint is the name alone, for the reader knows no classes of Python."""

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name)


def _is_none(value: object) -> bool:
    """Whether there is nothing; a code that was not chosen is nothing."""
    return value is None or (isinstance(value, CodeView) and not value)


class FencedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with our filters, our members, exact arithmetic and no text made large."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, limits: Limits, others: Mapping[str, str]) -> None:
        super().__init__(autoescape=True, undefined=_Missing, finalize=markup, optimized=False, loader=_Folder(others))
        self._limits = limits
        self.filters = {name: self.filters[name] for name in BORROWED}
        self.filters.update({name: each.call for name, each in FILTERS.items()}, **{_PURSE: _counted})
        self.tests = {**{name: self.tests[name] for name in TESTS}, "none": _is_none}
        self.globals = {"range": self._range}

    def _range(self, *bounds: int) -> list[int]:
        numbers = range(*bounds)
        if numbers[self._limits.rows :]:
            raise Exhausted("rows", self._limits.rows)
        return list(numbers)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A member of a view; nothing of nothing; an error for everything else."""
        if obj is None:
            return None
        if isinstance(obj, View):
            found = obj.member(attribute)
            return found if found is not ABSENT else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same for `a['b']`; a list is read by place."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, list | tuple) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else None
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic of exact numbers; texts are only put together. Raises SecurityError, Exhausted."""
        if left is None or right is None:
            return None
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            if len(left) + len(right) > self._limits.text:
                raise Exhausted("text", self._limits.text)
            return left + right
        sides = [Decimal(str(side)) if isinstance(side, int | float | Decimal) else None for side in (left, right)]
        if operator == "**" or None in sides:
            raise SecurityError(f"{operator} of {type(left).__name__} and {type(right).__name__}")
        result = super().call_binop(context, operator, *sides)
        if abs(result) >= _LARGEST:
            raise SecurityError(f"{operator} gives a number beyond 34 digits")
        return int(result) if isinstance(left, int) and isinstance(right, int) and operator != "/" else result

    def is_safe_callable(self, obj: Any) -> bool:
        """`range` alone."""
        return bool(obj == self._range)


class PrintEnvironment(FencedEnvironment):
    """Compiles templates whose loops pay for each round."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Counting().visit(super()._parse(source, name, filename))
        return tree


class PlacedEnvironment(FencedEnvironment):
    """Parses into a tree whose nodes hold the offset of their text where Jinja holds a line: it knows no columns."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = self.lexer.tokeniter(source, name, filename, state)
        return TokenStream(self.lexer.wrap(_placed(source, tokens), name, filename), name, filename)


def _placed(source: str, tokens: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """Tokens with offsets for lines; each is found behind the one before (white space may have been cut off)."""
    at = 0
    try:
        for _, kind, text in tokens:
            at = max(source.find(text, at), at)
            yield at, kind, text
            at += len(text)
    except TemplateSyntaxError as error:
        raise Unreadable("PRT001", at, {"detail": error.message or ""}) from error


@pass_context
def _counted(context: Context, values: object) -> Iterator[object]:
    """Each item is paid for as it is taken; nothing is an empty table. Raises SecurityError for what is no table."""
    purse: Purse = context[_PURSE]
    if isinstance(values, Undefined):
        len(values)  # raises, with the name
    if not isinstance(values, list | tuple | CodesView | Iterator | None):
        raise SecurityError(f"a loop over {type(values).__name__}")
    for value in values or ():
        purse.step()
        yield value


class _Counting(NodeTransformer):
    """Puts the counter around what each loop takes its items from."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 -- the name is how Jinja finds it
        node.iter = nodes.Filter(node.iter, _PURSE, [], [], None, None, lineno=node.lineno)
        self.generic_visit(node)
        return node


class _Folder(BaseLoader):
    """Templates that stand in memory: those of the definition's own folder and the engine's partials."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates

    def get_source(self, environment: Any, template: str) -> tuple[str, str, None]:
        del environment
        if template not in self._templates:
            raise TemplateNotFound(template)
        return self._templates[template], template, None


def parse(text: str, limits: Limits) -> nodes.Template:
    """The tree with offsets (see `PlacedEnvironment`). Raises Unreadable."""
    if len(text) > limits.template:
        raise Unreadable("PRT015", 0, {"limit": str(limits.template)})
    try:
        return PlacedEnvironment(limits, {}).parse(text)
    except TemplateSyntaxError as error:
        raise Unreadable("PRT001", min(error.lineno, len(text)), {"detail": error.message or ""}) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise Unreadable("PRT001", 0, {"detail": str(error)}) from error
    except RecursionError as error:
        raise Unreadable("PRT015", 0, {"limit": str(limits.depth)}) from error


class Compiled:
    """A template ready to render. Made only of a text that has an outline: that is where the language is cut down.

    `names` are the variables it reads. Raises Stopped for an unknown filter or test.
    """

    def __init__(self, text: str, name: str, others: Mapping[str, str], limits: Limits, names: frozenset[str]) -> None:
        self.names = names
        environment = PrintEnvironment(limits, others)
        self._limits = limits
        try:
            code = environment.compile(text, name, name)
        except TemplateSyntaxError as error:
            raise Stopped(error.name or name, error.lineno, error) from error
        self._template = Template.from_code(environment, code, environment.globals)

    def render(self, values: Mapping[str, object], timer: Callable[[], float] | None) -> str:
        """The HTML. Raises Stopped."""
        purse = Purse(self._limits, timer)
        context = self._template.new_context({**values, _PURSE: purse})
        pieces = []
        try:
            for piece in self._template.root_render_func(context):
                purse.text(len(piece))
                pieces.append(piece)
        except _FAULTS as error:
            raise Stopped(*_place(error), error) from error
        return "".join(pieces)


def _place(error: BaseException) -> tuple[str, int]:
    """Name and line of the innermost template that the error went through."""
    place, trace = ("", 0), error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            place = (template.name or "", template.get_corresponding_lineno(trace.tb_lineno))
        trace = trace.tb_next
    return place
