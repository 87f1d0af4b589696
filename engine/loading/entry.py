"""Reading the keys of one mapping into pieces of the model: titles, formulas, given values, names.

In: a `Piece` that the schema has judged. Out: model values; a value of the wrong shape reads as absent, its problem has
been reported by then. Knows which kind of text each key holds, not what the keys mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar

from engine.expressions.templates import split_text
from engine.loading.phrases import read_length
from engine.loading.piece import Origin, Piece, is_mapping
from engine.loading.renaming import renamed
from engine.model.formula import DatedSpan, Formula, Given, RowSource, Sort, SortKey, Template, Title
from engine.problems import Problem, Span


class Entry:
    """One mapping. `shape` names its schema; pieces of several files may stand in it after a part was merged in."""

    __slots__ = ("origin", "pieces", "shape", "where")

    observed: ClassVar[set[tuple[str, str]] | None] = None
    """Where a test wants to know which keys builders read: (shape, key)."""

    def __init__(self, pieces: Mapping[str, Piece], shape: str, where: Span, origin: Origin) -> None:
        self.pieces, self.shape, self.where, self.origin = pieces, shape, where, origin

    @classmethod
    def of(cls, piece: Piece, shape: str) -> Entry:
        """The entry that a piece holds; an empty one when it holds no mapping."""
        return cls(piece.entries(), shape, piece.where, piece.origin)

    def __contains__(self, key: str) -> bool:
        return self.piece(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.pieces)

    def piece(self, key: str) -> Piece | None:
        """The piece under a key, null included."""
        if Entry.observed is not None:
            Entry.observed.add((self.shape, key))
        return self.pieces.get(key)

    def at(self, key: str) -> Span:
        """Where a key's value stands, or the entry itself."""
        piece = self.piece(key)
        return self.where if piece is None else piece.where

    def report(
        self, code: str, where: Span, suggestion: str = "", related: tuple[Span, ...] = (), **values: str
    ) -> None:
        """Note a problem."""
        self.origin.problems.append(Problem(code, where, values, suggestion, related=related))

    def missing(self, key: str) -> None:
        """Note that a key must be there."""
        self.report("SHP002", self.where, key=key)

    def text(self, key: str, default: str = "") -> str:
        """Text as written; a number is given as its digits."""
        piece = self.piece(key)
        return default if piece is None or piece.value is None else text_of(piece)

    def title(self, key: str = "title") -> Title:
        """A title: one text, or one for each language."""
        piece = self.piece(key)
        return Title() if piece is None else title_of(piece)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        piece = self.piece(key)
        return piece.value if piece is not None and isinstance(piece.value, bool) else default

    def whole(self, key: str) -> int | None:
        """A whole number."""
        piece = self.piece(key)
        value = None if piece is None else piece.value
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def names(self, key: str) -> tuple[str, ...]:
        """One name or a list of them."""
        return tuple(text_of(item) for item in self.several(key) if not isinstance(item.value, dict | list))

    def several(self, key: str) -> list[Piece]:
        """The pieces of a list, or the single one."""
        piece = self.piece(key)
        return [] if piece is None else piece.items()

    def formula(self, key: str) -> Formula | None:
        """An expression."""
        piece = self.piece(key)
        return None if piece is None else formula_of(piece)

    def asked(self, key: str) -> Formula | None:
        """An expression, also where it was written behind `=`."""
        piece = self.piece(key)
        return None if piece is None or piece.value is None else asked_or_given(piece)

    def formulas(self, key: str) -> dict[str, Formula]:
        """Expressions by name; a list of paths names each after its last step."""
        piece = self.piece(key)
        if piece is None:
            return {}
        found = piece.entries() or {item.raw.rpartition(".")[2]: item for item in piece.items()}
        return {name: formula for name, item in found.items() if (formula := formula_of(item)) is not None}

    def condition(self, key: str, *, default: bool | None) -> bool | Formula | None:
        """True, false or an expression."""
        piece = self.piece(key)
        if piece is None or piece.value is None:
            return default
        return piece.value if isinstance(piece.value, bool) else formula_of(piece)

    def limit(self, key: str) -> Decimal | Formula | None:
        """A number or an expression."""
        piece = self.piece(key)
        if piece is None or piece.value is None or isinstance(piece.value, bool):
            return None
        return Decimal(piece.value) if isinstance(piece.value, int | Decimal) else asked_or_given(piece)

    def number(self, key: str) -> Decimal | None:
        """A number."""
        found = self.limit(key)
        return found if isinstance(found, Decimal) else None

    def given(self, key: str) -> Given | None:
        """A value, or an expression behind `=`."""
        piece = self.piece(key)
        return None if piece is None else given_of(piece)

    def givens(self, key: str) -> dict[str, Given]:
        """Given values by name."""
        piece = self.piece(key)
        return {} if piece is None else {name: given_of(item) for name, item in piece.entries().items()}

    def copied(self, key: str) -> Formula | None:
        """A record or JSON value that gives its fields, where an expression stands in place of single values."""
        piece = self.piece(key)
        return given_of(piece).formula if piece is not None and isinstance(piece.value, str) else None

    def length(self, key: str) -> Formula | None:
        """A length of time: `45 days`, or an expression behind `=`."""
        piece = self.piece(key)
        return None if piece is None or piece.value is None else length_of(piece)

    def dated(self) -> DatedSpan:
        """`from`, `until` and the `source` that says so."""
        return DatedSpan(self.text("from"), self.text("until"), self.text("source"))

    def template(self, key: str) -> Template | None:
        """Text with expressions in braces."""
        piece = self.piece(key)
        return None if piece is None or piece.value is None else template_of(piece)

    def entry(self, key: str, shape: str) -> Entry | None:
        """The mapping under a key."""
        piece = self.piece(key)
        return Entry.of(piece, shape) if piece is not None and is_mapping(piece.value) else None

    def entries(self, key: str, shape: str) -> dict[str, Entry]:
        """Mappings by name under a key; what is none is left out."""
        piece = self.piece(key)
        found = {} if piece is None else piece.entries()
        return {name: Entry.of(item, shape) for name, item in found.items() if is_mapping(item.value)}

    def each(self, key: str, shape: str) -> list[Entry]:
        """The mappings of a list."""
        return [Entry.of(item, shape) for item in self.several(key) if is_mapping(item.value)]


