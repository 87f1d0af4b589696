"""Messages that come in by AS3: the ports `Source` and `Answering`. Files of a folder of the partner's FTP server are
claimed, fetched and opened; once they have landed a signed receipt is left for each, then they are removed.

In: files that appear, or stay unchanged for a while. Out: deliveries; receipts as files. A claim is a name that tells
until when it holds: what a dead process had claimed is anybody's after that. Files that were refused, or cannot be
fetched, stay as `NAME.failed`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from adapters.as2.as3 import Taken, receipt_file, taken_of
from adapters.as2.ftp import PART, FtpFolder, Gone, Listed
from adapters.as2.relation import Relation
from engine.model.traffic import Arrived
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

POLL = 30.0
QUIET = 5.0
_LEASE = 900.0
"""Seconds that a claim holds: longer than fetching and landing of a round take."""
_MARGIN = 65_536
_SHORTEST_LOOK = 0.1
_CLAIM = re.compile(r"(.+)\.taken-(\d+)-[0-9a-f]{12}")
_PASSED_OVER = (PART, ".tmp", ".filepart", ".writing", ".failed")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """Where files are looked for, where receipts are left, where files go that are done with (nowhere: removed)."""

    folder: str
    receipts: str
    done: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks at a folder in which nothing was, and after which an unchanged file counts as whole."""

    poll: float = POLL
    quiet: float = QUIET


@dataclass(frozen=True, slots=True)
class _Claim:
    """A file that is this source's until a moment: its name before, what it was; whether it has to stay."""

    before: str
    taken: Taken
    stays: bool = False


