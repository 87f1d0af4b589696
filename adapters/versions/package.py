"""Packages of versions: definitions, a program, or both, under one signature.

In: a folder of definitions, a wheel; a package. Out: a ZIP file with `manifest.json` (every file with its size, SHA-256
and SM3), `manifest.p7` (SignedData of GM/T 0010 over the bytes of the manifest, detached) and the files below
`definitions/` and `program/`. Only who signs is injected; nothing of a package is believed before its signature is.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from engine.model.node_care import CareFault, CareRefused

MANIFEST, SIGNATURE = "manifest.json", "manifest.p7"
DEFINITIONS, PROGRAM = "definitions", "program"
FORM = 1
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,59}")
MOST = 512 << 20
_MOST_FILES, _MOST_MANIFEST, _PART = 50_000, 16 << 20, 1 << 20
_MOST_LIST, _LAST, _LOCATOR = 32 << 20, (1 << 16) + 42, 20
"""Bytes of a package's list of files; within which of the last ones the record stands that tells its length."""
_LEFT_OUT = ("__pycache__",)
Signs = Callable[[bytes], bytes]
"""The signature of a manifest."""
Believes = Callable[[bytes, bytes], None]
"""Judges a manifest and its signature. Raises CareRefused."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a package says of itself; `suits` are the kinds of machines that it is for, none for all."""

    name: str
    about: str
    version: str
    files: Mapping[str, tuple[int, str, str]]
    suits: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(size for size, _, _ in self.files.values())

    def has(self, part: str) -> bool:
        """Whether it brings definitions, or a program."""
        return any(path.startswith(f"{part}/") for path in self.files)


def make(
    out: Path, name: str, about: str, version: str, parts: Mapping[str, Path], suits: Sequence[str] = ()
) -> Package:
    """Write a package without a signature: `parts` are a folder of definitions and a wheel (a folder as well, or a
    file that is unpacked). Refuses `broken` for a name that is none or a wheel that is none. Raises OSError."""
    if NAME.fullmatch(name) is None:
        raise CareRefused(CareFault.BROKEN, name)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        files = {}
        for path, content in _contents(parts):
            made.writestr(path, content)
            files[path] = _digests(io.BytesIO(content))
        told = {"form": FORM, "name": name, "about": about, "version": version, "suits": list(suits), "files": files}
        made.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1))
    return Package(name, about, version, files, tuple(suits))


def sign(path: Path, signs: Signs) -> Package:
    """Put a signature into a package, in one step. Refuses `broken`; raises what the signer does."""
    try:
        with zipfile.ZipFile(path) as found:
            manifest = found.read(MANIFEST)
    except (OSError, KeyError, zipfile.BadZipFile):
        raise CareRefused(CareFault.BROKEN, path.name) from None
    package, signature = _read(manifest), signs(manifest)
    fresh = path.with_name(f".{path.name}")
    with zipfile.ZipFile(path) as found, zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as made:
        for one in found.infolist():
            if one.filename != SIGNATURE:
                made.writestr(one, found.read(one))
        made.writestr(SIGNATURE, signature)
    fresh.replace(path)
    return package


def judge(path: Path, believes: Believes) -> Package:
    """A package whose signature holds and whose files are all there, unaltered, and no others. Refuses `broken`,
    `foreign`."""
    try:
        _judge_list(path)
        with zipfile.ZipFile(path) as found:
            manifest, signature = _small(found, MANIFEST), _small(found, SIGNATURE)
            believes(manifest, signature)
            package = _read(manifest)
            _whole(found, package)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, EOFError):
        raise CareRefused(CareFault.BROKEN, path.name) from None
    return package


def unpack(path: Path, package: Package, folder: Path) -> None:
    """Write the files of a judged package into a fresh folder. Raises OSError; refuses `broken` for what was altered
    since."""
    with zipfile.ZipFile(path) as found:
        for name, told in package.files.items():
            to = folder / name
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with found.open(name) as content, to.open("wb") as out:
                if _digests(content, out.write) != told:
                    raise CareRefused(CareFault.BROKEN, name)
        (folder / MANIFEST).write_bytes(found.read(MANIFEST))


