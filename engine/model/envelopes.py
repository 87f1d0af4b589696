"""Envelopes: how messages are wrapped, what secures them, and which guards let one in, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Given, Title
from engine.model.guards import Code, Guard, Known, Verified
from engine.model.messages import MessageLeaf, MessageMapping
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Security:
    """Signature and cipher of an envelope in JSON.

    `sign` is the algorithm over the parts `over`, `seal` that of the part `of`. `key` is this node's own, `own` what it
    calls itself under the name `partner_name`, by which partners are known; `certificate` is the field of theirs.
    """

    sign: str = ""
    over: tuple[str, ...] = ()
    seal: str = ""
    of: str = ""
    partner_name: str = ""
    certificate: str = ""
    key: str = ""
    own: Given | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Envelope:
    """How messages are wrapped: a mapping whose `body` is the message within, bytes out and in."""

    id: str
    mapping: MessageMapping
    where: Span = NOWHERE
    system: str = ""
    title: Title = Title()
    security: Security | None = None
    accept: tuple[Guard, ...] = ()
    codes: Mapping[str, Code] = field(default_factory=dict)
    answer: tuple[MessageLeaf, ...] = ()

    @property
    def known(self) -> Known | None:
        """The guard that finds the caller."""
        return next((one for one in self.accept if isinstance(one, Known)), None)

    @property
    def proves(self) -> bool:
        """Whether whoever is let in has proved who they are."""
        signed = any(isinstance(one, Verified) and not one.if_present and one.only is None for one in self.accept)
        return signed and self.known is not None
