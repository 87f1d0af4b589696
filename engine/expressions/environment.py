"""What an expression is evaluated in: the row at hand, and the world it may ask.

In: plain mappings with a value for every field, as `engine.model.values` describes them. Out: nothing; evaluation reads
only. Knows no store: a `World` is given by the unit of work, the web session or a test.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from engine.model.criteria import Criterion, Order

Row = Mapping[str, Any]
"""One row or record: every declared field has a key, nothing is None."""


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A source that is not selected from one document type: `World.rows` answers it.

    `back`: records that refer to record `id` of `document`, under the back reference `name`. `history`: entries of all
    records of `document`.
    """

    kind: Literal["back", "history"]
    name: str = ""
    document: str = ""
    id: str = ""


class World(Protocol):
    """The surroundings of an evaluation, as of one moment and one business date."""

    @property
    def now(self) -> datetime:
        """The moment of the evaluation."""
        ...

    @property
    def today(self) -> date:
        """Its date."""
        ...

    @property
    def user(self) -> Row | None:
        """Who acts; `id` and `roles` (a collection of role names) beside the account's own fields."""
        ...

    @property
    def org(self) -> Row | None:
        """The organisation that the user acts for."""
        ...

    @property
    def device(self) -> Row | None:
        """The device that the user stands at."""
        ...

    @property
    def caller(self) -> Row | None:
        """The outside client of an interface."""
        ...

    def follow(self, document: str, record_id: str) -> Row | None:
        """A record by reference; `document` may be `type.table`: a child row then, `parent` being its owner's id."""
        ...

    def code(self, list_id: str, code: str, column: str) -> object:
        """A column of a code list row as of the business date; None when there is none."""
        ...

    def select(self, document: str, where: Criterion, order: Sequence[Order], limit: int) -> Sequence[Row]:
        """Records of a document type with their child tables, at most `limit`."""
        ...

    def added_up(self, document: str, where: Criterion, field: str) -> int | Decimal | None:
        """The sum of a field over records of a document type, or without a field how many there are, worked out where
        they are stored; None where that cannot be done, and they have to be gone through."""
        ...

    def rows(self, source: RowsOf) -> Sequence[Row]:
        """Rows of any other source."""
        ...

    def history(self, document: str, record_id: str) -> Sequence[Row]:
        """History entries of one record, oldest first."""
        ...

    def parameter(self, name: str) -> object:
        """`values.name` as of the business date."""
        ...

    def call(self, name: str, arguments: Mapping[str, object]) -> object:
        """A decision table (a mapping, or a list of them for collecting hit policies; None without a hit) or query."""
        ...

    def below(self, document: str, ancestor: str) -> Collection[str]:
        """Ids of a record of a tree and of all that stand under it."""
        ...

    def under(self, document: str, record_id: str, ancestor: str) -> bool:
        """Whether a record of a tree is the ancestor or stands under it."""
        ...

    def working_days_after(self, moment: date, days: int) -> date:
        """The date (or datetime, when one is given) so many working days later; earlier when negative."""
        ...

    def new_id(self) -> str:
        """A fresh id of 32 lower-case hexadecimal digits."""
        ...


class Env:
    """One row in its place; cheap to make for every row.

    `index` is the row's place in its child table, from 0. `memo` may be given to let costly parts be computed once for
    all rows of a table that does not change meanwhile.
    """

    __slots__ = ("event", "index", "locals", "memo", "parent", "row", "this", "up", "world")

    def __init__(  # noqa: PLR0913 - one argument for each word of the scope
        self,
        row: Row,
        world: World,
        *,
        this: Row | None = None,
        parent: Row | None = None,
        up: Env | None = None,
        index: int | None = None,
        event: Row | None = None,
        names: Mapping[str, object] | None = None,
        memo: dict[object, object] | None = None,
    ) -> None:
        self.row = row
        self.world = world
        self.this = this
        self.parent = parent
        self.up = up
        self.index = index
        self.event = event
        self.locals: Mapping[str, object] = names if names is not None else {}
        self.memo = memo

    def inner(
        self,
        row: Row,
        *,
        parent: Row | None = None,
        index: int | None = None,
        names: Mapping[str, object] | None = None,
    ) -> Env:
        """The environment of a row of a source that is read from here."""
        return Env(
            row,
            self.world,
            this=self.this,
            parent=parent,
            up=self,
            index=index,
            event=self.event,
            names=names,
            memo=self.memo,
        )
