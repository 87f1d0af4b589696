"""Messages that come in as files of a folder: the port `Source`.

In: files, whole when they appear under their names (a writer renames them there), or quiet for a while. With one
`NAME.json` beside it a message has key, kind, headers and a digest; without, its key is the file's name. Out:
deliveries; accepted files move to `done/`, refused ones to `failed/`. What is no plain file, too large, or may not be
read is given without its content and distrusted, and ends in `failed/`: whoever writes here may not lead elsewhere, nor
keep others from their turn. Each process takes a file by renaming it into a folder of its own under `.taken`, which it
holds locked: what a dead process had taken goes back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from adapters.file_channel.checksums import ending, fits
from adapters.file_channel.looking import look
from adapters.file_channel.reading import content_of
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
ROUND = 64 << 20
"""Bytes after which the rest waits for the next round, so that many large files are never in memory together."""
_MOST_ABOUT = 1 << 20
_LONGEST_NAME = 255
_STEM = 30
"""Signs of a name that leave room for a number behind them, in any encoding."""
_ABOUT = ".json"
_PARTS = (".part", ".tmp", ".filepart", ".writing")


class FileSource:
    """Takes messages out of a folder; several processes may share it."""

    def __init__(
        self, folder: Path, *, quiet: float = QUIET, keep_done: bool = True, poll: float = 0.0, checksum: str = ""
    ) -> None:
        """Makes the folders; `keep_done` false removes what was accepted; a folder in which nothing was is looked at
        again after `poll` seconds, however often somebody asks. With a `checksum` a file is whole once that stands
        beside it and fits. Raises ValueError for one that is not known."""
        self._folder, self._quiet, self._keep_done, self._poll = folder, quiet, keep_done, poll
        self._next_look = 0.0
        self._own: Path | None = None
        self._lock: IO[bytes] | None = None
        self._process = 0
        self._checksum, self._endings = checksum, (_ABOUT, ending(checksum)) if checksum else (_ABOUT,)
        self._backlog: deque[Path] = deque()
        self._distrusted: set[str] = set()
        for name in ("done", "failed", ".taken"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        until = time.monotonic() + wait
        try:
            own = self._opened()
            if self._next_look > until:
                time.sleep(wait)
                return []
            time.sleep(max(0.0, self._next_look - time.monotonic()))
            while True:
                found = self._arrived(own, limit)
                self._next_look = 0.0 if found else time.monotonic() + self._poll
                if found or time.monotonic() >= until:
                    return found
                self._recover(own)
                if self._poll:
                    return []  # whoever asks again waits until then
                time.sleep(min(POLL, max(0.0, until - time.monotonic())))
        except OSError as error:
            raise self._incident(error) from error

    def accept(self, tags: Sequence[str]) -> None:
        """Move files to `done/`, those that were not trusted to `failed/`."""
        for tag in tags:
            aside = tag in self._distrusted
            self._distrusted.discard(tag)
            self._end(tag, self._folder / "failed" if aside else self._folder / "done" if self._keep_done else None)

    def refuse(self, tag: str, *, again: bool) -> None:
        """Put a file back, or move it to `failed/`."""
        self._end(tag, self._folder if again else self._folder / "failed")

    def probe(self) -> Probed:
        """Whether files can be taken out of the folder, and how many are there. Raises DeliveryError."""
        found = look(self._folder, os.R_OK | os.W_OK)
        return replace(found, waiting=sum(self._counts(one.name) for one in os.scandir(self._folder) if one.is_file()))

    def close(self) -> None:
        """Put back what was not accepted."""
        own, lock, self._own, self._lock = self._own, self._lock, None, None
        if own is not None and lock is not None and self._process == os.getpid():
            with suppress(OSError):
                _give_back(own, self._folder, self._endings)
            lock.close()

    # --- which files are there -------------------------------------------------------------------------------------

    def _arrived(self, own: Path, limit: int) -> list[Arrived]:
        """The oldest files that are whole, by name where they are of one age. The folder is read anew when all that it
        held has been gone through: it may hold very many."""
        if not self._backlog:
            there = {one.name: one for one in os.scandir(self._folder) if not one.is_dir(follow_symlinks=False)}
            entries = [one for name, one in there.items() if self._counts(name) or _is_alone(one, there)]
            self._backlog.extend(Path(entry.path) for entry in sorted(entries, key=_age))
        found: list[Arrived] = []
        left = ROUND
        while self._backlog and len(found) < limit and left > 0:
            path = self._backlog.popleft()
            with suppress(FileNotFoundError):
                why = self._distrust(path)
                if why is not None:
                    found.append(self._taken(own, path, why))
                    left -= len(found[-1].body)
        return found

    def _counts(self, name: str) -> bool:
        """Whether a file is a message by its name."""
        return _is_message(name) and not (self._checksum and name.endswith(self._endings[-1]))

    def _distrust(self, path: Path) -> str | None:
        """Why a file is not to be trusted, empty for one that is; None where it is not whole yet."""
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode):
            return "no plain file"
        if seen.st_size > LARGEST:
            return f"larger than {LARGEST >> 20} MB"
        age, about = time.time() - seen.st_mtime, _about(path)
        try:
            if self._checksum and not fits(self._checksum, content_of(path, LARGEST), path):
                return "it does not fit its checksum, or has none" if age > GIVEN_UP else None
            if "sha256" not in about:
                return "" if age >= self._quiet else None
            if hashlib.sha256(content_of(path, LARGEST)).hexdigest() == about["sha256"]:
                return ""
        except FileNotFoundError:
            raise
        except OSError as error:
            return _said(error)
        return "the content does not fit its digest" if age > GIVEN_UP else None

    def _taken(self, own: Path, path: Path, why: str) -> Arrived:
        """Take a file, the one beside it after it. Raises FileNotFoundError when another process was first."""
        about = _about(path)
        kept = own / path.name
        path.rename(kept)
        for beside in (path.with_name(path.name + one) for one in self._endings):
            with suppress(OSError):
                if not beside.is_dir():
                    beside.rename(own / beside.name)
        body = b""
        try:
            body = content_of(kept, LARGEST)
        except OSError as error:
            why = why or _said(error)
        (self._distrusted.add if why else self._distrusted.discard)(path.name)
        headers = about.get("headers")
        return Arrived(
            body,
            str(about.get("key") or _name(path)),
            str(about.get("kind") or ""),
            {str(name): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {},
            path.name,
            distrusted=why,
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
                _give_back(other, self._folder, self._endings)

    def _end(self, tag: str, folder: Path | None) -> None:
        if self._own is None or not os.path.lexists(self._own / tag):
            raise DeliveryError(Incident(str(self._folder), "the file was given back; it comes again"))
        try:
            _move(self._own / tag, folder, self._endings)
        except OSError as error:
            raise self._incident(error) from error

    def _incident(self, error: OSError) -> DeliveryError:
        return DeliveryError(Incident(str(self._folder), _said(error)))


def _said(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"


def _is_message(name: str) -> bool:
    """Whether a file is a message: not hidden, not being written, not what stands beside one (`x.msg.json`)."""
    if name.startswith(".") or name.endswith(_PARTS):
        return False
    return not (name.endswith(_ABOUT) and "." in name.removesuffix(_ABOUT))


def _is_alone(entry: os.DirEntry[str], there: Collection[str]) -> bool:
    """Whether a file that is named as what stands beside a message has none, and is one itself (`orders.2026.json`)."""
    stem = entry.name.removesuffix(_ABOUT)
    named = stem != entry.name and not entry.name.startswith(".") and not stem.endswith(_PARTS)
    return named and stem not in there and time.time() - _age(entry)[0] > GIVEN_UP


def _name(path: Path) -> str:
    """A file's name as text: one that is no UTF-8 was written by a system of GB 18030."""
    return os.fsencode(path.name).decode("gb18030", "backslashreplace") if _is_foreign(path.name) else path.name


