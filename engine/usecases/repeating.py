"""Which rows an action goes over, and which documents an event is raised on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from engine.expressions.environment import Env, Row
from engine.model import actions as verbs
from engine.model.formula import Formula
from engine.model.types import Kind, Type
from engine.problems import Finding, Refused
from engine.sources.grouping import grouped
from engine.sources.ordering import in_order
from engine.sources.selection import selected
from engine.usecases.work import Applied


class Shared(Protocol):
    """Rows that many change at the same time, such as accounts: what is stored of them is all that there is."""

    def has(self, source: Formula) -> bool:
        """Whether the rows of a source are such."""
        ...

    def fresh(self, source: Formula, rows: Iterable[Row]) -> Mapping[str, Row]:
        """Rows as they are now, locked until the end, by their ids; none where nobody else changes them."""
        ...


Place = Callable[[Iterable[Formula]], tuple[str, ...]]
"""Where in the document a refusal belongs that comes of formulas."""


def repetitions(act: verbs.Act, env: Env, shared: Shared, place: Place | None = None) -> Iterator[Env]:
    """The environment of each row that `each` names, filtered, sorted, bounded, with `taken` where it spreads.

    Of groups the first row is at hand, and all of them as `rows`.
    """
    repeat = act.repeat
    assert repeat is not None
    inners = in_order(_rows(repeat, env, shared), repeat.sort)
    if len(inners) > repeat.most:
        text = {
            "zh": f"一次最多处理{repeat.most}行，现有{len(inners)}行",
            "en": f"at most {repeat.most} rows at once, found {len(inners)}",
        }
        raise Refused((Finding("too_many_rows", text, where=act.where),), kind="not_allowed")
    if repeat.per:
        groups = grouped(inners, repeat.per)
        inners = [env.inner(one.rows[0], names={**env.locals, **one.names, "rows": one.rows}) for one in groups]
    if act.spread is None:
        yield from inners
        return
    made, left = _spread(act.spread, repeat, inners, env, shared)
    if left > 0 and act.spread.short == "refuse":
        at = place([act.spread.total]) if place is not None else ()
        raise Refused((Finding("short", {"zh": f"还差{left}", "en": f"short by {left}"}, at, where=act.where),))
    yield from made


def _rows(repeat: verbs.Repeat, env: Env, shared: Shared) -> list[Env]:
    """The rows for which the condition holds; of a source that many change, the store reads no others."""
    if shared.has(repeat.source):
        chosen = selected(repeat.source, repeat.where, env)
        return [env.inner(row, index=index, names=env.locals) for index, row in enumerate(chosen)]
    found = repeat.source(env) or []
    assert isinstance(found, list | tuple)
    inners = [env.inner(row, index=index, names=env.locals) for index, row in enumerate(found)]
    return inners if repeat.where is None else [inner for inner in inners if repeat.where.holds(inner)]


def _spread(
    spread: verbs.Spread, repeat: verbs.Repeat, inners: Sequence[Env], env: Env, shared: Shared
) -> tuple[list[Env], Decimal]:
    """The rows that give something, and what is missing. Rows that others may change are locked as soon as something is
    to be taken of them; where one is not what it was, it is looked at again, and so are those behind it."""
    total = _decimal(spread.total(env))
    while True:
        made, left = _shares(spread, inners, env, total)
        latest = shared.fresh(repeat.source, [one.row for one in made])
        if all(latest.get(str(one.row["id"]), one.row)["version"] == one.row["version"] for one in made if latest):
            return made, left
        anew = [env.inner(_latest(latest, one.row), index=one.index, names=one.locals) for one in inners]
        inners = [inner for inner in anew if repeat.where is None or repeat.where.holds(inner)]


def _latest(latest: Mapping[str, Row], row: Row) -> Row:
    return latest.get(str(row.get("id")), row)


def _shares(spread: verbs.Spread, inners: Iterable[Env], env: Env, left: Decimal) -> tuple[list[Env], Decimal]:
    made: list[Env] = []
    for inner in inners:
        if left <= 0:
            break
        taken = min(left, _decimal(spread.take(inner)))
        if taken > 0:
            made.append(env.inner(inner.row, index=inner.index, names={**inner.locals, "taken": taken}))
            left -= taken
    return made, left


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else Decimal(0)


def targets(act: verbs.Raise, applied: Applied, env: Env) -> list[tuple[str, str]]:
    """Which documents an event is raised on: (document type, id)."""
    own = applied.working
    if act.on is None:
        return [(own.document.id, str(own.values["id"]))]
    assert act.on.linked is not None
    document = document_of(act.on.linked.type)
    found = act.on(env)
    several = found if isinstance(found, list | tuple) else (found,)
    targets = []
    for one in several:
        if one is None:
            continue
        record_id = str(one["id"]) if isinstance(one, Mapping) else str(one)
        name, _, bare = record_id.partition(":")
        targets.append((document, record_id) if document else (name, bare))
    return list(dict.fromkeys(targets))


def document_of(kind: Type) -> str:
    """The document type that a reference, record or source of them speaks of; empty when any."""
    if kind.kind is Kind.LIST and kind.item is not None:
        return document_of(kind.item)
    return kind.of or (kind.shape.document if kind.shape else "")
