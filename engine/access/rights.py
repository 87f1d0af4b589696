"""Rights of an actor on a document type, and on one record of it.

Grants of all the actor's roles add up; each counts only for the records its `rows` condition holds for; what any
applicable grant denies stays denied. The engine's own parts may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.expressions.environment import Env, World
from engine.model.access import Grant
from engine.model.criteria import ALWAYS, Criterion, Every, Not, Some
from engine.model.documents import Document
from engine.model.types import SYSTEM_FIELDS
from engine.sources.criteria import exact_criterion_of

ALL = "*"
SHOWN_SYSTEM = frozenset(SYSTEM_FIELDS) - {"deleted", "frozen"}
NEEDED_SYSTEM = frozenset({"id", "state", "version"})
"""What nobody can work without who sees a record at all; other system fields can be hidden like any field."""


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
    bring_in: bool = False
    export_masked: frozenset[str] = frozenset()
    everything: bool = False
    unseen: frozenset[str] = frozenset()  # system fields that are hidden

    def reads(self, name: str) -> bool:
        """Whether a field may be seen (perhaps masked)."""
        shown = bool(self.read) and name in SHOWN_SYSTEM and name not in self.unseen
        return self.everything or shown or name in self.read

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


EVERYTHING = RecordRights(everything=True, create=True, export=True, bring_in=True)


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
        return _where([grant for grant in self.grants if grant.read], world)

    def rows_showing(self, world: World, name: str, *, clear: bool) -> Criterion:
        """The criterion of the records whose field of that name may be read, with `clear` not only masked.

        Whoever filters by a field must not learn of values where it is hidden.
        """
        if self.everything:
            return ALWAYS
        showing = [grant for grant in self.grants if _shows(self.document, grant, name, clear=clear)]
        denied = [Not(_where([grant], world)) for grant in self.grants if name in grant.deny]
        return Every((_where(showing, world), *denied)) if denied else _where(showing, world)

    def sees_everywhere(self, name: str) -> bool:
        """Whether a field is seen in the clear in every record that may be seen: only then can it be sorted by."""
        if self.everything:
            return True
        reading = [grant for grant in self.grants if grant.read]
        clear = [_shows(self.document, grant, name, clear=True) for grant in reading]
        anywhere = any(shown and grant.rows is None for grant, shown in zip(reading, clear, strict=True))
        return bool(reading) and (all(clear) or anywhere) and not any(name in grant.deny for grant in self.grants)

    @property
    def exports_everywhere(self) -> bool:
        """Whether every record that may be seen may be taken away: only then can they be taken away together."""
        reading = [grant for grant in self.grants if grant.read]
        anywhere = any(grant.export and grant.rows is None for grant in self.grants)
        return self.everything or (bool(reading) and (anywhere or all(grant.export for grant in reading)))

    def on(self, values: Mapping[str, object], world: World) -> RecordRights:
        """Rights on one record."""
        if self.everything:
            return EVERYTHING
        if all(grant.rows is None and grant.edit.when is None for grant in self.grants):
            return self.in_general()
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


def _where(grants: Sequence[Grant], world: World) -> Criterion:
    """Where at least one of the grants holds."""
    if any(grant.rows is None for grant in grants):
        return ALWAYS
    env = Env(row={}, this=None, world=world)
    return Some(tuple(exact_criterion_of(grant.rows, env) for grant in grants if grant.rows is not None))


def _shows(document: Document, grant: Grant, name: str, *, clear: bool) -> bool:
    if not grant.read or name in grant.hide or (clear and name in grant.mask):
        return False
    if name in SYSTEM_FIELDS:
        return name in SHOWN_SYSTEM
    return name in document.fields and (ALL in grant.read or name in grant.read)


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
    hiding = [(SHOWN_SYSTEM - NEEDED_SYSTEM) & {*grant.hide, *grant.mask} for grant, _ in held if grant.read]
    return RecordRights(
        read=frozenset(read - denied),
        masked=frozenset(read - clear),
        edit=frozenset(edit - denied),
        events=frozenset(name for grant, _ in held for name in grant.events),
        prints=frozenset(name for grant, _ in held for name in grant.print),
        denied=frozenset(denied),
        create=any(grant.create for grant, _ in held),
        export=any(grant.export for grant, _ in held),
        bring_in=any(grant.bring_in for grant, _ in held),
        export_masked=frozenset(name for grant, _ in held for name in grant.export_mask),
        unseen=(frozenset.intersection(*hiding) if hiding else frozenset()) | (denied & SHOWN_SYSTEM - NEEDED_SYSTEM),
    )


def rights_of(
    document: Document, grants: Mapping[str, Grant], roles: frozenset[str], *, everything: bool = False
) -> Rights:
    """Rights that a set of roles has on a document type."""
    held = tuple(grant for role, grant in grants.items() if role in roles)
    return Rights(document, held, everything, any(grant.create for grant in held) or everything)
