"""Doors to keys and databases as copies of a node need them. Implemented by adapters that do not know each other."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from engine.model.node_care import Sealed


class DataKey(Protocol):
    """One key that seals the parts of one copy."""

    def seal(self, content: bytes, context: str) -> bytes:
        """The bytes encrypted and bound to a context."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The bytes. Raises ValueError when altered or of another context."""
        ...

    def mac(self, content: bytes) -> str:
        """A keyed digest in hexadecimal digits."""
        ...


class CopyKeys(Protocol):
    """Makes and opens the keys of copies."""

    @property
    def recoverable(self) -> bool:
        """Whether a passphrase was set, so that copies can be opened without this node's keys."""
        ...

    def choose(self, passphrase: str) -> None:
        """Seal the keys of copies under a passphrase from now on; it is not kept. Raises ValueError for a short one."""
        ...

    def fresh(self) -> tuple[DataKey, Sealed]:
        """A new key, and how it is sealed."""
        ...

    def opened(self, sealed: Sealed, passphrase: str = "") -> DataKey:
        """The key of a copy: by the node's own keys, else by the passphrase. Raises ValueError."""
        ...


class CopiedDatabase(Protocol):
    """The node's database, as a whole."""

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        ...

    @property
    def place(self) -> Path | None:
        """The file that it is; None where it is a server's."""
        ...

    def copy(self, to: Path) -> None:
        """Write all of it, as of one moment, into a new file, while it is used. Raises OSError."""
        ...

    def is_whole(self, copied: Path) -> bool:
        """Whether a file is a sound copy."""
        ...

    def load(self, copied: Path) -> None:
        """Put a copy in the place of what a server holds, in one transaction. Raises OSError."""
        ...
