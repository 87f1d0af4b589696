"""A folder of pictures in place of a camera: one after the other, for demonstrations and tests."""

from __future__ import annotations

from pathlib import Path

from engine.model.devices import DeviceFault, Picture, Trouble

_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


class FolderCamera:
    """Gives the pictures of a folder by name, from the first again after the last."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._given = folder, 0

    def snapshot(self) -> Picture:
        """The next picture. Raises DeviceFault where there is none."""
        paths = sorted(path for path in self._folder.glob("*") if path.suffix.lower() in _TYPES)
        if not paths:
            raise DeviceFault(Trouble.GONE, str(self._folder))
        path = paths[self._given % len(paths)]
        self._given += 1
        return Picture(path.read_bytes(), _TYPES[path.suffix.lower()])
