"""Messages that leave as files in a folder, for a gap, a shared folder or a ferry: the port `Channel`.

In: messages. Out: one file a message, seen by others only when it is whole, with its key, kind and headers in a JSON
file beside it that is there first, and its checksum in another where one is agreed. What was sent is remembered in
`.sent`, so the receiver may take files away.
Writes through a crash: after it the same message may be written again, by the same name; never a half one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from adapters.file_channel.checksums import ending, line
from adapters.file_channel.looking import look
from engine.model.traffic import sending_of
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

_UNSAFE = re.compile(r"[^0-9A-Za-z.-]+")
_SENT = ".sent"


class FileChannel:
    """Writes `name`, filled with `{serial}` (rises with each message), `{kind}` and `{digest}` (of the key).

    `{serial}` or `{digest}` must be in it: two messages never share a file.
    """

    def __init__(self, folder: Path, name: str = "{serial}_{kind}_{digest}.msg", checksum: str = "") -> None:
        """Makes the folder; `checksum` is a kind of `checksums`. Raises ValueError when the name cannot tell messages
        apart or leaves the folder, or there is no such checksum."""
        if not re.search(r"\{(serial|digest)\}", name) or "/" in name or name.startswith("."):
            raise ValueError(f"{name!r}: a file name of this channel holds {{serial}} or {{digest}} and no folder")
        self._folder, self._name, self._checksum = folder, name, checksum
        self._ending = ending(checksum) if checksum else ""
        self._sent = folder / _SENT
        self._lock = Lock()  # the lock of the file is held by the process, not by the thread
        self._sent.mkdir(parents=True, exist_ok=True)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Write the message, once per key and deliberate repetition. Raises DeliveryError when that cannot be done."""
        digest = hashlib.sha256(sending_of(key, headers).encode()).hexdigest()
        try:
            with self._alone():
                if (self._sent / digest).exists():
                    return
                stem = self._name.format(serial=self._serial(digest), kind=_safe(kind), digest=digest[:16])
                about = {"key": key, "kind": kind, "headers": dict(headers), "sha256": hashlib.sha256(body).hexdigest()}
                self._publish(self._folder / f"{stem}.json", json.dumps(about, ensure_ascii=False, indent=1).encode())
                if self._ending:
                    self._publish(self._folder / f"{stem}{self._ending}", line(self._checksum, body, stem))
                self._publish(self._folder / stem, body)
                self._publish(self._sent / digest, stem.encode())
                (self._sent / f"{digest}.claim").unlink()
        except OSError as error:
            raise DeliveryError(Incident(str(self._folder), f"cannot write: {error.strerror or error}")) from error

    def probe(self) -> Probed:
        """Whether the folder can be written to. Raises DeliveryError."""
        return look(self._folder, os.W_OK)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, (self._sent / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _serial(self, digest: str) -> str:
        """The message's own number; kept before the file is written, so that a second try after a crash takes it."""
        claim = self._sent / f"{digest}.claim"
        if not claim.exists():
            counter = self._sent / "serial"
            number = int(counter.read_text("ascii")) + 1 if counter.exists() else 1
            self._publish(counter, b"%d" % number)
            self._publish(claim, b"%d" % number)
        return claim.read_text("ascii").rjust(12, "0")

    def _publish(self, path: Path, content: bytes) -> None:
        """Write under another name, force to disk, rename: the name appears with the whole content or not at all."""
        fresh = self._sent / f"{secrets.token_hex(8)}.part"
        try:
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        _force(path.parent)


def _safe(kind: str) -> str:
    return _UNSAFE.sub("-", kind).strip(".-")[:40] or "message"


def _force(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
