"""A call of an offer and its answer, as plain data between the door and the use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.guards import Code
from engine.model.values import StoredFile
from engine.usecases.views import Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it came: its bytes, or the beginning of what is longer than `most`; how many there were, how they are
    encoded beyond what they are; the arguments of its address, who holds its token."""

    content: bytes
    size: int
    arguments: Mapping[str, str] = field(default_factory=dict)
    actor: Actor | None = None
    address: str = ""
    most: int = 16 << 20
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to whoever called: `word` is ok or what went wrong, `code` how the envelope says it, `data` the
    answer of the offer or `file` in its place, `status` that of HTTP where there is no envelope."""

    word: str
    code: Code
    text: str = ""
    fields: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    duplicate: bool = False
    status: int = 200
    file: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer: data for one that is bare, bytes for one in an envelope."""

    told: Told
    content: bytes | None = None
    media: str = "application/json"
