"""What the names of a template may mean: types of members and of what loops take out.

In: shapes, code lists and surroundings of the definitions. Out: answers for the checker. Knows no template.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from engine.model.types import ANY, DATETIME, TEXT, Kind, Shape, Type
from engine.printing.limits import Limits

FREE = frozenset({Kind.ANY, Kind.JSON, Kind.NULL})
"""Kinds of which nothing is known: everything goes."""

APPROVALS, STEPS, DECISIONS = "signatures.approval", "signatures.step", "signatures.decision"
"""What the codes of signatures are told apart by, where a template compares them."""
AGREE, REFUSE = "agree", "refuse"

_ITEMS = {Kind.REFS: Kind.REF, Kind.CODES: Kind.CODE, Kind.FILES: Kind.FILE}


def _unknown(name: str) -> None:
    del name


def _none(text: str) -> set[str]:
    del text
    return set()


def signatures(account: Type) -> Type:
    """The type of `signatures`: who has signed the approvals of the document; `account` is the type of one."""
    columns = {
        "approval": Type(Kind.CODE, APPROVALS),
        "step": Type(Kind.CODE, STEPS),
        "signer": account,
        "on_behalf": account,
        "decision": Type(Kind.CODE, DECISIONS),
        "opinion": TEXT,
        "at": DATETIME,
    }
    return Type(Kind.ROWS, shape=Shape("signatures", columns))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the names of a template may mean.

    `shape` is that of the print's document, `surroundings` are names beside its fields (user, org, today …). `shapes`
    answers by document type, `columns` and `codes` by code list; None when there is no such type or list.
    `missing_glyphs` tells which signs of a text no font draws.
    """

    shape: Shape
    surroundings: Mapping[str, Type] = field(default_factory=dict)
    shapes: Callable[[str], Shape | None] = _unknown
    columns: Callable[[str], Mapping[str, Type] | None] = _unknown
    codes: Callable[[str], Collection[str] | None] = _unknown
    missing_glyphs: Callable[[str], set[str]] = _none
    limits: Limits = Limits()

    def members(self, of: Type) -> Mapping[str, Type] | None:
        """What a value of this type has after the dot; None when that cannot be told."""
        match of.kind:
            case Kind.CODE:
                entries = Type(Kind.LIST, item=Type(Kind.CODE, of.of))
                return {"code": TEXT, "title": TEXT, "all": entries, **(self.columns(of.of) or {})}
            case Kind.CODES:
                return {"all": Type(Kind.LIST, item=Type(Kind.CODE, of.of))}
            case Kind.FILE:
                return {"name": TEXT, "src": TEXT}
            case Kind.REF | Kind.ROW:
                shape = of.shape or (self.shapes(of.of) if of.of else None)
                extra = {"id": TEXT, "title": TEXT} if of.kind is Kind.REF else {}
                return None if shape is None else {**extra, **shape.fields}
            case _:
                return {}

    def item(self, of: Type) -> Type | None:
        """What a loop over this type takes out; None when it is no table or list."""
        if of.kind in FREE:
            return ANY
        if of.kind is Kind.LIST:
            return of.item or ANY
        if of.kind is Kind.ROWS:
            shape = of.shape or (self.shapes(of.of) if of.of else None)
            return Type(Kind.ROW, of.of, shape=shape)
        return Type(_ITEMS[of.kind], of.of) if of.kind in _ITEMS else None
