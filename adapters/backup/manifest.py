"""What lies in a copy: names, sizes, SHA-256 (FIPS 180-4) and SM3 (GB/T 32905) of every part, under a keyed digest.

In: parts. Out: JSON in one form (names in order, no blanks, UTF-8), which the keyed digest is taken of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.model.node_care import CareFault, CareRefused, Copy, Sealed

FORM = 1
FILE = "manifest.json"
DATABASE, KEYS = "database", "keys"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the node. `written`: when it was, in nanoseconds, so that it need not be read again next time."""

    path: str
    size: int
    sha256: str
    sm3: str
    written: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """A copy. `sealed` parts lie beside the manifest, `files` in the pool that all copies of a folder share."""

    name: str
    node: str
    moment: datetime
    version: str
    program: str
    database: str
    key: Sealed
    sealed: Sequence[Part]
    files: Sequence[Part]
    mac: str = ""

    @property
    def size(self) -> int:
        """All bytes that it stands for."""
        return sum(part.size for part in (*self.sealed, *self.files))

    def signed(self, mac: Callable[[bytes], str]) -> Manifest:
        """The same under its keyed digest."""
        return replace(self, mac=mac(self.content()))

    def content(self) -> bytes:
        """What the keyed digest is taken of."""
        told = {**asdict(self), "form": FORM, "moment": self.moment.isoformat()}
        del told["mac"]
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def written(self) -> bytes:
        """The file."""
        return json.dumps({**json.loads(self.content()), "mac": self.mac}, ensure_ascii=False, indent=1).encode()

    def told(self, folders: int) -> Copy:
        """As people are told of it."""
        kept = bool(self.key.passphrase)
        return Copy(self.name, self.moment, self.size, folders, kept, self.version, self.node)


def read(path: Path) -> Manifest:
    """The manifest in a file. Refuses what is none: `missing`, `broken`."""
    try:
        told = json.loads(path.read_bytes())
        return _manifest(told)
    except FileNotFoundError:
        raise CareRefused(CareFault.MISSING, path.parent.name) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise CareRefused(CareFault.BROKEN, path.parent.name) from None


def _manifest(told: Mapping[str, object]) -> Manifest:
    if told["form"] != FORM:
        raise ValueError(told["form"])
    sealed, files, key = told["sealed"], told["files"], told["key"]
    if not (isinstance(sealed, list) and isinstance(files, list) and isinstance(key, dict)):
        raise TypeError
    found = Manifest(
        name=str(told["name"]),
        node=str(told["node"]),
        moment=datetime.fromisoformat(str(told["moment"])),
        version=str(told["version"]),
        program=str(told["program"]),
        database=str(told["database"]),
        key=Sealed(**key),
        sealed=tuple(Part(**one) for one in sealed),
        files=tuple(Part(**one) for one in files),
        mac=str(told["mac"]),
    )
    for part in (*found.sealed, *found.files):
        _plain(part.path)
    return found


def _plain(path: str) -> None:
    """A copy must not write elsewhere than into its home."""
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or not path:
        raise ValueError(path)


def measured(path: Path, name: str) -> Part:
    """A file with its digests. Raises OSError."""
    digests = hashlib.sha256(), hashlib.new("sm3")
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            for digest in digests:
                digest.update(block)
    sha256, sm3 = (digest.hexdigest() for digest in digests)
    return Part(name, size, sha256, sm3, path.stat().st_mtime_ns)


def is_same(path: Path, part: Part) -> bool:
    """Whether a file is what the manifest says, by both digests."""
    try:
        found = measured(path, part.path)
    except OSError:
        return False
    return (found.size, found.sha256, found.sm3) == (part.size, part.sha256, part.sm3)