def text_of(piece: Piece) -> str:
    """A scalar as text; a name that a part took is replaced by what it was given."""
    text = piece.raw
    if text.startswith("=") and piece.origin.given:
        return piece.origin.given.get(text[1:].strip(), text)
    return text


def title_of(piece: Piece) -> Title:
    """A title: one text, or one for each language."""
    if is_mapping(piece.value):
        texts = {language: item.raw for language, item in piece.entries().items()}
        return Title(texts.get("zh", ""), texts.get("en", ""))
    return Title(piece.raw)


def formula_of(piece: Piece) -> Formula | None:
    """The expression of a scalar; null and what is no scalar is none."""
    if piece.value is None or isinstance(piece.value, dict | list):
        return None
    return Formula(renamed(piece.raw, piece.origin.given), piece.where)


def asked_or_given(piece: Piece) -> Formula | None:
    """An expression that may, out of habit, begin with `=`."""
    if isinstance(piece.value, str) and piece.value.startswith("="):
        return given_of(piece).formula
    return formula_of(piece)


def given_of(piece: Piece) -> Given:
    """A literal, or the expression behind `=`; lists and mappings keep the expressions inside them as `Given`s."""
    value = piece.value
    if isinstance(value, str):
        if not value.startswith("="):
            return Given(value, None, piece.where)
        where = piece.where
        behind = where.shifted(1, len(value))
        return Given(None, Formula(renamed(value[1:], piece.origin.given), behind), where)
    if isinstance(value, list):
        return Given(tuple(_literal(given_of(item)) for item in piece.items()), None, piece.where)
    if is_mapping(value) and "each" in value:
        return Given(None, None, piece.where, row_source(Entry.of(piece, "row_source")))
    if is_mapping(value):
        return Given({name: _literal(given_of(item)) for name, item in piece.entries().items()}, None, piece.where)
    return Given(value, None, piece.where)


def _literal(given: Given) -> object:
    return given if given.formula is not None or given.rows is not None else given.literal


def length_of(piece: Piece) -> Formula | None:
    """A length of time as an expression."""
    if isinstance(piece.value, str) and piece.value.startswith("="):
        return given_of(piece).formula
    length = read_length(text_of(piece))
    return None if length is None else Formula(length, piece.where)


def row_source(entry: Entry, *, keep: bool = True) -> RowSource:
    """Rows of a source, as a table is filled with them; `keep` for those that are copied once."""
    return RowSource(
        each=entry.formula("each") or Formula("null", entry.where),
        given=entry.givens("with"),
        same=entry.flag("same"),
        per=entry.formulas("per"),
        where=entry.formula("where"),
        sort=sort_of(entry),
        keep=keep,
        on=entry.names("on"),
        most=entry.whole("most"),
    )


def sort_of(entry: Entry) -> Sort | None:
    """The order of a source: `-amount`, `[expiry, location.walk]` or the same with a comma in one text."""
    keys = tuple(key for piece in entry.several("sort") for key in _sort_keys(piece))
    return Sort(keys) if keys else None


def _sort_keys(piece: Piece) -> Iterator[SortKey]:
    """Keys of one text; a minus before a key turns its order round, whatever the key is made of."""
    for start, end in _between_commas(piece.raw):
        text = piece.raw[start:end]
        begin = start + len(text) - len(text.lstrip())
        descending = piece.raw.startswith("-", begin)
        begin += descending
        where = piece.where if (begin, end) == (0, len(piece.raw)) else piece.where.shifted(begin, end)
        yield SortKey(Formula(renamed(piece.raw[begin:end].strip(), piece.origin.given), where), descending)


def _between_commas(text: str) -> Iterator[tuple[int, int]]:
    """Stretches between the commas that stand in no bracket and no quotes."""
    start, depth, quote = 0, 0, ""
    for index, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            yield start, index
            start = index + 1
    yield start, len(text)


def template_of(piece: Piece) -> Template:
    """Text with expressions in braces, split; of wordings by language the Chinese one leads."""
    if is_mapping(piece.value):
        wordings = {language: template_of(one) for language, one in piece.entries().items()}
        main = wordings.get("zh") or next(iter(wordings.values()))
        main.others = {language: one for language, one in wordings.items() if one is not main}
        return main
    pieces = tuple(
        one if isinstance(one, str) else (Formula(renamed(one.text, piece.origin.given), one.where), one.format)
        for one in split_text(piece.raw, piece.where, piece.origin.problems)
    )
    return Template(piece.raw, piece.where, pieces)
