"""What every use case stands on: the definitions in force and the ports. Made by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar, cast

from engine.access.rights import Rights, rights_of
from engine.checks import CheckedDefinitions
from engine.documents.validation import Validation
from engine.model.configured import SigningChoice
from engine.model.machines import Event
from engine.model.program import DocumentProgram
from engine.model.system import Definitions, Node
from engine.model.traffic import Received
from engine.ports import (
    Channel,
    Clock,
    DocumentStore,
    FileStore,
    Ids,
    Notifier,
    PasswordHasher,
    PdfWriter,
    Pinyin,
    Press,
    QrCode,
    ScanReader,
    Source,
    Workbook,
)
from engine.ports.archives import Archive
from engine.ports.care import NodeCare
from engine.ports.crypto import CryptoRoom
from engine.ports.licences import LicenceShelf
from engine.ports.logs import LogBook
from engine.ports.services import OutsideService
from engine.ports.watching import Host, Prober
from engine.ports.xml import Xml
from engine.tables.compiled import CompiledTable
from engine.usecases.uptime import Uptime
from engine.usecases.views import Actor

Result = TypeVar("Result")
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class InForce:
    """Linked definitions with what was worked out from them."""

    definitions: Definitions
    programs: Mapping[str, DocumentProgram]
    tables: Mapping[str, CompiledTable] = field(default_factory=dict)
    backs: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Back references: (document, name) to (referring document, its field)."""
    schemas: Mapping[str, str] = field(default_factory=dict)
    """Texts of message schemas by path."""
    _rights: dict[tuple[str, frozenset[str] | None], Rights] = field(default_factory=dict, repr=False, compare=False)
    _validations: dict[tuple[str, str], Validation] = field(default_factory=dict, repr=False, compare=False)
    _kept: dict[tuple[str, str], object] = field(default_factory=dict, repr=False, compare=False)

    def rights(self, document: str, roles: frozenset[str], *, everything: bool = False) -> Rights:
        """Rights that a set of roles has on a document type; worked out once for each set."""
        key = (document, None if everything else roles)
        found = self._rights.get(key)
        if found is None:
            declared, grants = self.definitions.documents[document], self.definitions.access.get(document, {})
            found = self._rights[key] = rights_of(declared, grants, roles, everything=everything)
        return found

    def once(self, what: str, document: str, make: Callable[[], Result]) -> Result:
        """Something of a document type that depends on the definitions alone: made at first use, and kept."""
        key = (what, document)
        if key not in self._kept:
            self._kept[key] = make()
        return cast("Result", self._kept[key])

    def validation(self, document: str, event: Event | None = None) -> Validation:
        """The check of JSON values of a document type, or of what an event of it asks; compiled at first use."""
        key = (document, event.name if event is not None else "")
        found = self._validations.get(key)
        if found is None:
            fields = self.definitions.documents[document].fields if event is None else event.ask
            found = self._validations[key] = Validation.of(fields, self.definitions.codes)
        return found


def in_force(checked: CheckedDefinitions) -> InForce:
    """What was checked, as use cases need it."""
    return InForce(checked.definitions, checked.programs, checked.tables, checked.backs, checked.schemas)


class Receiver(Protocol):
    """What understands messages that come in."""

    def __call__(self, runtime: Runtime, channel: str, content: bytes, landed_id: str) -> Received:
        """Work on a landed message and say what became of it. What it causes is one transaction that begins with
        `landing.waiting_message` and ends with `landing.settle`, so that it happens once. Raises Refused for what was
        understood and may not be, and anything else for what may go well later."""
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """Definitions in force and ports. `node` says which of the definitions run here."""

    force: InForce
    node: Node
    store: DocumentStore
    files: FileStore
    clock: Clock
    ids: Ids
    passwords: PasswordHasher
    pdf: PdfWriter
    qr: QrCode
    workbook: Workbook
    pinyin: Pinyin
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    """What this node listens to, by channel."""
    services: Mapping[str, OutsideService] = field(default_factory=dict)
    """Outside services that calls ask, by the name that the node binds."""
    receiver: Receiver | None = None
    crypto: Callable[[], CryptoRoom] | None = None
    """Keys, certificates and signatures of this node; made when something is first signed."""
    xml: Xml | None = None
    """Reads XML messages, by the schemas of the definitions in force."""
    press: Press | None = None
    scans: ScanReader | None = None
    host: Host | None = None
    """The machine that this node runs on."""
    measured: Callable[[], Mapping[str, object]] | None = None
    """What is known of this node by what was measured last: columns of `engine.model.happenings.DEVICE`."""
    uptime: Uptime = field(default_factory=Uptime)
    """Since when this process has been at work."""
    prober: Prober | None = None
    """Tries the far ends of channels."""
    logs: LogBook | None = None
    """What the processes of this node say of themselves."""
    signing: SigningChoice = SigningChoice()
    """How messages are signed, as operators set it."""
    licences: LicenceShelf | None = None
    """The application code of this installation and its licence."""
    secret: bytes = b""
    archive: Archive | None = None
    """Where bodies of messages go when their time is over; without it they stay."""
    message_days: int = 92
    """How long the body of a message is kept at hand: three months."""
    keep_days: int = 90
    """How long effects that came to their end and notes of the inbox are kept."""
    address: str = ""
    """Where people reach this node, as codes on paper say it: `https://office.example`."""
    care: NodeCare | None = None
    """Copies, versions and the clock of this node."""
    timer: Callable[[], float] | None = None
    """Seconds that never go back, to hold costly work to its limits; without it steps alone are counted."""

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        return self.force.definitions

    def ahead(self, channel: str) -> timedelta:
        """How much earlier messages of a channel are due: those of an urgent one go before all that wait."""
        bound = self.node.channels.get(channel)
        return AHEAD if bound is not None and bound.urgent else timedelta()

    def rights(self, document: str, actor: Actor) -> Rights:
        """An actor's rights on a document type; the engine's own parts may do everything."""
        return self.force.rights(document, actor.roles, everything=bool(actor.special))
