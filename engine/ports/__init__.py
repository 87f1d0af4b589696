"""Doors to the outside: what the engine asks of databases, clocks, printers and channels.

Adapters implement these protocols; the engine never knows which. Every method says what it raises; anything else is a
defect of the adapter. The contracts that each implementation must pass are in `engine.testing.contracts`.
Doors to keys, XML, services, archives and the machine stand beside this in modules of their own. Long because every
other door of the engine is found in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from engine.model.criteria import Criterion, Selection, Tally
from engine.model.drawn import Drawn
from engine.model.prints import Layout, Printed, ScannedPage
from engine.model.records import AuditEntry, Effect, HistoryEntry, Record
from engine.model.storage import Storage
from engine.model.traffic import Arrived, Outgoing
from engine.model.values import StoredFile
from engine.model.workbooks import CellForm, MarkedPage, ReadSheet, TemplateColumn
from engine.problems import Incident


class Clock(Protocol):
    """The wall clock, in civil time of the node's zone."""

    def now(self) -> datetime:
        """The present moment, without offset."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self) -> str:
        """An id of 32 lower-case hexadecimal digits that sorts by the time it was made."""
        ...


class Stale(Exception):
    """A record was changed by someone else since it was read."""


class Duplicate(Exception):
    """A uniqueness would be broken; `fields` names it, `existing` is the id of the record that has it."""

    def __init__(self, document: str, fields: tuple[str, ...], existing: str = "") -> None:
        self.document, self.fields, self.existing = document, fields, existing
        super().__init__(f"{document}: {', '.join(fields)}")


class UnreadableScan(Exception):
    """A scan cannot be taken; `reason` is broken, locked, pages (too many), pixels (too large) or slow."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unit(Protocol):
    """One transaction. Everything written through it is kept together or not at all."""

    def fetch(self, document: str, record_id: str, *, lock: bool = False) -> Record | None:
        """The record with all its child tables, or None; `lock` keeps others from changing it until the end."""
        ...

    def fetch_many(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        """Records by id, without child tables; unknown ids are left out."""
        ...

    def fetch_locked(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        """Records by id as they are now, without child tables, kept from others until the end; in the order of ids."""
        ...

    def select(self, selection: Selection) -> list[Record]:
        """One page of records."""
        ...

    def count(self, document: str, where: Criterion, cap: int) -> int:
        """How many records match, at most `cap`."""
        ...

    def tally(
        self,
        document: str,
        where: Criterion,
        by: Sequence[tuple[str, ...]] = (),
        sums: Sequence[str] = (),
        most: int = 10_000,
    ) -> list[Tally]:
        """Matching records counted by the values of paths, fields added up; at most so many groups, in no order.

        Without paths one group, counted 0 where nothing matches. Raises ValueError for what cannot be compared or added
        up in the store: encrypted fields, several values, files."""
        ...

    def insert(self, record: Record) -> None:
        """Store a new record. Raises Duplicate."""
        ...

    def insert_many(self, records: Sequence[Record]) -> None:
        """Store many new records, all or none. Raises Duplicate."""
        ...

    def insert_missing(self, records: Sequence[Record]) -> None:
        """Store those records whose ids are not there yet; whoever is storing one of them is waited for."""
        ...

    def update_many(self, records: Sequence[Record]) -> None:
        """Store records without child tables where the version before theirs is stored. Raises Stale."""
        ...

    def update(self, record: Record, expected: int) -> None:
        """Store the record as a whole where its stored version is `expected`; a child table that `values` does not name
        stays as it is. Raises Stale, Duplicate."""
        ...

    def remove(self, document: str, record_ids: Sequence[str]) -> None:
        """Take rows of the engine's own types, which have neither child tables nor history, away for good; ids that are
        not there are passed over."""
        ...

    def next_number(self, sequence: str) -> int:
        """The next number of a sequence, from 1, without gaps: a rolled back number is given again."""
        ...

    def append_history(self, entry: HistoryEntry) -> None:
        """Add an entry and seal it to the record's chain."""
        ...

    def history(self, document: str, record_id: str) -> list[HistoryEntry]:
        """All entries of a record, oldest first."""
        ...

    def append_audit(self, entry: AuditEntry) -> None:
        """Add an audit entry."""
        ...

    def put_effect(self, effect: Effect) -> bool:
        """Queue an effect; False when its key was already known (nothing is stored then)."""
        ...

    def cancel_effects(self, key_prefix: str) -> int:
        """Cancel waiting effects whose key begins so; how many."""
        ...

    def seen(self, source: str, message_id: str) -> bool:
        """Note an incoming message; True when it was noted before (the inbox)."""
        ...


class DocumentStore(Protocol):
    """The database."""

    def begin(self, *, write: bool = True) -> AbstractContextManager[Unit]:
        """A transaction: commits at the end of the block, rolls back on any exception. Raises Stale when the database
        gave it up because of another one (it may be tried again), RuntimeError for a writing unit within another of
        the same thread."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """A block of one thread whose reading units may all see the same moment, that of the first of them; what the
        thread writes ends it, and units begun after that see it. For pages that ask many things one after the other."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry of the audit by itself, outside any unit; it is kept when this comes back. A store may put
        entries that come at the same time into one transaction. Raises as `begin` does."""
        ...

    def use(self, storages: Sequence[Storage]) -> None:
        """Work with these document types, whose tables stand already; `apply` does so too."""
        ...

    def plan(self, storages: Sequence[Storage]) -> Sequence[str]:
        """What would have to change for these document types, as sentences; empty when nothing would."""
        ...

    def apply(self, storages: Sequence[Storage], *, drop: bool = False) -> Sequence[str]:
        """Make it so; returns what was done. Columns and tables no longer declared stay unless `drop`; document types
        that are not named are left alone. Raises ValueError for a change of type that would lose values unless
        `drop`, Duplicate where rows break a new uniqueness; nothing is changed then."""
        ...

    def claim_effects(self, now: datetime, limit: int, lease_seconds: int) -> list[Effect]:
        """Take effects that are due, oldest first; they come back when the lease passes without an end."""
        ...

    def finish_effect(self, effect_id: str) -> None:
        """Mark done."""
        ...

    def finish_effects(self, effect_ids: Sequence[str]) -> None:
        """Mark many done, in one transaction."""
        ...

    def extend_effects(self, effect_ids: Sequence[str], until: datetime) -> None:
        """Leave effects that are being carried out to whoever took them until then."""
        ...

    def fail_effect(self, effect_id: str, error: str, retry_at: datetime | None) -> None:
        """Note the error; try again at `retry_at`, or never when None."""
        ...

    def effects(
        self, *, state: str | None = None, record: tuple[str, str] | None = None, limit: int = 100
    ) -> list[Effect]:
        """Effects for the operator to see, newest first."""
        ...

    def retry_effects(self, effect_ids: Sequence[str], now: datetime) -> int:
        """Let failed effects begin anew at once; how many."""
        ...

    def drop_effects(self, effect_ids: Sequence[str], because: str) -> int:
        """Give up effects that wait or have failed, and keep why; how many."""
        ...

    def forget(self, before: datetime) -> int:
        """Remove effects that came to their end, and notes of the inbox, from before a moment; how many. What failed
        stays until it is dropped; history and audit always."""
        ...

    def seal_history(self) -> str:
        """Close the entries since the last time into a block over all of history and audit, so that entries that go
        missing at the end of a chain, or whole chains, are noticed. Returns the newest seal, to be kept elsewhere."""
        ...

    def verify_history(self, anchor: str = "") -> Iterator[str]:
        """Walk every chain and block; yields a sentence for each break. `anchor`: a seal that must still be found."""
        ...

    def audit(
        self,
        *,
        limit: int = 100,
        document: str = "",
        record_id: str = "",
        span: tuple[datetime, datetime] | None = None,
        actions: Sequence[str] = (),
        others: bool = False,
    ) -> list[AuditEntry]:
        """Audit entries, newest first: from the first moment of `span` to before its second, those of `actions`, or
        with `others` all that are not."""
        ...

    def acts(self, span: tuple[datetime, datetime], limit: int) -> list[HistoryEntry]:
        """What people and programs with an account did to documents, newest first, without what changed and without
        comments: nothing that the engine did by itself, or that was done to its own document types."""
        ...


class FileStore(Protocol):
    """Bytes kept once under their SHA-256."""

    def put(self, content: bytes, name: str, media: str) -> StoredFile:
        """Keep the bytes; the same bytes twice are one file."""
        ...

    def take(self, source: BinaryIO, name: str, media: str) -> StoredFile:
        """Keep all that a seekable stream holds, of any size, as `put` does; no more of it is in memory than a part."""
        ...

    def get(self, file_hash: str) -> bytes:
        """The bytes. Raises KeyError."""
        ...

    def open(self, file_hash: str) -> BinaryIO:
        """The bytes as a seekable stream, to be closed by whoever asked: of a large file a part at a time is in memory,
        and a part is read without those before it. Raises KeyError; reading raises OSError where it is damaged."""
        ...


class FieldCipher(Protocol):
    """Encryption of protected fields. Keys live with the provider, never in the database."""

    def encrypt(self, text: str, context: str) -> str:
        """Cipher text in printable form, bound to a context such as `document.field`; different at every call."""
        ...

    def decrypt(self, cipher_text: str, context: str) -> str:
        """The plain text. Raises ValueError when altered or of another context."""
        ...

    def blind_index(self, text: str, context: str) -> str:
        """A keyed digest, equal for equal texts, that says nothing of the text."""
        ...


class ContentCipher(Protocol):
    """Encryption of files where they lie. Keys live with the provider."""

    def seal(self, content: bytes, context: str) -> bytes:
        """The bytes encrypted and bound to a context; different at every call."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The bytes. Raises ValueError when altered or of another context."""
        ...


class PasswordHasher(Protocol):
    """Passwords are kept as salted, slow digests only."""

    def hash(self, password: str) -> str:
        """A digest with its parameters."""
        ...

    def verify(self, digest: str, password: str) -> bool:
        """Whether the password is the one."""
        ...


class PdfWriter(Protocol):
    """HTML and print CSS to PDF."""

    def write(self, html: str, *, style: str, base: str = "", title: str = "") -> bytes:
        """One PDF. `base` is the folder that relative addresses in the HTML may reach. Raises DeliveryError."""
        ...


class Press(Protocol):
    """Many prints at a time, made beside the work of people, in processes of its own."""

    def print_all(self, layouts: Sequence[Layout]) -> Printed:
        """One PDF of all, in order. Raises DeliveryError, ValueError when there are none."""
        ...

    def join(self, parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
        """Parts as one PDF; each mark is a bookmark on a page, counted from 0. The same input gives the same bytes."""
        ...


class Typesetter(Protocol):
    """Tells how a print comes out, without making a file."""

    def drawn(self, layout: Layout) -> Drawn:
        """Where everything stands. Raises DeliveryError."""
        ...

    def missing_glyphs(self, text: str) -> set[str]:
        """Signs of a text that no font draws."""
        ...


class ScanReader(Protocol):
    """Scanned paper, which may be anybody's: read where it can do no harm."""

    def read(self, content: bytes, media: str) -> Sequence[ScannedPage]:
        """Every page of a PDF or picture. Raises UnreadableScan: broken, locked, too many pages, too large."""
        ...

    def bind(self, pictures: Sequence[bytes]) -> bytes:
        """Pictures of pages as one PDF."""
        ...


class QrCode(Protocol):
    """QR codes as pictures."""

    def svg(self, text: str) -> str:
        """An SVG document without scripts."""
        ...


class Notifier(Protocol):
    """Tells people something over one way (site, SMS, mail)."""

    def send(self, to: str, text: str, key: str) -> None:
        """Deliver once per key. Raises DeliveryError."""
        ...


class Channel(Protocol):
    """A way for messages to leave."""

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Hand the message over and come back when the far side has it. What is sent again after a crash has the same
        key: a channel that remembers sends it once (per key and header `try`), for others the far end recognises it.
        Raises DeliveryError."""
        ...


@runtime_checkable
class Pipeline(Channel, Protocol):
    """A channel that does not wait for each message before the next."""

    def send_many(self, messages: Sequence[Outgoing]) -> Sequence[Incident | None]:
        """Hand all over, in order: for each None when the far side has it, or why not. Never raises DeliveryError."""
        ...


class Source(Protocol):
    """A way for messages to come in, used by one thread at a time; several of one place share what is there.

    All but `close` raise DeliveryError when the far side cannot be reached; what was not accepted by then comes again.
    """

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """Up to `limit` messages, oldest first; waits for the first one at most `wait` seconds."""
        ...

    def accept(self, tags: Sequence[str]) -> None:
        """Have done with these: they never come again."""
        ...

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give one back: to come again, or to be put aside where such messages are kept."""
        ...

    def close(self) -> None:
        """Give back what was not accepted; `receive` opens anew."""
        ...


class Unreadable(ValueError):
    """A file is no spreadsheet that can be read, or not a harmless one; worded for whoever sent it."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = {"zh": zh, "en": en}
        super().__init__(en)


class Workbook(Protocol):
    """Reads and writes spreadsheets."""

    def read(self, content: bytes) -> Mapping[str, list[list[object]]]:
        """Every sheet as rows of cells (text, numbers, dates, None). Raises Unreadable when it is none."""
        ...

    def open(self, content: bytes) -> Sequence[ReadSheet]:
        """Every sheet in order, its rows read as they are gone through. Raises Unreadable."""
        ...

    def write(
        self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]], forms: Sequence[CellForm] = ()
    ) -> bytes:
        """A workbook of one sheet; `forms` are those of its columns, in order."""
        ...

    def template(self, title: str, columns: Sequence[TemplateColumn], examples: str = "") -> bytes:
        """A sheet to be filled in, and where its columns have any, a sheet of examples that is called so."""
        ...

    def marked(self, pages: Iterable[MarkedPage]) -> bytes:
        """Rows at the places that they came from, with marks at their cells; pages are gone through one by one."""
        ...


class Pinyin(Protocol):
    """Readings of Chinese titles, so that pickers find them by their letters."""

    def readings(self, text: str) -> str:
        """First letters and all letters, lower case, a blank between: 重庆分行 is `cqfh chongqingfenhang`."""
        ...

    def characters(self, syllable: str) -> str:
        """The characters that are read so, without tone: rare ones too, `v` stands for ü."""
        ...