@dataclass(slots=True)
class As3Source:
    """Takes files of one partner; several share a folder. One thread at a time."""

    name: str
    relation: Relation
    ftp: FtpFolder
    places: Places
    pace: Pace = field(default_factory=Pace)
    now: Callable[[], datetime] = _now
    _claims: dict[str, _Claim] = field(default_factory=dict)
    _seen: dict[str, tuple[Listed, float]] = field(default_factory=dict)
    _look_at: float = 0.0

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        until = time.monotonic() + wait
        while True:
            if time.monotonic() >= self._look_at:
                found = self._found(limit)
                if found:
                    return found
                self._look_at = time.monotonic() + self._rest()
            rest = min(max(self._look_at, time.monotonic() + _SHORTEST_LOOK), until) - time.monotonic()
            if rest <= 0:
                return []
            time.sleep(rest)

    def answer(self, outcomes: Mapping[str, str]) -> None:
        """Leave a receipt for each message whose sender asked for one. Raises DeliveryError."""
        for tag, code in outcomes.items():
            owed = self._held(tag).taken.owed
            if owed is not None:
                refused = "unexpected-processing-error" if code and not owed.disposition else owed.disposition
                told = replace(owed, disposition=refused)
                name = hashlib.sha256(owed.message_id.encode()).hexdigest()[:32]
                self.ftp.put(f"{self.places.receipts}/{name}.mdn", receipt_file(self.relation, told))

    def accept(self, tags: Sequence[str]) -> None:
        """Remove files, or move them to where they are kept."""
        for tag in tags:
            claim = self._held(tag)
            with suppress(Gone):
                if claim.stays:
                    self.ftp.move(self._path(tag), self._path(f"{claim.before}.failed"))
                elif self.places.done:
                    self.ftp.move(self._path(tag), f"{self.places.done}/{claim.before}")
                else:
                    self.ftp.remove(self._path(tag))
            del self._claims[tag]

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give a file its name back, or mark it as failed."""
        before = self._held(tag).before
        with suppress(Gone):
            self.ftp.move(self._path(tag), self._path(before if again else f"{before}.failed"))
        del self._claims[tag]
        self._look_at = 0.0

    @property
    def valid_until(self) -> datetime:
        """When the first of the certificates ends. See `engine.ports.watching.Certified`."""
        return self.relation.ends.until

    def probe(self) -> Probed:
        """Whether the folder is there, and how many files wait in it. Raises DeliveryError."""
        if expired := self.relation.ends.expired(self.now()):
            raise DeliveryError(Incident(self.name, expired, retry=False))
        waiting = [one for one in self.ftp.files(self.places.folder) if _is_message(one.name)]
        return Probed(self.places.folder, len(waiting))

    def close(self) -> None:
        """Give claims back; where the server is away, they end by themselves."""
        with suppress(DeliveryError):
            for tag, claim in self._claims.items():
                with suppress(Gone):
                    self.ftp.move(self._path(tag), self._path(claim.before))
        self._claims.clear()
        self._look_at = 0.0
        self.ftp.close()

    def _rest(self) -> float:
        """Until the next look: soon, where a file is being watched."""
        return min(self.pace.poll, max(self.pace.quiet, _SHORTEST_LOOK)) if self._seen else self.pace.poll

    def _found(self, limit: int) -> list[Arrived]:
        listed = self.ftp.files(self.places.folder)
        self._recover(listed)
        whole = [one for one in listed if _is_message(one.name) and self._is_whole(one)]
        self._seen = {one.name: self._seen[one.name] for one in listed if one.name in self._seen}
        found: list[Arrived] = []
        for one in whole:
            if len(found) == limit:
                break
            if (arrived := self._taken(one)) is not None:
                found.append(arrived)
        return found

    def _recover(self, listed: Sequence[Listed]) -> None:
        """Take back claims whose time is over."""
        for one in listed:
            claim = _CLAIM.fullmatch(one.name)
            if claim is not None and one.name not in self._claims and int(claim[2]) < self.now().timestamp():
                with suppress(Gone):
                    self.ftp.move(self._path(one.name), self._path(claim[1]))

    def _is_whole(self, one: Listed) -> bool:
        """Whether a file has not changed for a while: not everybody renames what is written."""
        if not self.pace.quiet:
            return True
        before, since = self._seen.get(one.name, (None, 0.0))
        if before != one:
            self._seen[one.name] = (one, time.monotonic())
            return False
        return time.monotonic() - since >= self.pace.quiet

    def _taken(self, one: Listed) -> Arrived | None:
        """Claim and open a file; None where somebody else was faster."""
        tag = f"{one.name}.taken-{int(self.now().timestamp() + _LEASE)}-{secrets.token_hex(6)}"
        try:
            self.ftp.move(self._path(one.name), self._path(tag))
        except Gone:
            return None
        content, why = self._fetched(one, tag)
        if why:
            taken = Taken(Arrived(b"", f"{one.name} {one.size}", tag=tag, distrusted=why))
        else:
            taken = taken_of(self.relation, content, tag, self.now())
        self._claims[tag] = _Claim(one.name, taken, stays=bool(why))
        return taken.arrived

    def _fetched(self, one: Listed, tag: str) -> tuple[bytes, str]:
        """The content, or why there is none. Raises DeliveryError where the line broke; the file has its name back then
        if the server still lets us."""
        most, content = self.relation.most + _MARGIN, b""
        if (one.size or 0) <= most:
            try:
                content = self.ftp.fetch(self._path(tag), most)
            except Gone:
                return b"", f"cannot be read: {one.name}"
            except DeliveryError:
                with suppress(DeliveryError, Gone):
                    self.ftp.move(self._path(tag), self._path(one.name))
                raise
        if max(one.size or 0, len(content)) > most:
            return b"", f"too large: {one.name}, {one.size or len(content)} bytes"
        return content, ""

    def _held(self, tag: str) -> _Claim:
        if tag not in self._claims:
            raise DeliveryError(Incident(self.name, "the connection was lost; they come again"))
        return self._claims[tag]

    def _path(self, name: str) -> str:
        return f"{self.places.folder}/{name}"


def _is_message(name: str) -> bool:
    return not name.endswith(_PASSED_OVER) and _CLAIM.fullmatch(name) is None
