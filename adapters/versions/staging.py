"""A package becomes a version of this node: judged, unpacked beside the others, tried as far as that goes without
running it.

In: a package; how a version is tried. Out: a folder of its own under `versions`, whole or not at all; or why it is
refused. What is in force stays untouched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from adapters.versions import package as packages
from adapters.versions.package import Believes, Package
from adapters.versions.places import BUILT_IN, Versions
from engine.model.node_care import CareFault, CareRefused, Version

Tries = Callable[[dict[str, str]], str]
"""Tries a version in its environment; why it is unfit, empty where it is fit."""
_RESERVE = 64 << 20
_FRESH = ".new-"
KEPT = 3
"""Versions that stay beside those in force, before and wanted."""


class Staging:
    """The versions of one node and who is believed about them."""

    def __init__(self, versions: Versions, believes: Believes, tries: Tries) -> None:
        self.versions, self._believes, self._tries = versions, believes, tries

    def judge(self, path: Path) -> Package:
        """A package, if it may be taken. Refuses `broken`, `foreign`."""
        return packages.judge(path, self._believes)

    def take(self, path: Path, name: str = "", kind: str = "") -> Package:
        """Judge and unpack a package, and try it; it is not in force then. `name` is what it must call itself, `kind`
        the kind of this machine. Refuses `broken`, `foreign`, `room`, `unfit`; one of the same name that lies here
        already must be the same."""
        package = self.judge(path)
        if (name and package.name != name) or (kind and package.suits and kind not in package.suits):
            raise CareRefused(CareFault.UNFIT, package.name)
        place = self.versions.folder / package.name
        if place.exists():
            if packages.told(place) != package:
                raise CareRefused(CareFault.UNFIT, f"{package.name} is here with another content")
            return package
        self.versions.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.versions.folder).free < 2 * package.size + _RESERVE:
            raise CareRefused(CareFault.ROOM)
        fresh = self.versions.folder / f"{_FRESH}{os.getpid()}" / package.name
        try:
            fresh.mkdir(mode=0o700, parents=True)
            packages.unpack(path, package, fresh)
            self._fits(fresh)
            _force(fresh)
            fresh.rename(place)
        except OSError as error:
            raise CareRefused(CareFault.ROOM, error.strerror or "") from None
        finally:
            shutil.rmtree(fresh.parent, ignore_errors=True)
        return package

    def install(self, name: str) -> None:
        """Let a version that is here come into force when the node is at rest. Refuses `missing`, `unfit`."""
        if not self.versions.holds(name):
            raise CareRefused(CareFault.MISSING, name)
        if name != BUILT_IN:
            self._fits(self.versions.folder / name)
        self.versions.choose(name)
        self._tidy(name)

    def rollback(self) -> str:
        """Let the version come back that was in force before. Refuses `missing`."""
        former = self.versions.former()
        if not former:
            raise CareRefused(CareFault.MISSING)
        self.versions.choose(former)
        return former

    def rows(self) -> Sequence[Version]:
        """All versions, the built-in one first."""
        own = self.versions
        wanted = own.chosen() or own.wanted()
        found = []
        for name in (BUILT_IN, *own.names()):
            with suppress(CareRefused):
                one = Version(name) if name == BUILT_IN else version_of(packages.told(own.folder / name))
                states = name == own.current(), name == own.former(), name == wanted
                found.append(replace(one, current=states[0], former=states[1], wanted=states[2]))
        return found

    def _fits(self, folder: Path) -> None:
        environment = Versions(folder.parent).environment(folder.name, os.environ)
        why = self._tries(environment)
        if why:
            raise CareRefused(CareFault.UNFIT, why)

    def _tidy(self, wanted: str) -> None:
        own = self.versions
        stay = {wanted, own.current(), own.former()}
        rest = [name for name in own.names() if name not in stay]
        rest.sort(key=lambda name: (own.folder / name).stat().st_mtime)
        for name in rest[:-KEPT]:
            gone = own.folder / f"{_FRESH}{name}"
            with suppress(OSError):
                (own.folder / name).rename(gone)
                shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else fetches meanwhile. Refuses `busy`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CareRefused(CareFault.BUSY) from None
        yield


def version_of(told: Package) -> Version:
    """What a package says of itself, as a node tells it."""
    program, definitions = told.has(packages.PROGRAM), told.has(packages.DEFINITIONS)
    return Version(
        told.name, told.version, told.size, told.about, program=program, definitions=definitions, suits=told.suits
    )


def _force(folder: Path) -> None:
    """All of a folder to the disk: the name that it gets must not outlive its content."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
