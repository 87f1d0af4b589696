"""What the checker works out once for a document type, so that no request has to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.storage import Storage
from engine.model.types import SYSTEM_FIELDS

Path = tuple[str, ...]
_SYSTEM = frozenset((name,) for name in SYSTEM_FIELDS if name != "id")


@dataclass(frozen=True, slots=True)
class Watch:
    """Records of another document type whose change may alter ours.

    A changed record `other` concerns our records for which each (our path, their field) pair is equal; no pairs: all.
    """

    document: str
    pairs: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentProgram:
    """Order of computing, what depends on what, and what must be stored.

    `order` holds `(field,)` and `(table, field)` paths of all fields that the engine gives (computed, copied, found,
    filled), each after everything that it reads. `dependents` maps a path to the paths that read it.
    `itself_watches`: changes elsewhere after which events `by: itself` must be looked at again.
    """

    document: str
    order: tuple[Path, ...]
    storage: Storage
    dependents: Mapping[Path, frozenset[Path]] = field(default_factory=dict)
    find_watches: tuple[Watch, ...] = ()
    itself_watches: tuple[Watch, ...] = ()
    itself_events: tuple[str, ...] = ()

    @property
    def reads_system(self) -> bool:
        """Whether anything that the engine gives reads a system field of its own record."""
        return not _SYSTEM.isdisjoint(self.dependents)
