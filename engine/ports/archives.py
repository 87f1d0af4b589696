"""The door to an archive: what is no longer kept at hand lies there, to be fetched as long as nobody takes it away.

Adapters implement it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Archive(Protocol):
    """Bytes under a name and a key, written once."""

    def keep(self, name: str, parts: Mapping[str, bytes]) -> None:
        """Keep parts by key under a new name; once this is back they survive a power cut."""
        ...

    def fetch(self, name: str, key: str) -> bytes:
        """One part. Raises KeyError where it is not there, was taken away or is damaged."""
        ...
