"""Where a node keeps what it is known by to issuers of licences, and the licence that it was given."""

from __future__ import annotations

from typing import Protocol


class LicenceShelf(Protocol):
    """Two files of an installation. Neither is secret."""

    def code(self) -> str:
        """The application code of this installation; made when it is first asked for, and never another one.
        Raises ValueError where that was altered, OSError."""
        ...

    def read(self) -> bytes | None:
        """The licence file as it is; None where there is none."""
        ...

    def write(self, content: bytes) -> None:
        """Put a licence file in the place of the former one, in one step."""
        ...
