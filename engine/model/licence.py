"""What a licence of a node says, and how a node stands with it. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits of application codes (Crockford's base 32): none that is taken for another."""
LENGTH = 20
_CHECK, _GROUP = 4, 4


@dataclass(frozen=True, slots=True)
class LicenceDemand:
    """What a node asks for before it exchanges messages: a licence by whoever has this certificate (PEM)."""

    issuer: str


@dataclass(frozen=True, slots=True)
class Licence:
    """What an issuer allows: to the node whose application `code` it was, for a `firm`, by the number `partner` that
    others know it by, through `expires`. `features` are the systems that may be exchanged for; none named: all."""

    code: str
    firm: str
    partner: str
    issued: date
    expires: date
    features: tuple[str, ...] = ()


class LicenceState(StrEnum):
    """How a node stands."""

    FREE = "free"  # it demands none
    WAITING = "waiting"  # none is there
    REFUSED = "refused"  # one is there, and not for this node
    EXPIRED = "expired"  # what runs goes on, settings stay as they are
    VALID = "valid"


class LicenceFault(StrEnum):
    """Why a licence is refused."""

    UNREADABLE = "unreadable"  # no licence file
    FOREIGN = "foreign"  # another issuer's
    ALTERED = "altered"  # the signature does not hold
    CODE = "code"  # of another application
    SYSTEMS = "systems"  # does not cover the systems of this node
    EXPIRED = "expired"
    UNPROVEN = "unproven"  # nothing here can verify it, or the issuer's certificate cannot be read


class LicenceRefused(Exception):
    """A licence that is not taken."""

    def __init__(self, fault: LicenceFault, about: str = "") -> None:
        self.fault, self.about = fault, about
        super().__init__(f"{fault}: {about}" if about else str(fault))


def coded(signs: str) -> str:
    """An application code out of twenty signs: four more that check them, all in groups of four."""
    whole = signs + _check(signs)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def is_code(text: str) -> bool:
    """Whether a text is a code without a slip of the pen."""
    signs = text.replace("-", "")
    return len(signs) == LENGTH + _CHECK and coded(signs[:LENGTH]) == text


def _check(signs: str) -> str:
    return "".join(SIGNS[byte % len(SIGNS)] for byte in sha256(signs.encode()).digest()[:_CHECK])
