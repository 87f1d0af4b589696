"""Who and what is let in: the guards of an envelope, one after the other, until one refuses.

In: guards, a message as it came, a `Gate` that answers what a guard must ask of the surroundings. Out: an `Admission`
with the caller, or `NotAdmitted` with the code of the guard that refused. Judges nothing that no guard asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engine.model.formula import Formula
from engine.model.guards import (
    Code,
    Fresh,
    Guard,
    Holds,
    Known,
    Limit,
    Once,
    Rate,
    Size,
    Unsealed,
    Verified,
    Wellformed,
)

Row = Mapping[str, Any]


class Proof(StrEnum):
    """What became of a signature that was looked at."""

    HOLDS = "holds"
    ABSENT = "unsigned"  # there is none
    WRONG = "wrong"  # it is none of this message, or of no known form
    ALTERED = "altered"  # the message was changed after it was signed
    STRANGER = "untrusted"  # its certificate is not believed: unknown, out of date, revoked


class NotAdmitted(Exception):
    """A guard refused. `word` names the guard as definitions do, `code` is what the sender is told, `why` says more
    where a guard refuses for several reasons."""

    def __init__(self, word: str, code: Code, zh: str, en: str, name: str = "", *, why: str = "") -> None:
        self.word, self.code, self.name, self.why = word, code, name, why or word
        self.text = {"zh": zh, "en": en}
        super().__init__(f"{word}: {en}")


@dataclass(slots=True)
class Admission:
    """A message at the gate: its length, its names once it was read, what was wrong with it, who sends it."""

    size: int
    names: Row = field(default_factory=dict)
    faults: Sequence[Mapping[str, str]] = ()
    caller: Row | None = None


class Gate(Protocol):
    """What guards ask. Implemented by `engine.usecases.admitting`."""

    @property
    def now(self) -> datetime:
        """The present moment."""
        ...

    def seen(self, key: str, seconds: float) -> bool:
        """Whether a key came before within so many seconds; it is noted."""
        ...

    def allows(self, key: str, limit: Limit) -> bool:
        """Whether one more may come; it is counted."""
        ...

    def find(self, document: str, by: str, value: object) -> Row | None:
        """The one record whose field equals a value."""
        ...

    def holds(self, condition: Formula, admission: Admission) -> bool:
        """Whether a condition is true of the message and its caller."""
        ...

    def verified(self, guard: Verified, admission: Admission) -> Proof:
        """Whether a signature holds and is the caller's."""
        ...

    def opened(self, guard: Unsealed, admission: Admission) -> bool:
        """Whether what is sealed could be opened."""
        ...


def admit(guards: Sequence[Guard], admission: Admission, gate: Gate) -> Admission:
    """Let a message pass all guards, or raise NotAdmitted."""
    for guard in guards:
        if guard.only is None or gate.holds(guard.only, admission):
            _JUDGES[type(guard)](guard, admission, gate)
    return admission


def needed(guards: Sequence[Guard]) -> Sequence[str]:
    """Names that a message must have for its guards to be judged."""
    always = [guard for guard in guards if not guard.if_present and guard.only is None]
    found = [name for guard in always if (name := _name(guard))]
    return tuple(dict.fromkeys(found))


def _name(guard: Guard) -> str:
    if isinstance(guard, Fresh):
        return guard.at
    return guard.of if isinstance(guard, Once | Known | Verified | Unsealed) else ""


def _absent(guard: Guard, name: str, admission: Admission) -> bool:
    """Whether the guard is passed over, its value not being there."""
    return guard.if_present and admission.names.get(name) in (None, "")


def _size(guard: Size, admission: Admission, gate: Gate) -> None:
    if admission.size > guard.most:
        zh, en = f"报文过大，最多{guard.most}字节", f"the message is too large, {guard.most} bytes at most"
        raise NotAdmitted("size", guard.code, zh, en)


def _shape(guard: Wellformed, admission: Admission, gate: Gate) -> None:
    for fault in admission.faults[:1]:
        raise NotAdmitted("shape", guard.code, fault["zh"], fault["en"])


def _fresh(guard: Fresh, admission: Admission, gate: Gate) -> None:
    if _absent(guard, guard.at, admission):
        return
    moment = admission.names.get(guard.at)
    if not isinstance(moment, datetime) or abs((gate.now - moment).total_seconds()) > guard.within:
        raise NotAdmitted("fresh", guard.code, "时间相差过大", "its time is too far from now", guard.at)


def _once(guard: Once, admission: Admission, gate: Gate) -> None:
    value = admission.names.get(guard.of)
    if _absent(guard, guard.of, admission):
        return
    if value in (None, ""):
        raise NotAdmitted("once", guard.code, f"缺少{guard.of}", f"{guard.of} is missing", guard.of)
    if gate.seen(f"{guard.of}:{value}", guard.seconds):
        raise NotAdmitted("once", guard.code, "重复的请求", "it came before", guard.of)


def _rate(guard: Rate, admission: Admission, gate: Gate) -> None:
    if not gate.allows(str(admission.names.get(guard.limit.per) or ""), guard.limit):
        raise NotAdmitted("rate", guard.code, "请求过于频繁", "too many requests", guard.limit.per)


def _known(guard: Known, admission: Admission, gate: Gate) -> None:
    value = admission.names.get(guard.of)
    if _absent(guard, guard.of, admission):
        return
    admission.caller = gate.find(guard.document, guard.by, value) if value not in (None, "") else None
    if admission.caller is None:
        raise NotAdmitted("known", guard.code, "不认识的发送方", "whoever sends it is not known", guard.of)


def _when(guard: Holds, admission: Admission, gate: Gate) -> None:
    if not gate.holds(guard.condition, admission):
        raise NotAdmitted("when", guard.code, "不接受此发送方的报文", "messages of this sender are not accepted")


def _verify(guard: Verified, admission: Admission, gate: Gate) -> None:
    proof = gate.verified(guard, admission)
    if proof is Proof.HOLDS or (proof is Proof.ABSENT and guard.if_present):
        return
    raise NotAdmitted("verify", guard.code, *_PROOFS[proof], guard.of, why=proof.value)


def _open(guard: Unsealed, admission: Admission, gate: Gate) -> None:
    if not gate.opened(guard, admission):
        raise NotAdmitted("open", guard.code, "密文打不开", "what is sealed cannot be opened", guard.of)


_PROOFS: Mapping[Proof, tuple[str, str]] = {
    Proof.ABSENT: ("没有签名", "it is not signed"),
    Proof.WRONG: ("签名不正确", "the signature does not hold"),
    Proof.ALTERED: ("签名与数据不符：签名之后内容被改动", "the content was altered after it was signed"),
    Proof.STRANGER: ("签名证书不受信任", "the certificate that signed it is not trusted"),
}
_JUDGES: Mapping[type[Guard], Callable[[Any, Admission, Gate], None]] = {
    Size: _size,
    Wellformed: _shape,
    Fresh: _fresh,
    Once: _once,
    Rate: _rate,
    Known: _known,
    Holds: _when,
    Verified: _verify,
    Unsealed: _open,
}
