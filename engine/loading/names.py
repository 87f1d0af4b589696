"""Ids of all elements, and how they are found from inside a system.

In: every element that stands in the files. Out: registry keys: the plain id, or `system.id` in a system that is
`qualified`. What is kept goes by its key, so no key may change because another system comes: of the kinds that are
kept, an id stands once over all systems that are not qualified. Of other kinds one that stands twice has its system in
its key. An id is looked for in its own system, in those that it uses and in `shared`; found twice it has to be written
with its system. Knows no content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.system import SHARED
from engine.problems import NOWHERE, Problem, Span

KEPT = ("document", "print", "mapping", "value", "job", "notice")
"""Kinds whose keys stand in tables, history, settings and effects."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing with an id: `kind` as in `document`, `query`, `value`, `code`; `where` is the place of its id.

    `of` is set for an extension: the registry key of the document that it adds to.
    """

    kind: str
    id: str
    system: str
    where: Span = NOWHERE
    of: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an id leads to; `ambiguous` are the qualified names when there are several."""

    key: str = ""
    ambiguous: tuple[str, ...] = ()


@dataclass(slots=True)
class Names:
    """All elements by kind and id. `uses` tells the systems that each system uses, `qualified` those whose keys always
    have their system."""

    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    qualified: frozenset[str] = frozenset()
    _elements: dict[str, dict[str, dict[str, Element]]] = field(default_factory=dict)  # kind -> id -> system
    _cache: dict[tuple[str, str, str], Found] = field(default_factory=dict)

    def add(self, element: Element) -> Element | None:
        """Note an element; the one that already has its id, if any."""
        systems = self._elements.setdefault(element.kind, {}).setdefault(element.id, {})
        if element.system in systems:
            return systems[element.system]
        systems[element.system] = element
        return None

    def elements(self) -> Iterable[Element]:
        """All of them."""
        for ids in self._elements.values():
            for systems in ids.values():
                yield from systems.values()

    def key_of(self, kind: str, name: str, system: str) -> str:
        """The registry key of an element that stands in this system."""
        systems = self._elements.get(kind, {}).get(name, {})
        element = systems.get(system)
        if element is not None and element.of:
            return element.of
        return name if system not in self.qualified and len(self._plain(systems)) <= 1 else f"{system}.{name}"

    def _plain(self, systems: Mapping[str, Element]) -> list[Element]:
        """Those of one id that would go by the plain id, what is shared first."""
        found = [one for one in systems.values() if not one.of and one.system not in self.qualified]
        return sorted(found, key=lambda one: (one.system != SHARED, one.system))

    def collisions(self) -> Iterator[Problem]:
        """Ids of kinds that are kept which stand in several systems without saying which."""
        for kind in KEPT:
            for name, systems in self._elements.get(kind, {}).items():
                first, *others = self._plain(systems) or [Element(kind, name, "")]
                for other in others:
                    values = {"kind": f"@{kind}", "name": name, "system": other.system, "other": first.system}
                    yield Problem("NAM015", other.where, values, related=(first.where,))

    def find(self, kind: str, name: str, system: str) -> Found:
        """What an id means when it is written in this system."""
        asked = (kind, name, system)
        if asked not in self._cache:
            self._cache[asked] = self._find(kind, name, system)
        return self._cache[asked]

    def _find(self, kind: str, name: str, system: str) -> Found:
        ids = self._elements.get(kind, {})
        if name not in ids and "." in name:
            owner, _, name = name.partition(".")
            return Found(self.key_of(kind, name, owner)) if owner in ids.get(name, {}) else Found()
        owners = [owner for owner in self.reach(system) if owner in ids.get(name, {})]
        keys = {self.key_of(kind, name, owner): owner for owner in reversed(owners)}
        if len(keys) > 1:
            return Found("", tuple(f"{owner}.{name}" for owner in owners))
        return Found(next(iter(keys), ""))

    def key(self, kind: str, name: str, system: str) -> str | None:
        """The registry key that an id leads to; None when there is none or more than one."""
        return self.find(kind, name, system).key or None

    def known(self, kind: str, system: str) -> list[str]:
        """All ids of a kind in reach, sorted."""
        reach = set(self.reach(system))
        return sorted(name for name, owners in self._elements.get(kind, {}).items() if reach & owners.keys())

    def reach(self, system: str) -> tuple[str, ...]:
        """The systems whose ids can be written without their system."""
        return tuple(dict.fromkeys((system, *self.uses.get(system, ()), SHARED)))

    def resolve(self, kind: str, name: str, system: str, where: Span, problems: list[Problem]) -> str:
        """The registry key, or the name as written; a name with two meanings is a problem."""
        found = self.find(kind, name, system)
        if found.ambiguous:
            values = {"kind": f"@{kind}", "name": name, "choices": ", ".join(found.ambiguous)}
            problems.append(Problem("NAM001", where, values, found.ambiguous[0]))
        return found.key or name
