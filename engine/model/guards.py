"""Guards: what a message must meet before it is let in, each with the code that its sender is answered with.

Plain data; `engine.envelopes` judges by them.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.formula import Formula
from engine.problems import NOWHERE, Span

Code = int | str
NONE = "none"
"""In place of an envelope's id: the message comes bare."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds, for each value of `per`; who would wait at most `wait` seconds is let in."""

    count: int
    seconds: float
    wait: float = 0.0
    per: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What every guard has: the code of its refusal, whether it is passed over where its value is missing, and the
    condition under which it is judged at all."""

    code: Code = ""
    if_present: bool = False
    only: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Size(Guard):
    """At most so many bytes."""

    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wellformed(Guard):
    """It can be read, and what the envelope requires is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh(Guard):
    """The moment under a name lies within so many seconds of now, before or after."""

    within: float
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(Guard):
    """The value of a name has not come before for so many seconds."""

    of: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Guard):
    """No more than so often."""

    limit: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Guard):
    """A record of a document type whose field `by` equals the value of a name: the caller."""

    of: str
    document: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds(Guard):
    """A condition on the message and its caller."""

    condition: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Guard):
    """The signature under a name is the caller's. Of XML: the signature within; `key` names a key of this node that it
    must be by, without one its certificate must be trusted. Of JSON without an envelope: one `over` members, by the
    trusted certificate whose number stands under `number`."""

    of: str
    key: str = ""
    over: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed(Guard):
    """What is sealed for this node can be opened."""

    of: str
