"""Access: what a role sees and does with a document type. Nothing is granted unless written."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.formula import Formula
from engine.problems import NOWHERE, Span

ALL = ("*",)


@dataclass(frozen=True, slots=True)
class EditGrant:
    """Fields that may be changed, where the condition holds."""

    fields: tuple[str, ...] = ()
    when: Formula | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do. Names may be `*`; `rows` None means all rows. Grants add up over roles, `deny` wins."""

    role: str
    rows: Formula | None = None
    read: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    create: bool = False
    edit: EditGrant = EditGrant()
    events: tuple[str, ...] = ()
    print: tuple[str, ...] = ()
    export: bool = False
    export_mask: tuple[str, ...] = ()
    bring_in: bool = False  # `import`
    deny: tuple[str, ...] = ()  # fields, events or prints refused whatever other roles grant
    where: Span = NOWHERE
