"""A copy put back: staged beside what it replaces, then moved into its place in a way that may be cut off anywhere.

In: a checked copy, the home of the node. Out: a staged restore, which a file of the home (`restore.json`) puts in
force: before that nothing has changed, after it every start goes on until all is in its place. What was there is kept
in `former-NAME` beside it. Nobody may have the database open meanwhile.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.backup import streams
from adapters.backup.manifest import DATABASE, KEYS, Manifest
from adapters.backup.shelf import FILES, SINGLE, Place, Shelf, pooled
from engine.model.node_care import CareFault, CareRefused
from engine.ports.backups import CopiedDatabase, DataKey

MARK = "restore.json"
_STAGED = ".restoring"
_RESERVE = 64 << 20
_BESIDE = ("-wal", "-shm", "-journal")
"""Files of SQLite that belong to its database: they must not meet another one."""


@dataclass(frozen=True, slots=True)
class Move:
    """What goes where: `staged` to `target`, what stands there to `former`. Without `staged` a thing is taken away."""

    staged: Path | None
    target: Path
    former: Path


def stage(shelf: Shelf, place: Place, name: str, passphrase: str = "") -> Manifest:
    """Lay a copy ready; the next start puts it in force. Refuses `missing`, `broken`, `foreign`, `room`; nothing has
    changed then."""
    folder, found, key = shelf.first_sound(name, passphrase)
    moves = _moves(place, found)
    (place.home / MARK).unlink(missing_ok=True)
    _clear(moves)
    if shutil.disk_usage(place.home).free < found.size + _RESERVE:
        raise CareRefused(CareFault.ROOM)
    try:
        _lay(folder, found, key, place)
    except OSError as error:
        _clear(moves)
        raise CareRefused(CareFault.ROOM, error.strerror or "") from None
    except (ValueError, zipfile.BadZipFile):
        _clear(moves)
        raise CareRefused(CareFault.BROKEN, name) from None
    except CareRefused:
        _clear(moves)
        raise
    told = [[str(move.staged or ""), str(move.target), str(move.former)] for move in moves]
    streams.write(place.home / MARK, json.dumps({"name": name, "moves": told}).encode())
    return found


def staged(home: Path) -> str:
    """The name of the copy that waits to be put in force; empty without one."""
    try:
        return str(json.loads((home / MARK).read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def finish(home: Path, database: CopiedDatabase, after: Callable[[int], None] = lambda _: None) -> str:
    """Put what is staged in force; its name, empty where nothing is. May be cut off anywhere and is gone on with by the
    next call. `after` hears of each step. Raises OSError; what is done stays done."""
    mark = home / MARK
    if not mark.exists():
        return ""
    told = json.loads(mark.read_bytes())
    dump = home / _STAGED / "dump"
    if dump.exists():
        database.load(dump)
        dump.unlink()
    for number, (staged_at, target, former) in enumerate(told["moves"]):
        _move(Move(Path(staged_at) if staged_at else None, Path(target), Path(former)))
        after(number)
    mark.unlink()
    streams.force(home)
    shutil.rmtree(home / _STAGED, ignore_errors=True)
    return str(told["name"])


def _move(move: Move) -> None:
    """Each rename is done or not; which one is next can be seen from what stands where."""
    waits = move.staged is not None and move.staged.exists()
    if move.target.exists() and not move.former.exists() and (waits or move.staged is None):
        move.former.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        move.target.rename(move.former)
        streams.force(move.former.parent)
        streams.force(move.target.parent)
    if waits and move.staged is not None:
        move.target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        move.staged.rename(move.target)
        streams.force(move.target.parent)


def _moves(place: Place, found: Manifest) -> Sequence[Move]:
    home, former = place.home, f"former-{found.name}"
    number = 1
    while (home / former).exists():  # restored once more
        number += 1
        former = f"former-{found.name}-{number}"
    moves = []
    database = place.database.place
    if database is not None:
        beside, old = database.parent / _STAGED, database.parent / former
        moves = [Move(None, database.with_name(database.name + end), old / (database.name + end)) for end in _BESIDE]
        moves.append(Move(beside / database.name, database, old / database.name))
    names = (KEYS, *FILES, *SINGLE)
    return [*moves, *(Move(home / _STAGED / name, home / name, home / former / name) for name in names)]


def _lay(folder: Path, found: Manifest, key: DataKey, place: Place) -> None:
    home, target = place.home / _STAGED, place.database.place
    home.mkdir(mode=0o700, parents=True)
    plain = home / "dump" if target is None else target.parent / _STAGED / target.name
    plain.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    streams.unseal(folder / found.name / DATABASE, plain, key, f"{found.name}:{DATABASE}")
    if not place.database.is_whole(plain):
        raise CareRefused(CareFault.BROKEN, found.name)
    streams.unseal(folder / found.name / KEYS, home / "packed", key, f"{found.name}:{KEYS}")
    with zipfile.ZipFile(home / "packed") as packed:
        packed.extractall(home / KEYS)
    (home / "packed").unlink()
    for path in (home / KEYS).rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    for part in found.files:
        streams.copy(pooled(folder, part), home / part.path)
    for path in sorted(home.rglob("*")):
        if path.is_dir():
            streams.force(path)


def _clear(moves: Sequence[Move]) -> None:
    for move in moves:
        if move.staged is not None:
            shutil.rmtree(move.staged.parent, ignore_errors=True)
