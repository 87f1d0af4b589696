"""Building of guards, limits and the security of envelopes.

In: entries judged by the schema. Out: `engine.model.guards` in their order, `Security`. An item that names no guard, or
two of them, is told here; whether the names in it mean anything is found by the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.loading.entry import Entry, text_of
from engine.loading.names import Names
from engine.loading.phrases import read_rate, read_seconds, read_size
from engine.loading.piece import Piece
from engine.model.envelopes import Security
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


def build_guards(entry: Entry, names: Names) -> tuple[Guard, ...]:
    """The guards under `accept`."""
    found = (_guard(one, names) for one in entry.each("accept", "guard"))
    return tuple(one for one in found if one is not None)


def _guard(entry: Entry, names: Names) -> Guard | None:
    named = [word for word in _GUARDS if word in entry]
    if len(named) != 1:
        entry.report("MSG017", entry.where, names=", ".join(_GUARDS))
        return None
    found = _GUARDS[named[0]](entry, names, code_of(entry.piece("code")), entry.flag("if_present"))
    return replace(found, only=entry.formula("if")) if "if" in entry else found


def code_of(piece: Piece | None) -> Code:
    """A code as it is answered: a number stays one."""
    if piece is None or piece.value is None:
        return ""
    return piece.value if isinstance(piece.value, int) else text_of(piece)


def _size(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    return Size(most=read_size(entry.text("size")) or 0, code=code, if_present=passing, where=entry.where)


def _shape(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    entry.flag("shape")
    return Wellformed(code=code, if_present=passing, where=entry.where)


def _fresh(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    within, at = seconds(entry, "fresh"), entry.text("at")
    if not at:
        entry.missing("at")
    return Fresh(within=within, at=at, code=code, if_present=passing, where=entry.where)


def _once(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    span = seconds(entry, "for") or 86_400.0
    return Once(of=entry.text("once"), seconds=span, code=code, if_present=passing, where=entry.where)


def _rate(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    inner = entry.entry("rate", "rate")
    limit = _limit(inner, "limit") if inner is not None else Limit(0, 1.0)
    return Rate(limit=limit, code=code, if_present=passing, where=entry.where)


def _known(entry: Entry, names: Names, code: Code, passing: bool) -> Guard:
    if "in" not in entry:
        entry.missing("in")
    origin = entry.origin
    document = names.resolve("document", entry.text("in"), origin.system, entry.at("in"), origin.problems)
    return Known(
        of=entry.text("known"),
        document=document,
        by=entry.text("by", "number"),
        code=code,
        if_present=passing,
        where=entry.where,
    )


def _holds(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    condition = entry.formula("when") or Formula("false", entry.where)
    return Holds(condition=condition, code=code, if_present=passing, where=entry.where)


def _verify(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    return Verified(
        of=entry.text("verify"),
        key=entry.text("key"),
        over=entry.names("over"),
        number=entry.text("number"),
        code=code,
        if_present=passing,
        where=entry.where,
    )


def _open(entry: Entry, _names: Names, code: Code, passing: bool) -> Guard:
    return Unsealed(of=entry.text("open"), code=code, if_present=passing, where=entry.where)


_GUARDS: Mapping[str, Callable[[Entry, Names, Code, bool], Guard]] = {
    "size": _size, "shape": _shape, "fresh": _fresh, "once": _once, "rate": _rate, "known": _known, "when": _holds,
    "verify": _verify, "open": _open,
}  # fmt: skip


def seconds(entry: Entry, key: str) -> float:
    """A length of time in seconds; one that differs from month to month is told."""
    if key not in entry:
        return 0.0
    found = read_seconds(entry.text(key))
    if found is None:
        entry.report("MSG018", entry.at(key))
    return found or 0.0


def build_limit(entry: Entry | None) -> Limit | None:
    """A limit of calls."""
    return None if entry is None else _limit(entry, "rate")


def _limit(entry: Entry, key: str) -> Limit:
    count, span = read_rate(entry.text(key)) or (0, 1.0)
    return Limit(count, span, seconds(entry, "wait"), entry.text("per"))


def build_security(entry: Entry | None) -> Security | None:
    """Signature and cipher of an envelope in JSON."""
    if entry is None:
        return None
    return Security(
        sign=entry.text("sign"),
        over=entry.names("over"),
        seal=entry.text("seal"),
        of=entry.text("of"),
        partner_name=entry.text("certificate_of"),
        certificate=entry.text("certificate"),
        key=entry.text("key"),
        own=entry.given("as"),
        where=entry.where,
    )
