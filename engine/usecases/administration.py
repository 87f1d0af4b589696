"""Who looks after the office: whoever may make or change accounts. No role is known by name."""

from __future__ import annotations

from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor


def is_administrator(runtime: Runtime, actor: Actor) -> bool:
    """Whether the actor may make accounts or change any of their fields; on a node without accounts nobody."""
    accounts = runtime.node.accounts
    if accounts is None:
        return False
    rights = runtime.rights(accounts.document, actor).in_general()
    return rights.everything or rights.create or accounts.roles in rights.edit
