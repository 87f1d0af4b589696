"""The key ring of field encryption: where keys come from and how they are changed.

In: a key file or a text of the same form. Out: a `KeyRing`. The file is made at first start, readable by its owner
alone; keys never enter the database, a log or an error message. Knows no cipher.

The form is JSON: `{"current": "k2", "keys": {"k1": HEX16, "k2": HEX16}, "index": HEX32}`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

_KEY_BYTES = 16  # SM4
_INDEX_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")


class KeyFileError(Exception):
    """The key ring cannot be used; the text says why and shows no key."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id, the one to encrypt with, and a separate key for blind indexes, which outlives rotations."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> KeyRing:
        """A ring with one new key."""
        return cls("k1", {"k1": secrets.token_bytes(_KEY_BYTES)}, secrets.token_bytes(_INDEX_BYTES))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read the JSON form. Raises KeyFileError."""
        try:
            data = json.loads(text)
            ring = cls(
                data["current"], {name: bytes.fromhex(key) for name, key in data["keys"].items()},
                bytes.fromhex(data["index"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # `from None`: what json and fromhex complain about would show the text.
            raise KeyFileError(f"the key ring is not of the expected form ({type(error).__name__})") from None
        ring._check()
        return ring

    def _check(self) -> None:
        if not all(_KEY_ID.fullmatch(name) for name in self.keys):
            raise KeyFileError("a key id is 1 to 16 small letters and digits")
        if any(len(key) != _KEY_BYTES for key in self.keys.values()) or len(self.index) != _INDEX_BYTES:
            raise KeyFileError(f"a key has {_KEY_BYTES} bytes, the index key {_INDEX_BYTES}")
        if self.current not in self.keys:
            raise KeyFileError(f"the current key {self.current!r} is not among the keys")

    def text(self) -> str:
        """The JSON form."""
        keys = {name: key.hex() for name, key in self.keys.items()}
        return json.dumps({"current": self.current, "keys": keys, "index": self.index.hex()}, indent=1) + "\n"

    def rotated(self) -> KeyRing:
        """The ring with one more key, which is the current one from now on; the old ones still decrypt."""
        number = 1 + max((int(name[1:]) for name in self.keys if re.fullmatch(r"k\d+", name)), default=0)
        name = f"k{number}"
        return replace(self, current=name, keys={**self.keys, name: secrets.token_bytes(_KEY_BYTES)})


def open_key_file(path: Path) -> KeyRing:
    """The ring of a key file; a missing file is made. Raises KeyFileError when others may read it or it is damaged."""
    if not path.exists():
        _create(path, KeyRing.fresh())
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"{path} may be read by others (mode {mode:04o}): chmod 600 it, then rotate the keys")
    return KeyRing.parse(path.read_text("ascii"))


def rotate_key_file(path: Path) -> KeyRing:
    """Add a key to the file and make it the current one; the file is replaced in one step."""
    ring = open_key_file(path).rotated()
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write(fresh, ring)
    fresh.replace(path)
    return ring


def _create(path: Path, ring: KeyRing) -> None:
    """Write by another name, then link: of two processes that start at once, one makes the file, both read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write(fresh, ring)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write(path: Path, ring: KeyRing) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
