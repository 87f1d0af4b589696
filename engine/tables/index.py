"""The index of a column: from a value to the rows whose cell holds for it, as one integer of bits.

In: the regions of all cells of one column. Out: a lookup that must say the same as `UnaryTests.holds` of every row.
Single values become a dictionary, intervals sorted bounds and bisection, each with ready bitsets; very many single
values keep row numbers instead of bitsets. A row without a region counts as holding: it is asked afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from engine.tables.axes import BOTTOM, EVERYTHING, Axis, Region, above, below

Lookup = Callable[[Any], int]

MOST_BITS = 1 << 29
"""Bits that the sets of one column may take (64 MB) before another way is chosen."""


def column_lookup(regions: Sequence[Region | None], *, many: bool = False) -> Lookup | None:
    """The lookup of a column; None where it cannot be indexed: then every cell has to be asked."""
    known = [region for region in regions if region is not None]
    if all(region is EVERYTHING for region in known):
        return None
    try:
        axis = Axis(known)
    except TypeError:
        return None
    plain = all(region.plain for region in known)
    if axis.slots * len(regions) <= MOST_BITS:
        lookup = _by_value(axis, regions) if plain else _by_bounds(axis, regions)
    elif plain:
        lookup = _sparse(regions)
    else:
        return None
    return _several(lookup, regions) if many else lookup


def _by_value(axis: Axis, regions: Sequence[Region | None]) -> Lookup:
    """One bitset for each value that is named, one for null, one for all others."""
    buckets = axis.buckets(regions)
    other = buckets[1]
    rows: dict[object, int] = {cut[1]: buckets[slot] for slot, cut in enumerate(axis.cuts, start=2) if cut[2] == 0}
    rows[None] = buckets[0]
    get = rows.get
    return lambda value: get(value, other)


def _by_bounds(axis: Axis, regions: Sequence[Region | None]) -> Lookup:
    """One bitset for each bound and one for each stretch between two."""
    buckets = axis.buckets(regions)
    values = list(dict.fromkeys(cut[1] for cut in axis.cuts))
    slot_of = {cut: slot for slot, cut in enumerate(axis.cuts, start=2)}
    size, null, slot = len(values), buckets[0], 1
    between, at = [buckets[1]], []
    for value in values:
        slot = slot_of.get(below(value), slot)
        at.append(buckets[slot])
        slot = slot_of.get(above(value), slot)
        between.append(buckets[slot])

    def lookup(value: Any) -> int:
        if value is None:
            return null
        place = bisect_left(values, value)
        if place < size and values[place] == value:
            return at[place]
        return between[place]

    return lookup


def _sparse(regions: Sequence[Region | None]) -> Lookup:
    """Row numbers for each value that is named: rows that name it, and rows that hold for all but it."""
    named: dict[object, tuple[list[int], list[int]]] = {}
    other = null = 0
    for row, region in enumerate(regions):
        bit = 1 << row
        inverse = region is None or (region.pieces[:1] != () and region.pieces[0][0] == BOTTOM)
        other |= bit if inverse else 0
        null |= bit if region is None or region.null else 0
        if region is None or region is EVERYTHING:
            continue
        for value in _named(region):
            named.setdefault(value, ([], []))[1 if inverse else 0].append(row)
    nothing: tuple[list[int], list[int]] = ([], [])

    def lookup(value: Any) -> int:
        if value is None:
            return null
        rows = other
        added, removed = named.get(value, nothing)
        for row in added:
            rows |= 1 << row
        for row in removed:
            rows &= ~(1 << row)
        return rows

    return lookup


def _named(region: Region) -> set[object]:
    return {edge[1] for piece in region.pieces for edge in piece if len(edge) > 1}


def _several(single: Lookup, regions: Sequence[Region | None]) -> Lookup:
    """For values that may be several: rows whose cell holds for one of the members."""
    always = sum(1 << row for row, region in enumerate(regions) if region is None or region is EVERYTHING)

    def lookup(value: Any) -> int:
        if not isinstance(value, tuple | list | frozenset):
            return single(value)
        rows = always
        for member in value:
            rows |= single(member)
        return rows

    return lookup
