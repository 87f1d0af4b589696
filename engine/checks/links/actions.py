"""Scopes in actions: each verb sees what those before it made; `each` puts a row of its source at hand.

In: lists of actions with the scope of their event, job or named action. Out: linked formulas. `created` and `as` names
grow along a list and are seen inside blocks that follow; rows of `each` have the row one scope out as `up`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from engine.checks.linking import Linker
from engine.checks.links.documents import link_rows, row_scope
from engine.checks.shapes import rows_type
from engine.expressions.names import Scope
from engine.model import actions as verbs
from engine.model.documents import Document, Field
from engine.model.flow_devices import command
from engine.model.formula import Given, Template
from engine.model.types import BOOLEAN, Kind, Type

NUMBER = Type(Kind.NUMBER)


@dataclass
class ActionLinker:
    """Links actions of one owner. `document` is the document type that `set`, `put` and `drop` change, if any. In a
    flow `set` changes its `memory`, and a document that is made under one of its names is kept there."""

    linker: Linker
    document: str = ""
    memory: Document | None = None

    def actions(self, actions: Iterable[verbs.Act], scope: Scope) -> Scope:
        """Link actions in order; gives the scope that follows them."""
        for act in actions:
            scope = self._act(act, scope)
        return scope

    def _act(self, act: verbs.Act, scope: Scope) -> Scope:
        inner = self._repeated(act, scope) if act.repeat is not None else scope
        self.linker.formula(act.when, inner, BOOLEAN)
        after = _VERBS[type(act)](self, act, inner)
        return scope if after is None else scope.with_locals(**after)

    def _repeated(self, act: verbs.Act, scope: Scope) -> Scope:
        repeat = act.repeat
        assert repeat is not None
        inner = self.linker.source(repeat.source, scope, scope.locals)
        shape = inner.row
        self.linker.formula(repeat.where, inner, BOOLEAN)
        self.linker.order(repeat.sort, inner)
        keys = self.linker.formulas(repeat.per, inner)
        if repeat.per:
            inner = inner.with_locals(**keys, rows=rows_type(shape))
        if act.spread is not None:
            self.linker.formula(act.spread.total, scope, NUMBER)
            self.linker.formula(act.spread.take, inner, NUMBER)
            inner = inner.with_locals(taken=NUMBER.required())
        return inner

    def _fields(self, document: str) -> Mapping[str, Field]:
        found = self.linker.definitions.documents.get(document)
        return found.fields if found is not None else {}

    def _given(self, values: Mapping[str, Given], scope: Scope, fields: Mapping[str, Field]) -> None:
        for name, given in values.items():
            self.linker.given(given, scope, self.linker.wanted(fields.get(name)))
            if given.rows is not None and name in fields:
                link_rows(self.linker, given.rows, fields[name].fields, scope)

    # --- verbs: each gives the names that it adds ----------------------------------------------------------------

    def set_verb(self, act: verbs.Set, scope: Scope) -> None:
        own = self._fields(self.document) if self.memory is None else self.memory.fields
        self._given(act.values, scope, own)
        self.linker.formula(act.copy, scope)

    def rows_verb(self, act: verbs.Put | verbs.Drop, scope: Scope) -> None:
        table = self._fields(self.document).get(act.table)
        if table is None or not table.is_table:
            return
        owner = scope.this or scope.row
        row = row_scope(replace(scope, row=owner), table).row  # inside `each` the row at hand is another's
        inner = scope.inner(row, parent=owner, in_child=True, names=scope.locals)
        self.linker.formula(act.find, inner, BOOLEAN)
        if isinstance(act, verbs.Put):
            self._given(act.values, inner, table.fields)

    def create_verb(self, act: verbs.Create, scope: Scope) -> Mapping[str, Type]:
        self._given(act.values, scope, self._fields(act.document))
        self.linker.formula(act.copy, scope)
        made = self.linker.row(act.document)
        kept = self.memory is not None and act.name in self.memory.fields
        return {"created": made} if kept else {"created": made, act.name: made}

    def raise_verb(self, act: verbs.Raise, scope: Scope) -> None:
        target = self.document
        found = self.linker.formula(act.on, scope)
        if act.on is not None:
            target = document_of(found) if found is not None else ""
        self.linker.formula(act.find, scope.inner(self.linker.shape(target), names=scope.locals), BOOLEAN)
        machine = self.linker.definitions.machines.get(target)
        event = machine.events.get(act.event) if machine is not None else None
        self._given(act.values, scope, event.ask if event is not None else {})

    def print_verb(self, act: verbs.Print, scope: Scope) -> None:
        self.linker.formula(act.to, scope)

    def send_verb(self, act: verbs.Send, scope: Scope) -> None:
        self._given(act.values, scope, {})
        self.linker.formula(act.to, scope)
        self.linker.given(act.topic, scope)
        if act.of is not None:
            self.linker.source(act.of, scope, as_rows=False)

    def call_verb(self, act: verbs.Call, scope: Scope) -> None:
        self._given(act.values, scope, {})
        if isinstance(act.key, Template):
            self.linker.template(act.key, scope)
        else:
            self.linker.given(act.key, scope)

    def post_verb(self, act: verbs.Post, scope: Scope) -> None:
        ledger = self.linker.definitions.ledgers.get(act.ledger)
        for side in act.sides.values():
            self._given(side.keys, scope, ledger.keys if ledger is not None else {})
            self.linker.formula(side.row, scope)
        for given in act.amounts.values():
            self.linker.given(given, scope, NUMBER)

    def notify_verb(self, act: verbs.Notify, scope: Scope) -> None:
        notice = self.linker.definitions.notices.get(act.notice)
        self._given(act.values, scope, notice.takes if notice is not None else {})

    def care_verb(self, act: verbs.Care, scope: Scope) -> None:
        known = command(act.order)
        takes = {} if known is None else known.takes
        for name, given in act.values.items():
            self.linker.given(given, scope, takes.get(name))

    def do_verb(self, act: verbs.Do, scope: Scope) -> None:
        action = self.linker.definitions.actions.get(act.action)
        self._given(act.values, scope, action.takes if action is not None else {})

    def block_verb(self, act: verbs.Block, scope: Scope) -> Mapping[str, Type]:
        after = self.actions(act.actions, scope)
        return {name: kind for name, kind in after.locals.items() if name not in scope.locals}

    def choose_verb(self, act: verbs.Choose, scope: Scope) -> None:
        for branch in act.branches:
            self._act(branch, scope)


_VERBS: Mapping[type[verbs.Act], Callable[..., Mapping[str, Type] | None]] = {
    verbs.Set: ActionLinker.set_verb,
    verbs.Put: ActionLinker.rows_verb,
    verbs.Drop: ActionLinker.rows_verb,
    verbs.Create: ActionLinker.create_verb,
    verbs.Raise: ActionLinker.raise_verb,
    verbs.Print: ActionLinker.print_verb,
    verbs.Send: ActionLinker.send_verb,
    verbs.Call: ActionLinker.call_verb,
    verbs.Post: ActionLinker.post_verb,
    verbs.Notify: ActionLinker.notify_verb,
    verbs.Care: ActionLinker.care_verb,
    verbs.Do: ActionLinker.do_verb,
    verbs.Block: ActionLinker.block_verb,
    verbs.Choose: ActionLinker.choose_verb,
}


def document_of(kind: Type) -> str:
    """The document type that a reference, a record or a source of them speaks of; empty when any."""
    if kind.kind is Kind.LIST and kind.item is not None:
        return document_of(kind.item)
    return kind.of or (kind.shape.document if kind.shape is not None else "")
