"""Which rows an action goes over, and which documents an event is raised on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from engine.expressions.environment import Env
from engine.model import actions as verbs
from engine.model.types import Kind, Type
from engine.problems import Finding, Refused
from engine.sources.grouping import grouped
from engine.sources.ordering import in_order
from engine.usecases.work import Applied


def repetitions(act: verbs.Act, env: Env) -> Iterator[Env]:
    """The environment of each row that `each` names, filtered, sorted, bounded, with `taken` where it spreads.

    Of groups the first row is at hand, and all of them as `rows`.
    """
    repeat = act.repeat
    assert repeat is not None
    found = repeat.source(env) or []
    assert isinstance(found, list | tuple)
    inners = [env.inner(row, index=index, names=env.locals) for index, row in enumerate(found)]
    if repeat.where is not None:
        inners = [inner for inner in inners if repeat.where.holds(inner)]
    inners = in_order(inners, repeat.sort)
    if len(inners) > repeat.most:
        text = {
            "zh": f"一次最多处理{repeat.most}行，现有{len(inners)}行",
            "en": f"at most {repeat.most} rows at once, found {len(inners)}",
        }
        raise Refused((Finding("too_many_rows", text, where=act.where),), kind="not_allowed")
    if repeat.per:
        groups = grouped(inners, repeat.per)
        inners = [env.inner(one.rows[0], names={**env.locals, **one.names, "rows": one.rows}) for one in groups]
    yield from inners if act.spread is None else _spread(act.spread, inners, env)


def _spread(spread: verbs.Spread, inners: Sequence[Env], env: Env) -> Iterator[Env]:
    left = _decimal(spread.total(env))
    made: list[Env] = []
    for inner in inners:
        if left <= 0:
            break
        taken = min(left, _decimal(spread.take(inner)))
        if taken > 0:
            made.append(env.inner(inner.row, index=inner.index, names={**inner.locals, "taken": taken}))
            left -= taken
    if left > 0 and spread.short == "refuse":
        raise Refused((Finding("short", {"zh": f"还差{left}", "en": f"short by {left}"}),), kind="not_allowed")
    yield from made


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
