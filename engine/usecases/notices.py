"""Who is told what: a notice's recipients and its text, worked out within the transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.documents.wording import fill
from engine.expressions.environment import Env
from engine.model.system import Notice, Recipient
from engine.usecases.people import holders, ids_of
from engine.usecases.work import Work

SITE = "site"


def addressed(work: Work, notice: Notice, arguments: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """(way, recipient, text) for all to whom a notice goes, by the first way that this node binds or by all of them."""
    env = Env({}, work.world, names={**dict.fromkeys(notice.takes), **arguments})
    text = fill(notice.text, env)
    bound = tuple(way for way in notice.via if way == SITE or way in work.runtime.notifiers) or (SITE,)
    ways = bound if notice.everywhere else bound[:1]
    told: set[str] = set()
    for recipient in notice.to:
        if recipient.when is not None and not recipient.when.holds(env):
            continue
        for user in _people(work, recipient, env):
            if user not in told:
                told.add(user)
                yield from ((way, user, text) for way in ways)


def _people(work: Work, recipient: Recipient, env: Env) -> tuple[str, ...]:
    if recipient.role:
        found = holders(work.runtime, work.world, recipient.role, recipient.within, env)
        return tuple(str(row["id"]) for row in found)
    return ids_of(recipient.who(env)) if recipient.who is not None else ()
