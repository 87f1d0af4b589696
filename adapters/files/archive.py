"""An archive as ZIP files of a folder, each sealed as a whole: the port `Archive`.

In: parts by key. Out: files `<folder>/<name>.zip`, written beside their place, forced to the disk and renamed. Whoever
runs the node may move them away; what is gone is then told as missing.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from engine.ports import ContentCipher

_NAME = re.compile(r"[0-9A-Za-z-]{1,100}")


class DiskArchive:
    """A folder of sealed ZIP files; made at first use, readable by its owner alone."""

    def __init__(self, folder: Path, cipher: ContentCipher) -> None:
        self._folder, self._cipher = folder, cipher

    def keep(self, name: str, parts: Mapping[str, bytes]) -> None:
        """See `engine.ports.archives.Archive`. Raises ValueError for a name that is none."""
        place = self._place(name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for key, content in parts.items():
                file.writestr(key, content)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}.part")
        with fresh.open("wb") as out:
            out.write(self._cipher.seal(packed.getvalue(), name))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(place)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def fetch(self, name: str, key: str) -> bytes:
        """See `engine.ports.archives.Archive`."""
        try:
            content = self._cipher.unseal(self._place(name).read_bytes(), name)
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                return file.read(key)
        except (OSError, ValueError, zipfile.BadZipFile):
            raise KeyError(name) from None

    def _place(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of an archive")
        return self._folder / f"{name}.zip"
