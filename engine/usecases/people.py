"""Finding people: holders of a role, within an organisation, among the accounts of this node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.expressions.environment import Env, World
from engine.model.criteria import Compare, Criterion, Every, Holds, Order
from engine.model.formula import Formula
from engine.model.types import Kind
from engine.usecases.runtime import Runtime

Row = Mapping[str, object]


def holders(runtime: Runtime, world: World, role: str, within: Formula | None, env: Env) -> Sequence[Row]:
    """Accounts that hold a role, in the organisation that the formula gives (all when there is none)."""
    accounts = runtime.node.accounts
    if accounts is None:
        return ()
    declared = runtime.definitions.documents[accounts.document].fields
    held = declared[accounts.roles].type.kind is Kind.CODES
    parts: list[Criterion] = [Holds((accounts.roles,), role) if held else Compare((accounts.roles,), "==", role)]
    if accounts.enabled:
        parts.append(Compare((accounts.enabled,), "==", True))
    if within is not None:
        org = ids_of(within(env))
        parts.append(Compare((accounts.org,), "==", org[0] if org else ""))
    return world.select(accounts.document, Every(tuple(parts)), (Order("created_at"),), 1000)


def open_accounts(runtime: Runtime, world: World, users: Sequence[str]) -> Sequence[str]:
    """Those of the users who can still log in: nobody else can act."""
    accounts = runtime.node.accounts
    if accounts is None:
        return ()
    rows = ((user, world.follow(accounts.document, user)) for user in users)
    return [user for user, row in rows if row is not None and _is_open(row, accounts.enabled)]


def _is_open(row: Row, enabled: str) -> bool:
    return not row.get("deleted") and (not enabled or row.get(enabled) is True)


def ids_of(found: object) -> tuple[str, ...]:
    """Ids in whatever a formula gives for people or organisations: a record, an id, several of them, nothing."""
    if found is None:
        return ()
    if isinstance(found, Mapping):
        return (str(found["id"]),)
    if isinstance(found, list | tuple):
        return tuple(one for each in found for one in ids_of(each))
    return (str(found),)
