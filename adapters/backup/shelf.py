"""Copies of a node in several folders at once: made, listed, checked, and the oldest dropped.

In: the home of a node, its database, the folders. Out: in each folder `NAME/manifest.json` with its sealed parts, and
`pool/ab/SHA256` for files, which all copies of the folder share: what did not change is not written again. Nothing in a
copy is in the clear but names, sizes and digests of files; a copy has its name only when it is whole and on the disk.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.backup import manifest as manifests
from adapters.backup import streams
from adapters.backup.manifest import DATABASE, KEYS, Manifest, Part
from engine.model.node_care import CareFault, CareRefused, Copy
from engine.ports.backups import CopiedDatabase, CopyKeys, DataKey

FILES = ("files", "archive", "Config")
"""Folders of a home whose files lie in the pool: they are sealed already, or no secret."""
SINGLE = ("ASE_License.ase",)
_POOL, _FRESH, _WORK = "pool", ".new-", ".copying"


@dataclass(frozen=True, slots=True)
class Place:
    """What is copied: a node's home and database, as which node, by which definitions and program."""

    home: Path
    node: str
    database: CopiedDatabase
    keys: CopyKeys
    version: str = ""
    program: str = ""


class Shelf:
    """The copies in some folders. One process makes a copy at a time: `make` refuses `busy`."""

    def __init__(self, place: Place, folders: Sequence[Path], keep: int) -> None:
        self._place, self._folders, self._keep = place, tuple(folders), keep

    @property
    def places(self) -> int:
        """In how many folders a copy lies that lies everywhere."""
        return len(self._folders)

    def make(self, moment: datetime, told: Callable[[str], None] = lambda _: None) -> Copy:
        """Make a copy in every folder that can be written, drop what is older than what is kept; `told` hears of
        folders that cannot, and of what was dropped. Refuses `folders`, `database`, `room`."""
        if not self._folders:
            raise CareRefused(CareFault.UNPLANNED)
        work = self._begun()
        try:
            made = self._sealed(work, moment)
            held = [folder for folder in self._folders if self._written(folder, work, made, told)]
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if not held:
            raise CareRefused(CareFault.FOLDERS, ", ".join(map(str, self._folders)))
        for folder in held:
            self._drop_old(folder)
        return made.told(len(held))

    def copies(self) -> list[Copy]:
        """All copies of this node, newest first; what cannot be read is left out."""
        found: dict[str, tuple[Manifest, int]] = {}
        for folder in self._folders:
            for one in _manifests(folder):
                if one.node == self._place.node:
                    found[one.name] = (one, found.get(one.name, (one, 0))[1] + 1)
        return [one.told(count) for one, count in sorted(found.values(), key=lambda pair: pair[0].name, reverse=True)]

    def check(self, name: str, passphrase: str = "") -> Copy:
        """A copy, when at least one folder holds all of it unaltered. Refuses `missing`, `broken`, `foreign`."""
        refused = CareRefused(CareFault.MISSING, name)
        sound: list[Manifest] = []
        for folder in self._folders:
            try:
                sound.append(self.opened(folder, name, passphrase)[0])
            except CareRefused as fault:
                if refused.fault is CareFault.MISSING:
                    refused = fault
        if not sound:
            raise refused
        return sound[0].told(len(sound))

    def opened(self, folder: Path, name: str, passphrase: str = "") -> tuple[Manifest, DataKey]:
        """A copy in one folder with its key, every part of it looked at. Refuses as `check`."""
        if not name or "/" in name or name.startswith("."):
            raise CareRefused(CareFault.MISSING, name)
        found = manifests.read(folder / name / manifests.FILE)
        if found.node != self._place.node or found.name != name:
            raise CareRefused(CareFault.FOREIGN, found.node)
        try:
            key = self._place.keys.opened(found.key, passphrase)
        except ValueError:
            raise CareRefused(CareFault.PASSPHRASE if passphrase else CareFault.FOREIGN, name) from None
        if found.mac != key.mac(found.content()) or found.database != self._place.database.kind:
            raise CareRefused(CareFault.BROKEN, name)
        for part in found.sealed:
            if not manifests.is_same(folder / name / part.path, part):
                raise CareRefused(CareFault.BROKEN, f"{name}/{part.path}")
        for part in found.files:
            if not manifests.is_same(pooled(folder, part), part):
                raise CareRefused(CareFault.BROKEN, f"{name}: {part.path}")
        return found, key

    def first_sound(self, name: str, passphrase: str) -> tuple[Path, Manifest, DataKey]:
        """The first folder that holds all of a copy. Refuses as `check`."""
        refused = CareRefused(CareFault.MISSING, name)
        for folder in self._folders:
            try:
                return folder, *self.opened(folder, name, passphrase)
            except CareRefused as fault:
                if refused.fault is CareFault.MISSING:
                    refused = fault
        raise refused

    # --- making ------------------------------------------------------------------------------------------------------

    def _begun(self) -> Path:
        work = self._place.home / _WORK
        try:
            work.mkdir(mode=0o700)
        except FileExistsError:
            if _alive(work):
                raise CareRefused(CareFault.BUSY) from None
            shutil.rmtree(work, ignore_errors=True)  # of a process that was killed
            work.mkdir(mode=0o700)
        (work / "pid").write_text(str(os.getpid()), "ascii")
        return work

    def _sealed(self, work: Path, moment: datetime) -> Manifest:
        """The database first, files after it: files are only added, so those that it names are there."""
        place, name = self._place, self._named(moment)
        key, sealed = place.keys.fresh()
        try:
            place.database.copy(work / "plain")
            if not place.database.is_whole(work / "plain"):
                raise CareRefused(CareFault.DATABASE)
            streams.seal(work / "plain", work / DATABASE, key, f"{name}:{DATABASE}")
            (work / "plain").unlink()
            _packed(place.home / KEYS, work / "packed")
            streams.seal(work / "packed", work / KEYS, key, f"{name}:{KEYS}")
            (work / "packed").unlink()
            parts = [manifests.measured(work / one, one) for one in (DATABASE, KEYS)]
            files = list(self._files())
        except OSError as error:
            fault = CareFault.ROOM if error.errno in _NO_ROOM else CareFault.DATABASE
            raise CareRefused(fault, error.strerror or "") from None
        made = Manifest(
            name, place.node, moment, place.version, place.program, place.database.kind, sealed, parts, files
        )
        return made.signed(key.mac)

    def _named(self, moment: datetime) -> str:
        """A name that no folder has: the moment, counted where a second has several."""
        name = wanted = f"{moment:%Y%m%d-%H%M%S}"
        number = 1
        while any((folder / name).exists() for folder in self._folders):
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _files(self) -> Iterator[Part]:
        former = {part.path: part for part in self._newest()}
        for path in _kept(self._place.home):
            name = path.relative_to(self._place.home).as_posix()
            known, told = former.get(name), path.stat()
            same = known is not None and (known.size, known.written) == (told.st_size, told.st_mtime_ns)
            yield known if known is not None and same else manifests.measured(path, name)

    def _newest(self) -> Sequence[Part]:
        for copy in self.copies():
            for folder in self._folders:
                with suppress(CareRefused):
                    return manifests.read(folder / copy.name / manifests.FILE).files
        return ()

    def _written(self, folder: Path, work: Path, made: Manifest, told: Callable[[str], None]) -> bool:
        fresh = folder / f"{_FRESH}{made.name}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in made.files:
                if not pooled(folder, part).exists():
                    streams.copy(self._place.home / part.path, pooled(folder, part))
            shutil.rmtree(fresh, ignore_errors=True)
            for part in made.sealed:
                streams.copy(work / part.path, fresh / part.path)
            streams.write(fresh / manifests.FILE, made.written())
            fresh.rename(folder / made.name)
            streams.force(folder)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            told(f"{folder}: {error.strerror or type(error).__name__}")
            return False
        return True

    def _drop_old(self, folder: Path) -> None:
        own = sorted((one for one in _manifests(folder) if one.node == self._place.node), key=lambda one: one.name)
        for one in own[: -self._keep]:
            with suppress(OSError):
                shutil.rmtree(folder / one.name)
        wanted = {part.sha256 for one in _manifests(folder) for part in one.files}
        for path in (folder / _POOL).glob("*/*"):
            if path.name not in wanted:
                with suppress(OSError):
                    path.unlink()


_NO_ROOM = (28, 122)
"""ENOSPC, EDQUOT."""


def pooled(folder: Path, part: Part) -> Path:
    """Where a file lies in the pool of a folder."""
    return folder / _POOL / part.sha256[:2] / part.sha256


def _manifests(folder: Path) -> Iterator[Manifest]:
    for path in sorted(folder.glob(f"*/{manifests.FILE}")):
        if not path.parent.name.startswith("."):
            with suppress(CareRefused):
                yield manifests.read(path)


def _kept(home: Path) -> Iterator[Path]:
    for name in FILES:
        yield from (path for path in sorted((home / name).rglob("*")) if path.is_file() and path.name[0] != ".")
    yield from (home / name for name in SINGLE if (home / name).is_file())


def _packed(folder: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, path.relative_to(folder).as_posix())


def _alive(work: Path) -> bool:
    try:
        os.kill(int((work / "pid").read_text("ascii")), 0)
    except (OSError, ValueError):
        return False
    return True
