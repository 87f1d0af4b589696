"""The surroundings of expressions: who acts and for which unit, as the nodes' accounts say, and the node itself.

In: definitions and a system. Out: a scope without a row. Where no node says whose accounts they are, `user` and `org`
mean nothing and expressions that name them are wrong.
"""

from __future__ import annotations

from engine.checks.catalog import Shared
from engine.expressions.names import EMPTY, Scope
from engine.model.happenings import DEVICE
from engine.model.system import Accounts, Definitions
from engine.model.types import TEXT, Kind, Shape, Type

_NODE = Type(Kind.ROW, shape=DEVICE)


def surroundings(definitions: Definitions, shared: Shared, system: str) -> Scope:
    """The scope of an expression with no row at hand."""
    accounts = definitions.accounts_of(system)
    shape = shared.shapes.get(accounts.document) if accounts is not None else None
    if accounts is None or shape is None:
        return Scope(EMPTY, device=_NODE)
    roles = Type(Kind.LIST, optional=False, item=TEXT)
    user = Shape("user", {**shape.fields, "roles": roles}, document=shape.document)
    acts = Type(Kind.ROW, of=shape.document, shape=user)
    return Scope(EMPTY, user=acts, org=_org(shared, accounts, shape), device=_NODE)


def _org(shared: Shared, accounts: Accounts, shape: Shape) -> Type | None:
    declared = shape.fields.get(accounts.org)
    if declared is None or declared.kind is not Kind.REF or declared.of not in shared.shapes:
        return None
    return Type(Kind.ROW, of=declared.of, shape=shared.shapes[declared.of])
