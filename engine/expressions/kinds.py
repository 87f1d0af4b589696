"""Relations between types: what can be compared, what stands in for what, what two branches have in common."""

from __future__ import annotations

from engine.model.types import ANY, Kind, Type

TEXTS = frozenset({Kind.TEXT, Kind.CODE, Kind.REF})
NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})
MOMENTS = frozenset({Kind.DATE, Kind.DATETIME})
ORDERED = frozenset({Kind.TEXT, Kind.CODE, Kind.TIME, Kind.DURATION}) | NUMBERS | MOMENTS
LISTS = frozenset({Kind.CODES, Kind.REFS, Kind.LIST, Kind.FILES})
LOOSE = frozenset({Kind.ANY, Kind.JSON})

_FAMILIES = (TEXTS, NUMBERS, MOMENTS)


def is_loose(*types: Type) -> bool:
    """Whether the kind of one of them is known at run time only."""
    return any(type_.kind in LOOSE for type_ in types)


def same_family(left: Type, right: Type) -> bool:
    """Whether values of the two can be equal at all."""
    if left.kind == right.kind or Kind.NULL in (left.kind, right.kind) or is_loose(left, right):
        return True
    return any(left.kind in family and right.kind in family for family in _FAMILIES)


def local_name(document: str) -> str:
    """A document's id without its system."""
    return document.rpartition(".")[2]


def same_document(left: str, right: str) -> bool:
    """Whether two ids may mean the same document type; one of them may be qualified by its system."""
    if left == right or not left or not right:
        return True
    return local_name(left) == local_name(right) and "." not in (left if len(left) < len(right) else right)


def joined(left: Type, right: Type) -> Type | None:
    """The type of a value that is the one or the other; None when they have nothing in common."""
    if left.kind is Kind.NULL or right.kind is Kind.NULL:
        return (right if left.kind is Kind.NULL else left).nullable()
    optional = left.optional or right.optional
    if is_loose(left, right):
        return ANY
    if left.kind is right.kind and (left.of == right.of or left.kind not in {Kind.CODE, Kind.REF}):
        return left.nullable() if optional else left
    if left.kind in NUMBERS and right.kind in NUMBERS:
        return Type(Kind.NUMBER, optional=optional)
    if left.kind in MOMENTS and right.kind in MOMENTS:
        return Type(Kind.DATETIME, optional=optional)
    if left.kind in TEXTS and right.kind in TEXTS:
        return Type(Kind.TEXT, optional=optional)
    return None


def described(type_: Type) -> str:
    """A type for a problem's sentence: as definitions write it (`ref order`), or the catalogue's word for its kind."""
    return f"{type_.kind.value} {type_.of}" if type_.of else f"@kind_{type_.kind.value}"
