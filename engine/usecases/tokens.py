"""The tokens of an account: which are in force, and ending one. They are issued by `engine.usecases.accounts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.records import AuditEntry
from engine.problems import Refused
from engine.usecases.events import in_work
from engine.usecases.internal import TOKEN
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

MOST = 100


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its owner may see it: never the token itself."""

    id: str
    title: str
    issued_at: datetime
    expires_at: datetime


def my_tokens(runtime: Runtime, actor: Actor) -> tuple[TokenView, ...]:
    """The actor's tokens that open doors now, newest first."""
    parts: tuple[Criterion, ...] = (
        Compare(("owner",), "==", actor.id),
        Compare(("revoked",), "==", False),
        Compare(("expires_at",), ">=", runtime.clock.now()),
    )
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(TOKEN, Every(parts), (Order("created_at", descending=True),), limit=MOST))
    return tuple(_view(record.id, record.values) for record in found)


def revoke_token(runtime: Runtime, actor: Actor, token_id: str) -> None:
    """End one of the actor's own tokens at once. Raises Refused(not_found)."""

    def act(work: Work) -> None:
        record = work.unit.fetch(TOKEN, token_id, lock=True)
        if record is None or record.values["owner"] != actor.id:
            raise Refused((), kind="not_found")
        if not record.values["revoked"]:
            version = record.version
            record.values.update(revoked=True, version=version + 1, changed_at=work.now)
            work.unit.update(record, version)
            detail = {"title": str(record.values["title"])}
            work.unit.append_audit(AuditEntry(work.now, actor.id, "revoke_token", detail=detail, address=actor.address))

    in_work(runtime, actor, act)


def _view(token_id: str, values: dict[str, object]) -> TokenView:
    issued, expires = values["created_at"], values["expires_at"]
    assert isinstance(issued, datetime)
    assert isinstance(expires, datetime)
    return TokenView(token_id, str(values["title"]), issued, expires)
