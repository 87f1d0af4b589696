"""Rights of an actor on a document type, and on one record of it.

Grants of all the actor's roles add up; each counts only for the records its `rows` condition holds for; what any
applicable grant denies stays denied. The engine's own parts may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.expressions.environment import Env, World
from engine.model.access import Grant
from engine.model.criteria import ALWAYS, Criterion, Some
from engine.model.documents import Document
from engine.model.types import SYSTEM_FIELDS
from engine.sources.criteria import exact_criterion_of

ALL = "*"
SHOWN_SYSTEM = frozenset(SYSTEM_FIELDS) - {"deleted", "frozen"}


@dataclass(frozen=True, slots=True)
class RecordRights:
    """What may be done with one record (or a new one): names of fields, events and prints."""

    read: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    edit: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    prints: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    create: bool = False
    export: bool = False
    export_masked: frozenset[str] = frozenset()
    everything: bool = False

    def reads(self, name: str) -> bool:
        """Whether a field may be seen (perhaps masked)."""
        return self.everything or (bool(self.read) and name in SHOWN_SYSTEM) or name in self.read

    def edits(self, name: str) -> bool:
        """Whether a field may be changed."""
        return self.everything or (name in self.edit and name in self.read)

    def raises(self, event: str) -> bool:
        """Whether an event may be raised."""
        return self.everything or (event not in self.denied and (ALL in self.events or event in self.events))

    def prints_form(self, print_id: str) -> bool:
        """Whether a print may be had."""
        return self.everything or (print_id not in self.denied and (ALL in self.prints or print_id in self.prints))

    @property
    def any(self) -> bool:
        """Whether the record may be seen at all."""
        return self.everything or bool(self.read)


EVERYTHING = RecordRights(everything=True, create=True, export=True)


@dataclass(frozen=True, slots=True)
class Rights:
    """Rights of one actor on one document type. What grants come to is worked out once for each choice of them."""

    document: Document
    grants: tuple[Grant, ...] = ()
    everything: bool = False
    creates: bool = field(default=False)
    _sums: dict[tuple[bool | None, ...], RecordRights] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, world: World) -> Criterion:
        """The criterion that limits what may be read; never true without a grant."""
        if self.everything:
            return ALWAYS
        parts = []
        for grant in self.grants:
            if not grant.read:
                continue
            if grant.rows is None:
                return ALWAYS
            parts.append(exact_criterion_of(grant.rows, Env(row={}, this=None, world=world)))
        return Some(tuple(parts))

    def on(self, values: Mapping[str, object], world: World) -> RecordRights:
        """Rights on one record."""
        if self.everything:
            return EVERYTHING
        env = Env(row=values, this=values, world=world)
        return self._sum(tuple([_held(grant, env) for grant in self.grants]))

    def in_general(self) -> RecordRights:
        """Rights whatever the record: for menus, heads of lists and empty forms."""
        if self.everything:
            return EVERYTHING
        return self._sum((True,) * len(self.grants))

    def _sum(self, held: tuple[bool | None, ...]) -> RecordRights:
        """The sum of the grants that count: None for one that does not, else whether it lets fields be changed."""
        known = self._sums.get(held)
        if known is None:
            counting = [(grant, edits) for grant, edits in zip(self.grants, held, strict=True) if edits is not None]
            known = self._sums[held] = _summed(frozenset(self.document.fields), counting)
        return known


def _held(grant: Grant, env: Env) -> bool | None:
    if grant.rows is not None and not grant.rows.holds(env):
        return None
    return grant.edit.when is None or grant.edit.when.holds(env)


def _summed(names: frozenset[str], held: Sequence[tuple[Grant, bool]]) -> RecordRights:
    read: set[str] = set()
    clear: set[str] = set()
    edit: set[str] = set()
    denied: set[str] = set()
    for grant, edits in held:
        seen = (names if ALL in grant.read else names & set(grant.read)) - set(grant.hide)
        read |= seen
        clear |= seen - set(grant.mask)
        if edits:
            edit |= names if ALL in grant.edit.fields else set(grant.edit.fields)
        denied |= set(grant.deny)
    return RecordRights(
        read=frozenset(read - denied),
        masked=frozenset(read - clear),
        edit=frozenset(edit - denied),
        events=frozenset(name for grant, _ in held for name in grant.events),
        prints=frozenset(name for grant, _ in held for name in grant.print),
        denied=frozenset(denied),
        create=any(grant.create for grant, _ in held),
        export=any(grant.export for grant, _ in held),
        export_masked=frozenset(name for grant, _ in held for name in grant.export_mask),
    )


def rights_of(
    document: Document, grants: Mapping[str, Grant], roles: frozenset[str], *, everything: bool = False
) -> Rights:
    """Rights that a set of roles has on a document type."""
    held = tuple(grant for role, grant in grants.items() if role in roles)
    return Rights(document, held, everything, any(grant.create for grant in held) or everything)
