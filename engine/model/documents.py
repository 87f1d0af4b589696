"""Documents: fields, child tables, rules, and what belongs to one document type as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.model.formula import DatedSpan, Formula, Given, RowSource, Template, Title
from engine.model.types import Shape, Type
from engine.problems import NOWHERE, Level, Span


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document, child table, part or question (`ask`).

    `kind` is the id of the field type (`citizen_id`), `type` what expressions see of it (text). A condition that is
    always the same is a bool. `copied` is the dotted path after `from`; `find` makes the reference look itself up.
    """

    name: str
    title: Title
    kind: str
    type: Type
    where: Span = NOWHERE
    hint: Title = Title()
    required: bool | Formula = False
    show: bool | Formula = True
    edit: bool | Formula | None = None
    default: Given | None = None
    value: Formula | None = None
    copied: Formula | None = None
    filter: Formula | None = None
    find: Formula | None = None
    newest: str = ""
    back: str = ""
    check: Formula | None = None
    unique: bool = False
    minimum: Decimal | Formula | None = None
    maximum: Decimal | Formula | None = None
    digits: int | None = None
    scale: int | None = None
    rows_min: int = 0
    rows_max: int | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    filled: RowSource | None = None
    listed: tuple[Mapping[str, Given], ...] = ()  # computed rows that are written out one by one
    many: bool = False
    accept: tuple[str, ...] = ()
    max_size: int | None = None
    protect: bool = False
    mask: str = ""
    widget: str = ""
    of: str = ""  # what a signature signs; the table whose rows are asked for
    key: str = ""  # the signing key that a signature needs
    capture: str = ""  # where a file comes from: camera
    english: str = ""  # the field that says the same in English
    also: tuple[str, ...] = ()  # other spellings that are accepted in messages

    @property
    def is_table(self) -> bool:
        """Whether this is a child table."""
        return self.kind == "table"

    @property
    def is_derived(self) -> bool:
        """Whether the engine, not the person, gives the value, unless `edit` allows changing it."""
        filled = self.filled is not None and not self.filled.keep
        return self.value is not None or self.find is not None or filled or bool(self.listed)

    @property
    def is_engines_own(self) -> bool:
        """Whether nobody but the engine gives the value: it follows from others and may not be changed."""
        return self.edit in (None, False) and (self.is_derived or self.copied is not None)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is refused, asked or warned about. `check` must hold where `when` does; else `when` itself is the fault.

    `each` names a child table: the rule is judged for every row. `on` are the events at which it counts (empty: all).
    """

    id: str
    message: Template
    check: Formula | None = None
    when: Formula | None = None
    each: str = ""
    at: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    level: Level = Level.ERROR
    dated: DatedSpan = DatedSpan()
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """Fields that may not repeat, where `when` holds; a repetition is told `at` a field."""

    fields: tuple[str, ...]
    when: Formula | None = None
    where: Span = NOWHERE
    at: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """From event `on`, the computed `fields` (empty: all) keep what they were."""

    on: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document type, parts merged in. `shape` is what expressions see of a record."""

    id: str
    system: str
    title: Title
    fields: Mapping[str, Field]
    shape: Shape
    where: Span = NOWHERE
    number: Template | None = None
    business_date: Formula | None = None
    label: str = ""  # field that names a record to people; the number, else the first text field, unless said
    rules: Mapping[str, Rule] = field(default_factory=dict)
    uniques: tuple[UniqueKey, ...] = ()
    freeze: Freeze = Freeze()
    search: tuple[str, ...] = ()
    told_apart_by: tuple[str, ...] = ()
    expected_rows: int = 0
    expected_children: Mapping[str, int] = field(default_factory=dict)
    retain: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    tree: str = ""  # field that refers to the parent record of the same type
    parts: tuple[str, ...] = ()
    ledger: str = ""  # the ledger whose accounts or entries these are: nobody makes or changes one but by posting

    def field_at(self, path: tuple[str, ...]) -> Field | None:
        """The field a path names, row indexes left out: ("lines", "3", "qty")."""
        fields, found = self.fields, None
        for step in path:
            if step.isdigit():
                continue
            found = fields.get(step)
            if found is None:
                return None
            fields = found.fields
        return found
