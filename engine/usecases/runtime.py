"""What every use case stands on: the definitions in force and the ports. Made by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.checks import CheckedDefinitions
from engine.model.program import DocumentProgram
from engine.model.system import Definitions, Node
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
    QrCode,
    Workbook,
)
from engine.tables.compiled import CompiledTable


@dataclass(frozen=True, slots=True)
class InForce:
    """Linked definitions with what was worked out from them."""

    definitions: Definitions
    programs: Mapping[str, DocumentProgram]
    tables: Mapping[str, CompiledTable] = field(default_factory=dict)
    backs: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Back references: (document, name) to (referring document, its field)."""


def in_force(checked: CheckedDefinitions) -> InForce:
    """What was checked, as use cases need it."""
    return InForce(checked.definitions, checked.programs, checked.tables, checked.backs)


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
    secret: bytes = b""

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        return self.force.definitions
