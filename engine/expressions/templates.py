"""Texts with expressions in braces, and keys that give a value: `{number} 还剩 {left}`, `{today:%Y%m%d}`, `=qty + 1`.

In: the text and its place, the scope and the catalog. Out: checked pieces, or problems at their columns. Doubled braces
are braces; a colon outside brackets and quotes begins the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.expressions.expression import Checked, check_expression
from engine.expressions.names import Catalog, Scope
from engine.expressions.showing import format_is_known, shown
from engine.model.formula import Formula, Given
from engine.model.types import Type
from engine.problems import Problem, Span


@dataclass(frozen=True, slots=True)
class Slot:
    """One expression of a text: what was written, its place, and how its value is shown."""

    text: str
    format: str
    where: Span
    checked: Checked | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text whose expressions are checked."""

    pieces: tuple[str | Slot, ...]

    def render(self, env: object, language: str = "zh") -> str:
        """The text with its values; null is nothing."""
        return "".join(
            piece
            if isinstance(piece, str)
            else shown(piece.checked.evaluate(env) if piece.checked is not None else None, piece.format, language)
            for piece in self.pieces
        )


def text_template(text: str, where: Span, scope: Scope, catalog: Catalog) -> tuple[Text | None, tuple[Problem, ...]]:
    """Split a text and check what stands in its braces."""
    problems: list[Problem] = []
    pieces: list[str | Slot] = []
    for piece in split_text(text, where, problems):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        checked, found = check_expression(piece.text, piece.where, scope, catalog)
        problems.extend(found)
        pieces.append(Slot(piece.text, piece.format, piece.where, checked))
    whole = all(isinstance(piece, str) or piece.checked is not None for piece in pieces)
    fits = whole and not any(problem.code in {"EXP040", "EXP041"} for problem in problems)
    return Text(tuple(pieces)) if fits else None, tuple(problems)


def split_text(text: str, where: Span, problems: list[Problem]) -> Sequence[str | Slot]:
    """The pieces of a text, unchecked; braces and formats that do not fit are added to the problems."""
    pieces: list[str | Slot] = []
    for piece in _pieces(text, where, problems):
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _pieces(text: str, where: Span, problems: list[Problem]) -> Iterator[str | Slot]:
    at = 0
    while at < len(text):
        char = text[at]
        if char not in "{}":
            end = min((found for found in (text.find("{", at), text.find("}", at)) if found >= 0), default=len(text))
            yield text[at:end]
        elif text.startswith(char * 2, at):
            yield char
            end = at + 2
        else:
            close = _find(text, at + 1, len(text), "}") if char == "{" else -1
            if close < 0:
                problems.append(Problem("EXP040", where.shifted(at, len(text)), {"found": text[at:]}))
                return
            yield _slot(text, at + 1, close, where, problems)
            end = close + 1
        at = end


def _slot(text: str, start: int, end: int, where: Span, problems: list[Problem]) -> Slot:
    colon = _find(text, start, end, ":")
    stop = end if colon < 0 else colon
    spec = "" if colon < 0 else text[colon + 1 : end]
    if not format_is_known(spec):
        problems.append(Problem("EXP041", where.shifted(stop, end), {"found": spec}))
    return Slot(text[start:stop], spec, where.shifted(start, stop))


def _find(text: str, start: int, end: int, wanted: str) -> int:
    """Offset of a character outside brackets and quotes, or -1."""
    depth, quote = 0, ""
    for at in range(start, end):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char == wanted and depth == 0:
            return at
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
    return -1


def given_value(
    value: object, where: Span, scope: Scope, catalog: Catalog, *, expected: Type | None = None
) -> tuple[Given | None, tuple[Problem, ...]]:
    """What a key gives: a literal as it is, or the expression behind `=`, checked and linked."""
    if not isinstance(value, str) or not value.startswith("="):
        return Given(value, None, where), ()
    place = where.shifted(1, len(value))
    checked, problems = check_expression(value[1:], place, scope, catalog, expected=expected)
    if checked is None:
        return None, problems
    return Given(None, Formula(value[1:], place, checked), where), problems