def told(folder: Path) -> Package:
    """What an unpacked version says of itself. Refuses `missing`, `broken`."""
    try:
        return _read((folder / MANIFEST).read_bytes())
    except OSError:
        raise CareRefused(CareFault.MISSING, folder.name) from None


def _contents(parts: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    for part, source in parts.items():
        if source.is_file():
            yield from ((f"{part}/{name}", content) for name, content in _wheel(source))
            continue
        for path in sorted(source.rglob("*")):
            inside = path.relative_to(source)
            if path.is_file() and not any(one in _LEFT_OUT or one.startswith(".") for one in inside.parts):
                yield f"{part}/{inside.as_posix()}", path.read_bytes()


def _wheel(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel (PEP 427) for pure Python, as they are installed."""
    try:
        with zipfile.ZipFile(path) as found:
            yield from ((one.filename, found.read(one)) for one in found.infolist() if not one.is_dir())
    except zipfile.BadZipFile:
        raise CareRefused(CareFault.BROKEN, path.name) from None


def _judge_list(path: Path) -> None:
    """The list of files at the end of a package is read whole before anything can be believed: it may not be long.
    Raises ValueError, OSError. What tells is section 4.3.16 of APPNOTE.TXT by PKWARE; packages need no longer form of
    it (4.3.15), which would speak instead."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _LAST))
        end = file.read()
    for found in re.finditer(rb"(?=PK\x05\x06.{8}(.{4}))", end, re.DOTALL):
        at = max(0, found.start() - _LOCATOR)
        if int.from_bytes(found[1], "little") > _MOST_LIST or end[at : at + 4] == b"PK\x06\x07":
            raise ValueError(path.name)


def _small(found: zipfile.ZipFile, name: str) -> bytes:
    if found.getinfo(name).file_size > _MOST_MANIFEST:
        raise ValueError(name)
    return found.read(name)


def _read(manifest: bytes) -> Package:
    try:
        told = json.loads(manifest)
        files = {str(path): (int(size), str(sha256), str(sm3)) for path, (size, sha256, sm3) in told["files"].items()}
        suits = tuple(map(str, told.get("suits", ())))
        found = Package(str(told["name"]), str(told["about"]), str(told["version"]), files, suits)
        sound = told["form"] == FORM and NAME.fullmatch(found.name) and found.name not in ("built_in", "outcomes")
        sound = sound and all(_is_plain(path) for path in files) and len(files) <= _MOST_FILES and found.size <= MOST
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CareRefused(CareFault.BROKEN, MANIFEST) from None
    if not sound or not files:
        raise CareRefused(CareFault.BROKEN, MANIFEST)
    return found


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and parts[0] in (DEFINITIONS, PROGRAM) and ".." not in parts and "\\" not in path


def _whole(found: zipfile.ZipFile, package: Package) -> None:
    held = {one.filename: one.file_size for one in found.infolist()}
    if len(held) != len(found.infolist()) or held.keys() - {MANIFEST, SIGNATURE} != package.files.keys():
        raise CareRefused(CareFault.BROKEN, "files")
    for path, told in package.files.items():
        with found.open(path) as content:
            if held[path] != told[0] or _digests(content) != told:
                raise CareRefused(CareFault.BROKEN, path)


def _digests(content: IO[bytes], copied: Callable[[bytes], object] = len) -> tuple[int, str, str]:
    """Size, SHA-256 and SM3 of a stream, each part of which is handed on."""
    size, sha256, sm3 = 0, hashlib.sha256(), hashlib.new("sm3")
    while part := content.read(_PART):
        size += len(part)
        sha256.update(part)
        sm3.update(part)
        copied(part)
    return size, sha256.hexdigest(), sm3.hexdigest()
