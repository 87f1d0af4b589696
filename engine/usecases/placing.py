"""Records put in place without their events: what a scenario begins with, and what demo data has of earlier years.

In: names, document types and values as a script writes them, and on whose behalf. Out: stored records that the script
knows by name. What is not told is given as ever; the clocks and the approval of their state start now. Nobody's rights
are asked and no rule is judged: never for what people or messages bring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from engine.console import say, spoken
from engine.documents.bind import bind
from engine.machines.step import Step as Moved
from engine.model.records import Record
from engine.ports import Duplicate
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.numbering import number_of
from engine.usecases.posting import book_of, open_account
from engine.usecases.steps import Script, StepError
from engine.usecases.views import Actor
from engine.usecases.work import Applied, Work

Given = Mapping[str, object]
_SYSTEM = ("state", "number")
_LEDGER, _ACCOUNTS = "ledger ", "accounts"


def entries_of(given: object) -> list[tuple[str, str, Given]]:
    """`{a: {order: {name: …}}}`: name, document type and values of each. Raises StepError."""
    if not isinstance(given, Mapping):
        raise StepError(say("course.mapping"))
    return [(str(name), *_entry(one)) for name, one in given.items()]


def _entry(one: object) -> tuple[str, Given]:
    if not isinstance(one, Mapping) or len(one) != 1:
        raise StepError(say("course.entry"))
    ((document, values),) = one.items()
    if isinstance(values, list):
        return str(document), {_ACCOUNTS: values}
    return str(document), values if isinstance(values, Mapping) else {}


def on_behalf_of(found: Actor) -> Actor:
    """The engine, with an account at hand, so that defaults of its unit hold."""
    return Actor(ENGINE.id, ENGINE.name, found.roles, found.org, found.values, special=ENGINE.special)


def place(script: Script, giver: Actor, entries: Sequence[tuple[str, str, Given]]) -> None:
    """Store records as they are told, all in one transaction; what is not told is given as ever. Raises StepError."""
    doing: list[tuple[str, str]] = []

    def act(work: Work) -> None:
        for name, document, values in entries:
            if document.startswith(_LEDGER):
                _open(script, work, name, document.removeprefix(_LEDGER).strip(), values)
                continue
            if document not in script.runtime.definitions.documents:
                raise StepError(say("course.given_document", name=name, document=document))
            doing.append((name, document))
            script.names[name] = (document, _stored(script, work, name, document, values))

    try:
        in_work(script.runtime, giver, act)
    except Duplicate as fault:
        name, document = doing[-1]
        raise StepError(say("course.same", name=name, document=document, fields=", ".join(fault.fields))) from fault


def _open(script: Script, work: Work, name: str, ledger: str, values: Given) -> None:
    """Accounts that have their amounts from the beginning."""
    accounts = values.get(_ACCOUNTS)
    if ledger not in script.runtime.definitions.ledgers:
        raise StepError(say("course.ledger", name=ledger))
    if not isinstance(accounts, list) or not all(isinstance(one, Mapping) for one in accounts):
        raise StepError(say("course.ledger_given", name=name))
    book = book_of(script.runtime, ledger)
    fields = {**book.ledger.keys, **book.ledger.amounts}
    for one in accounts:
        raw = {str(key): script.value(fields.get(str(key)), value) for key, value in one.items()}
        bound = bind(fields, raw, may_set=lambda _path: True, exists=work.exists, new_id=script.runtime.ids.new)
        if bound.findings:
            raise StepError(f"{name}: " + "; ".join(f"{'.'.join(f.at)}: {f.text[spoken()]}" for f in bound.findings))
        open_account(work, book, bound.values)
    work.postings.write()


def _stored(script: Script, work: Work, name: str, document: str, values: Given) -> str:
    working = work.blank(document)
    fields = working.document.fields
    raw = {key: script.value(fields.get(key), one) for key, one in values.items() if key not in _SYSTEM}
    new_id = script.runtime.ids.new
    bound = bind(fields, raw, may_set=lambda _path: True, exists=work.exists, new_id=new_id)
    if bound.findings:
        raise StepError(f"{name}: " + "; ".join(f"{'.'.join(f.at)}: {f.text[spoken()]}" for f in bound.findings))
    creating = work.machine(document).creating()
    working.values.update(bound.values, state=values.get("state") or (creating[0].to if creating else ""))
    given = frozenset(bound.values)
    work.derive(working, given, defaults=given)
    if working.document.number is not None:
        number = values.get("number")
        working.values["number"] = number or number_of(working.document, working.values, work.world, work.unit)
    working.values["version"] = 1
    work.unit.insert(Record(document, working.values))
    working.before = deepcopy(working.values)
    _started(work, working)
    return str(working.values["id"])


def _started(work: Work, working: Working) -> None:
    """Start the clocks and the approval of the state that the record stands in."""
    machine = work.machine(working.document.id)
    state = str(working.values["state"] or "")
    event = next(iter(machine.events.values()))
    moved = Moved(event, "", state, None, machine.states.get(state))
    Performer().state_changed(work, Applied(working, event, None, {}, work.actor), moved)