def _is_foreign(name: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in name)


def _age(entry: os.DirEntry[str]) -> tuple[float, str]:
    try:
        return entry.stat(follow_symlinks=False).st_mtime, entry.name
    except FileNotFoundError:
        return 0.0, entry.name


def _about(path: Path) -> Mapping[str, object]:
    """What stands beside a message; empty where nothing does or it cannot be read."""
    try:
        found = json.loads(content_of(path.with_name(path.name + _ABOUT), _MOST_ABOUT))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _move(path: Path, folder: Path | None, endings: Sequence[str]) -> None:
    """Move a message with what stands beside it, the latter first; into no folder is to remove it."""
    for one in (*(path.with_name(path.name + one) for one in endings), path):
        if len(os.fsencode(one.name)) > _LONGEST_NAME or not os.path.lexists(one):
            continue
        if folder is None:
            one.unlink()
        else:
            one.rename(_free(folder / one.name))


def _free(path: Path) -> Path:
    number = 1
    found = path
    while os.path.lexists(found):
        found = path.with_name(f"{path.stem[:_STEM]}-{number}{path.suffix[:_STEM]}")
        number += 1
    return found


def _give_back(own: Path, folder: Path, endings: tuple[str, ...]) -> None:
    """Put back what had been taken: messages with what stands beside them, then files that only look like that."""
    for path in sorted(own.iterdir(), key=lambda one: (one.name.endswith(endings), one.name)):
        if not path.name.startswith(".") and os.path.lexists(path):
            _move(path, folder, endings)
    shutil.rmtree(own, ignore_errors=True)
