"""Messages that come in as files of a folder: the port `Source`.

In: files, whole when they appear under their names (a writer renames them there), or quiet for a while. With one
`NAME.json` beside it a message has key, kind, headers and a digest; without, its key is the file's name. Out:
deliveries; accepted files move to `done/`, refused ones to `failed/`. Each process takes a file by renaming it into a
folder of its own under `.taken`, which it holds locked: what a dead process had taken goes back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from adapters.file_channel.looking import look
from engine.model.traffic import Arrived
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

POLL = 0.1
QUIET = 1.0
"""Seconds without a change after which a file without a digest counts as whole."""
GIVEN_UP = 300.0
"""Seconds after which a file that does not fit its digest is no longer waited for."""
LARGEST = 256 << 20
"""Bytes above which a file is put aside unread: no message is that large, and reading it would end the process."""
_ABOUT = ".json"
_PARTS = (".part", ".tmp", ".filepart", ".writing")


class FileSource:
    """Takes messages out of a folder; several processes may share it."""

    def __init__(self, folder: Path, *, quiet: float = QUIET, keep_done: bool = True) -> None:
        """Makes the folders; `keep_done` false removes what was accepted."""
        self._folder, self._quiet, self._keep_done = folder, quiet, keep_done
        self._own: Path | None = None
        self._lock: IO[bytes] | None = None
        self._process = 0
        self._backlog: deque[Path] = deque()
        for name in ("done", "failed", ".taken"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        until = time.monotonic() + wait
        try:
            own = self._opened()
            while True:
                found = [one for path in self._whole(limit) if (one := self._taken(own, path)) is not None]
                if found or time.monotonic() >= until:
                    return found
                self._recover(own)
                time.sleep(min(POLL, max(0.0, until - time.monotonic())))
        except OSError as error:
            raise self._incident(error) from error

    def accept(self, tags: Sequence[str]) -> None:
        """Move files to `done/`."""
        for tag in tags:
            self._end(tag, self._folder / "done" if self._keep_done else None)

    def refuse(self, tag: str, *, again: bool) -> None:
        """Put a file back, or move it to `failed/`."""
        self._end(tag, self._folder if again else self._folder / "failed")

    def probe(self) -> Probed:
        """Whether files can be taken out of the folder, and how many are there. Raises DeliveryError."""
        found = look(self._folder, os.R_OK | os.W_OK)
        return replace(found, waiting=sum(_is_message(one.name) for one in os.scandir(self._folder) if one.is_file()))

    def close(self) -> None:
        """Put back what was not accepted."""
        own, lock, self._own, self._lock = self._own, self._lock, None, None
        if own is not None and lock is not None and self._process == os.getpid():
            with suppress(OSError):
                _give_back(own, self._folder)
            lock.close()

    # --- which files are there -------------------------------------------------------------------------------------

    def _whole(self, limit: int) -> list[Path]:
        """The oldest files that are whole, by name where they are of one age. The folder is read anew when all that it
        held has been gone through: it may hold very many."""
        if not self._backlog:
            entries = [entry for entry in os.scandir(self._folder) if entry.is_file() and _is_message(entry.name)]
            self._backlog.extend(Path(entry.path) for entry in sorted(entries, key=_age))
        found: list[Path] = []
        while self._backlog and len(found) < limit:
            path = self._backlog.popleft()
            with suppress(FileNotFoundError):
                if self._is_whole(path):
                    found.append(path)
        return found

    def _is_whole(self, path: Path) -> bool:
        about, seen = _about(path), path.stat()
        if seen.st_size > LARGEST:
            _move(path, self._folder / "failed")
            return False
        age = time.time() - seen.st_mtime
        if "sha256" not in about:
            return age >= self._quiet
        if hashlib.sha256(path.read_bytes()).hexdigest() == about["sha256"]:
            return True
        if age > GIVEN_UP:
            _move(path, self._folder / "failed")
        return False

    def _taken(self, own: Path, path: Path) -> Arrived | None:
        """Take a file, the one beside it after it; None when another process was first."""
        about = _about(path)
        kept = own / path.name
        try:
            path.rename(kept)
        except FileNotFoundError:
            return None
        with suppress(FileNotFoundError):
            path.with_name(path.name + _ABOUT).rename(own / (path.name + _ABOUT))
        headers = about.get("headers")
        return Arrived(
            kept.read_bytes(),
            str(about.get("key") or path.name),
            str(about.get("kind") or ""),
            {str(name): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {},
            path.name,
        )

    # --- folders of processes --------------------------------------------------------------------------------------

    def _opened(self) -> Path:
        if self._own is None or self._process != os.getpid():
            name = secrets.token_hex(8)
            own = self._folder / ".taken" / name
            fresh = own.with_name(f".{name}")  # nobody takes it for a dead process's before it is locked
            fresh.mkdir()
            self._lock = (fresh / ".lock").open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            fresh.rename(own)
            self._own, self._process = own, os.getpid()
            self._recover(own)
        return self._own

    def _recover(self, own: Path) -> None:
        """Put back what dead processes had taken."""
        for other in (self._folder / ".taken").iterdir():
            if other == own or other.name.startswith("."):
                continue
            with suppress(OSError), (other / ".lock").open("r+b") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _give_back(other, self._folder)

    def _end(self, tag: str, folder: Path | None) -> None:
        if self._own is None or not (self._own / tag).exists():
            raise DeliveryError(Incident(str(self._folder), "the file was given back; it comes again"))
        try:
            _move(self._own / tag, folder)
        except OSError as error:
            raise self._incident(error) from error

    def _incident(self, error: OSError) -> DeliveryError:
        return DeliveryError(Incident(str(self._folder), f"cannot be read: {error.strerror or error}"))


def _is_message(name: str) -> bool:
    """Whether a file is a message: not hidden, not being written, not what stands beside one (`x.msg.json`)."""
    if name.startswith(".") or name.endswith(_PARTS):
        return False
    return not (name.endswith(_ABOUT) and "." in name.removesuffix(_ABOUT))


def _age(entry: os.DirEntry[str]) -> tuple[float, str]:
    try:
        return entry.stat().st_mtime, entry.name
    except FileNotFoundError:
        return 0.0, entry.name


def _about(path: Path) -> Mapping[str, object]:
    """What stands beside a message; empty where nothing does or it cannot be read."""
    try:
        found = json.loads(path.with_name(path.name + _ABOUT).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _move(path: Path, folder: Path | None) -> None:
    """Move a message with what stands beside it, the latter first; into no folder is to remove it."""
    for one in (path.with_name(path.name + _ABOUT), path):
        if not one.exists():
            continue
        if folder is None:
            one.unlink()
        else:
            one.rename(_free(folder / one.name))


def _free(path: Path) -> Path:
    number = 1
    found = path
    while found.exists():
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return found


def _give_back(own: Path, folder: Path) -> None:
    for path in _messages(own):
        _move(path, folder)
    shutil.rmtree(own, ignore_errors=True)


def _messages(own: Path) -> Iterator[Path]:
    yield from sorted(path for path in own.iterdir() if _is_message(path.name))
