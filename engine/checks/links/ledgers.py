"""Scopes in ledgers: what may never hold is judged on an account; what an entry adds is made of what a posting gives.

In: a ledger and the linker of its system. Out: linked formulas. What is derived stands in the document type of the
accounts and is linked with it.
"""

from __future__ import annotations

from dataclasses import replace

from engine.checks.linking import Linker
from engine.checks.links.documents import document_scope
from engine.expressions import nodes
from engine.expressions.expression import Checked, check_expression
from engine.expressions.kinds import NUMBERS
from engine.expressions.names import Scope
from engine.model.ledgers import Ledger, Never
from engine.model.types import BOOLEAN, Kind, Type

GIVEN = Type(Kind.NUMBER, optional=False)


def link_ledger(linker: Linker, ledger: Ledger) -> None:
    """Link what a ledger says."""
    account = document_scope(linker, ledger.id)
    for never in ledger.never:
        linker.formula(never.condition, account, BOOLEAN)
        linker.template(never.message, account)
        _excess(linker, never, account)
    for kind in ledger.entries.values():
        given = replace(linker.surroundings, locals=dict.fromkeys(kind.parameters, GIVEN))
        for changes in kind.sides.values():
            for formula in changes.values():
                linker.formula(formula, given, GIVEN)


def _excess(linker: Linker, never: Never, scope: Scope) -> None:
    """Of a comparison of two numbers, how far it is beyond its limit: linked as a formula of its own."""
    checked = never.condition.linked
    if not isinstance(checked, Checked):
        return
    node = checked.node
    if not isinstance(node, nodes.Compare) or len(node.operators) != 1 or node.operators[0] in ("==", "!="):
        return
    left, right = node.operands
    if not {left.type.kind, right.type.kind} <= NUMBERS:
        return
    more, less = (left, right) if node.operators[0] in (">", ">=") else (right, left)
    text = checked.source
    written = f"({text[more.at.start : more.at.end]}) - ({text[less.at.start : less.at.end]})"
    never.excess.linked = check_expression(written, never.condition.where, scope, linker.catalog)[0]
