"""The application code and the licence of an installation, as files: the port `LicenceShelf`.

In: two paths. Out: a code of 24 letters and digits, the last four of which check the others; the licence file as it is.
The code stands in the element `applyCode` of an XML file, as those who issue are sent it.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from engine.model.licence import LENGTH, SIGNS, coded, is_code

_WRITTEN = re.compile(r"<applyCode>([0-9A-Z-]{29})</applyCode>")
_MOST = 1 << 20


class FileLicences:
    """`application` and `licence` are the two files."""

    def __init__(self, application: Path, licence: Path) -> None:
        self._application, self._licence = application, licence

    def code(self) -> str:
        """The code; processes that make it at once agree on one. Raises ValueError for a file that was altered."""
        if not self._application.exists():
            self._make()
        found = _WRITTEN.search(self._application.read_text("utf-8"))
        if found is None or not is_code(found[1]):
            raise ValueError(f"{self._application} was altered: it holds no application code")
        return found[1]

    def read(self) -> bytes | None:
        """The licence file; a file that is far too large is read in part, and so is none."""
        try:
            with self._licence.open("rb") as file:
                return file.read(_MOST)
        except FileNotFoundError:
            return None

    def write(self, content: bytes) -> None:
        """Replace the licence file."""
        self._licence.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._licence.with_name(f"{self._licence.name}.{secrets.token_hex(4)}")
        fresh.write_bytes(content)
        fresh.replace(self._licence)

    def _make(self) -> None:
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<ASEUser>\n  <applyCode>{}</applyCode>\n</ASEUser>\n'
        self._application.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._application.with_name(f"{self._application.name}.{secrets.token_hex(4)}")
        fresh.write_text(text.format(fresh_code()), encoding="utf-8")
        try:
            self._application.hardlink_to(fresh)  # whoever is first wins, with the whole content
        except FileExistsError:
            pass
        finally:
            fresh.unlink()


def fresh_code() -> str:
    """A code that nobody else has."""
    return coded("".join(secrets.choice(SIGNS) for _ in range(LENGTH)))
