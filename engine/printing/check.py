"""Checks a print template at load, before anything is printed: names, filters, loops, tags, anchors.

In: the text, the shape of its document and what else its names may mean. Out: problems, each with line and column and
the nearest valid name. A misspelt field must not show up as an empty cell on signed paper. Knows no stored value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from engine.loading.nearest import nearest
from engine.model.types import ANY, INTEGER, NULL, TEXT, Kind, Shape, Type
from engine.printing.filters import FILTERS
from engine.printing.markup import Markup
from engine.printing.outline import (
    Assigned,
    Choice,
    Combined,
    Compared,
    Constant,
    Expression,
    Filtered,
    Included,
    Loop,
    Member,
    Name,
    Shown,
    Statement,
    Unreadable,
    span,
)
from engine.printing.partials import PARTIALS
from engine.printing.reading import read
from engine.printing.sandbox import BORROWED, LOOP
from engine.printing.vocabulary import FREE, Vocabulary
from engine.problems import Problem, Severity, Span

_LOOP = Type(Kind.ROW, optional=False, shape=Shape("loop", dict.fromkeys(LOOP, ANY)))
_CODED = frozenset({Kind.CODE, Kind.CODES})
_READS_AS_TEXT = frozenset({Kind.CODE, Kind.REF, Kind.INTEGER, Kind.NUMBER})


def check_print(
    text: str,
    file: str,
    vocabulary: Vocabulary,
    *,
    anchors: Mapping[str, Span] | None = None,
    others: Mapping[str, str] | None = None,
) -> list[Problem]:
    """Every problem of a template; `anchors` are those of its definition, `others` the files of its folder by name."""
    checker = _Checker(vocabulary, dict(others or {}))
    scope = {**vocabulary.surroundings, **vocabulary.shape.fields}
    checker.file(text, file, scope, nested=False)
    found, problems = checker.anchors, checker.problems
    for name, where in (anchors or {}).items():
        if name not in found:
            problems.append(Problem("PRT007", where, {"name": name}, nearest(name, found)))
    for name, where in found.items():
        if name not in (anchors or {}):
            problems.append(Problem("PRT008", where, {"name": name}, nearest(name, anchors or {})))
    return sorted(problems, key=lambda problem: (problem.where, problem.code))


class _Checker:
    """Walks outlines with the names in scope. Scopes are dictionaries; a loop's body has its own."""

    def __init__(self, vocabulary: Vocabulary, others: Mapping[str, str]) -> None:
        self._known, self._others = vocabulary, others
        self._text = self._file = ""
        self.problems: list[Problem] = []
        self.anchors: dict[str, Span] = {}

    def file(self, text: str, file: str, scope: dict[str, Type], *, nested: bool) -> None:
        """Check one template with the names in scope, and the files that it includes."""
        outer = self._text, self._file
        self._text, self._file = text.replace("\r\n", "\n").replace("\r", "\n"), file
        markup = Markup(self._text, file)
        self.problems += markup.problems
        self.anchors.update(markup.anchors)
        self._glyphs()
        try:
            outline, refused = read(self._text, self._known.limits)
            self._statements(outline, scope, nested=nested)
        except Unreadable as error:
            refused = [error]
        self.problems += [Problem(each.code, span(self._text, file, each.at), each.values) for each in refused]
        self._text, self._file = outer

    def _glyphs(self) -> None:
        for sign in sorted(self._known.missing_glyphs(self._text)):
            where = span(self._text, self._file, self._text.index(sign))
            self.problems.append(Problem("PRT017", where, {"sign": sign}, severity=Severity.WARNING))

    def _report(self, code: str, at: int, name: str, known: Iterable[str] = (), **values: str) -> None:
        where = span(self._text, self._file, at, len(name))
        self.problems.append(Problem(code, where, {"name": name, **values}, nearest(name, known)))

    # --- statements ---

    def _statements(self, body: Sequence[Statement], scope: dict[str, Type], *, nested: bool) -> None:
        for statement in body:
            match statement:
                case Shown(value):
                    self._shown(value, scope)
                case Loop():
                    self._loop(statement, scope, nested=nested)
                case Choice(branches):
                    for test, inner in branches:
                        if test is not None:
                            self._type(test, scope)
                        self._statements(inner, scope, nested=nested)
                case Assigned(name, value):
                    scope[name] = self._type(value, scope)
                case Included(name, at):
                    self._included(name, at, scope, nested=nested)

    def _shown(self, value: Expression, scope: dict[str, Type]) -> None:
        kind = self._type(value, scope).kind
        if kind in {Kind.ROWS, Kind.ROW}:
            self._report("PRT010", _start(value), _words(value))

    def _loop(self, loop: Loop, scope: dict[str, Type], *, nested: bool) -> None:
        over = self._type(loop.over, scope)
        item = self._known.item(over)
        if item is None:
            self._report("PRT011", _start(loop.over), _words(loop.over))
        inner = {**scope, "loop": _LOOP, **dict.fromkeys(loop.names, (item or ANY) if len(loop.names) == 1 else ANY)}
        if loop.test is not None:
            self._type(loop.test, inner)
        self._statements(loop.body, inner, nested=nested)
        self._statements(loop.otherwise, scope, nested=nested)

    def _included(self, name: str, at: int, scope: dict[str, Type], *, nested: bool) -> None:
        if nested:
            self._report("PRT018", at, name)
        elif name in self._others:
            file = str(PurePosixPath(self._file).with_name(name))
            self.file(self._others[name], file, dict(scope), nested=True)
        elif name not in PARTIALS:
            self._report("PRT012", at, name, [*self._others, *PARTIALS])

    # --- expressions ---

    def _type(self, value: Expression, scope: dict[str, Type]) -> Type:
        """The type of a value, ANY where it is unknown or was reported."""
        match value:
            case Name(name, at):
                if name not in scope and name != "range":
                    self._report("PRT002", at, name, scope, owner=self._known.shape.name)
                return scope.get(name, ANY)
            case Member(of, name, at):
                return self._member(self._type(of, scope), name, at)
            case Constant(constant):
                return NULL if constant is None else INTEGER if isinstance(constant, int) else TEXT
            case Filtered():
                return self._filtered(value, scope)
            case Compared(left, _, right):
                self._coded(self._type(left, scope), right)
                self._coded(self._type(right, scope), left)
                return Type(Kind.BOOLEAN)
            case Combined(parts):
                for part in parts:
                    self._type(part, scope)
                return ANY

    def _member(self, of: Type, name: str, at: int) -> Type:
        if of.kind in FREE:
            return ANY
        members = self._known.members(of)
        if members is None:
            return ANY
        if name not in members:
            self._report("PRT002", at, name, members, owner=of.of or (of.shape.name if of.shape else of.kind.value))
        return members.get(name, ANY)

    def _filtered(self, value: Filtered, scope: dict[str, Type]) -> Type:
        of = self._type(value.of, scope)
        for argument in value.arguments:
            self._type(argument, scope)
            self._coded(of, argument)
        if value.name in BORROWED:
            return ANY if value.name == "map" else of
        known = FILTERS.get(value.name)
        if known is None:
            self._report("PRT003", value.at, value.name, [*FILTERS, *BORROWED])
            return ANY
        fits = known.fits | _READS_AS_TEXT if known.fits and Kind.TEXT in known.fits else known.fits
        if fits and of.kind not in FREE | fits:
            self._report("PRT009", value.at, value.name, kind=of.kind.value)
        if value.name in {"first", "last"}:
            return self._known.item(of) or ANY
        return of if known.gives is None else Type(known.gives)

    def _coded(self, of: Type, other: Expression) -> None:
        """A code that stands in the template must be one of the list's."""
        if of.kind in _CODED and isinstance(other, Constant) and isinstance(other.value, str):
            codes = self._known.codes(of.of)
            if codes is not None and other.value not in codes:
                self._report("PRT013", other.at + 1, other.value, codes, list=of.of)


def _start(value: Expression) -> int:
    while isinstance(value, Member | Filtered):
        value = value.of
    return value.at


def _words(value: Expression) -> str:
    """The dotted path as written, for the message."""
    match value:
        case Name(name):
            return name
        case Member(of, name):
            return f"{_words(of)}.{name}"
        case Filtered(of):
            return _words(of)
        case _:
            return "…"
