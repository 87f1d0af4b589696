"""The licence of a node: judged each day anew; what waits while there is none.

In: what the node file demands, the shelf of the installation. Out: how the node stands. Without a licence messages
wait; with one that has run out they go on, and settings stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from engine.model.licence import Licence, LicenceFault, LicenceRefused, LicenceState
from engine.problems import Finding, Refused
from engine.signing.licences import read
from engine.usecases.runtime import Runtime

SOON = 30
"""Days before the end at which people are told of it."""
UNLICENSED = "MSG116"
_EXCHANGING = frozenset({LicenceState.FREE, LicenceState.VALID, LicenceState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a node stands. `fault` and `about` say why a licence is refused; `left` are the days that a valid one has."""

    state: LicenceState
    code: str = ""
    licence: Licence | None = None
    fault: LicenceFault | None = None
    about: str = ""
    left: int = 0

    @property
    def exchanges(self) -> bool:
        """Whether messages go out and come in."""
        return self.state in _EXCHANGING

    @property
    def locked(self) -> bool:
        """Whether settings stay as they are."""
        return self.state is LicenceState.EXPIRED

    @property
    def is_told(self) -> bool:
        """Whether administrators should see to it."""
        return self.state is not LicenceState.FREE and (self.state is not LicenceState.VALID or self.left <= SOON)


def standing(runtime: Runtime) -> Standing:
    """How the node stands now."""
    if runtime.node.licence is None:
        return Standing(LicenceState.FREE)
    if runtime.licences is None:
        return Standing(LicenceState.WAITING)
    try:
        code, content = runtime.licences.code(), runtime.licences.read()
    except (OSError, ValueError) as fault:
        return Standing(LicenceState.REFUSED, "", None, LicenceFault.UNREADABLE, str(fault))
    if content is None:
        return Standing(LicenceState.WAITING, code)
    found = _read(runtime, content)
    if isinstance(found, LicenceRefused):
        return Standing(LicenceState.REFUSED, code, None, found.fault, found.about)
    return judged(found, code, runtime.node.systems, runtime.clock.now().date())


def exchanges(runtime: Runtime) -> bool:
    """Whether messages go out and come in."""
    return runtime.node.licence is None or standing(runtime).exchanges


def refuse_locked(runtime: Runtime) -> None:
    """Settings may be changed. Raises Refused where the licence has run out."""
    if standing(runtime).locked:
        zh, en = "授权已到期，配置已锁定；换上新的授权文件后再改", "the licence has expired: settings are locked"
        raise Refused((Finding("licence", {"zh": zh, "en": en}),), kind="not_allowed")


def _read(runtime: Runtime, content: bytes) -> Licence | LicenceRefused:
    """What a file says; worked out once for each."""
    demand = runtime.node.licence
    if demand is None or runtime.crypto is None:
        return LicenceRefused(LicenceFault.UNPROVEN)
    room, issuer = runtime.crypto(), demand.issuer

    def make() -> Licence | LicenceRefused:
        try:
            return read(content, issuer, room)
        except LicenceRefused as refused:
            return LicenceRefused(refused.fault, refused.about)

    return runtime.force.once("licence", sha256(content + issuer.encode()).hexdigest(), make)


def judged(licence: Licence, code: str, systems: tuple[str, ...], today: date) -> Standing:
    """How a node with a code and systems stands with a licence that its issuer signed."""
    if licence.code != code:
        return Standing(LicenceState.REFUSED, code, licence, LicenceFault.CODE, licence.code)
    missing = [one for one in systems if licence.features and one not in licence.features]
    if missing:
        return Standing(LicenceState.REFUSED, code, licence, LicenceFault.SYSTEMS, ", ".join(missing))
    if licence.expires < today:
        return Standing(LicenceState.EXPIRED, code, licence, LicenceFault.EXPIRED, licence.expires.isoformat())
    return Standing(LicenceState.VALID, code, licence, left=(licence.expires - today).days)
