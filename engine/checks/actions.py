"""Checks of actions: what they name exists, what they give is wanted, what is wanted is given, none calls itself.

In: the actions of machines, jobs and named actions, after linking (the target of `raise` is known by its type). Out:
problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.checks.fields import check_columns, check_literal
from engine.checks.links.actions import document_of
from engine.checks.owners import Owner, every_act, owners
from engine.checks.postings import check_post
from engine.checks.subject import Subject, problem, unknown
from engine.model import actions as verbs
from engine.model.documents import Document, Field
from engine.model.flow_devices import commands
from engine.model.formula import Given
from engine.model.machines import NEW
from engine.model.messages import MessageMapping
from engine.problems import Problem


def check_actions(subject: Subject) -> Iterator[Problem]:
    """All actions, wherever they stand."""
    for owner in owners(subject):
        for act in every_act(owner.acts):
            yield from _act(subject, owner, act)
    yield from _recursion(subject)


def _act(subject: Subject, owner: Owner, act: verbs.Act) -> Iterator[Problem]:
    rule = _VERBS.get(type(act))
    if rule is not None:
        yield from rule(subject, owner, act)


def _set(subject: Subject, owner: Owner, act: verbs.Set) -> Iterator[Problem]:
    document = owner.memory or subject.definitions.documents.get(owner.document)
    if document is None:
        yield problem("MAC021", subject.places.key(act.where, "set"), verb="set")
        return
    for name, given in act.values.items():
        place = subject.places.key(act.where, "set", name)
        yield from _assigned(subject, document.fields, document.id, name, given, place_key=("set", name), act=act)
        field = document.fields.get(name)
        if field is not None and field.is_derived and field.edit in (None, False):
            yield problem("MAC014", place, related=(field.where,), name=name, document=document.id)


def _assigned(
    subject: Subject,
    fields: Mapping[str, Field],
    owner: str,
    name: str,
    given: Given,
    *,
    place_key: tuple[str, ...],
    act: verbs.Act,
) -> Iterator[Problem]:
    """One value for one field."""
    field = fields.get(name)
    if field is None:
        yield unknown("REF002", name, fields, subject.places.key(act.where, *place_key), owner=owner)
        return
    yield from check_literal(subject, field, given, "DOC002")
    if given.rows is not None and field.is_table:
        yield from check_columns(subject, given.rows, field, given.where)


def _rows(subject: Subject, owner: Owner, act: verbs.Put | verbs.Drop) -> Iterator[Problem]:
    verb = "put" if isinstance(act, verbs.Put) else "drop"
    document = subject.definitions.documents.get(owner.document)
    if document is None:
        yield problem("MAC021", subject.places.key(act.where, verb), verb=verb)
        return
    table = document.fields.get(act.table)
    if table is None or not table.is_table:
        tables = [name for name, field in document.fields.items() if field.is_table]
        yield unknown("REF016", act.table, tables, subject.places.value(act.where, verb), document=document.id)
        return
    if isinstance(act, verbs.Put):
        for name, place in subject.listed(act.where, "by", names=act.by):
            if name not in table.fields:
                yield unknown("REF002", name, table.fields, place, owner=table.name)
        for name, given in act.values.items():
            yield from _assigned(subject, table.fields, table.name, name, given, place_key=("with", name), act=act)


def _create(subject: Subject, owner: Owner, act: verbs.Create) -> Iterator[Problem]:
    document = subject.definitions.documents.get(act.document)
    if document is None:
        known = subject.known("document", owner.system)
        yield unknown("REF001", act.document, known, subject.places.value(act.where, "create"))
        return
    if document.ledger:
        yield problem("LED019", subject.places.value(act.where, "create"), name=act.document)
        return
    for name, given in act.values.items():
        yield from _assigned(subject, document.fields, document.id, name, given, place_key=("with", name), act=act)
    machine = subject.machine(document.id)
    if machine is None:
        return
    event = machine.events.get(act.event) if act.event else next(iter(machine.creating()), None)
    if act.event and event is None:
        known = [one.name for one in machine.creating()]
        yield unknown("REF004", act.event, known, subject.places.value(act.where, "event"), document=document.id)
    elif event is not None and NEW not in event.sources:
        place = subject.places.value(act.where, "event")
        yield problem("MAC015", place, related=(event.where,), event=act.event, document=document.id)
    elif event is not None and act.copy is None:
        set_later = {name for one in every_act(event.do) if isinstance(one, verbs.Set) for name in one.values}
        yield from _wanted(subject, document, act, set_later)


def _wanted(subject: Subject, document: Document, act: verbs.Create, set_later: set[str]) -> Iterator[Problem]:
    for name, field in document.fields.items():
        given = name in act.values or field.default is not None or field.is_derived or field.copied is not None
        filled = field.filled is not None or name in set_later
        if field.required is True and not given and not filled:
            place = subject.places.value(act.where, "create")
            yield problem("MAC016", place, related=(field.where,), name=name, document=document.id)


def _raise(subject: Subject, owner: Owner, act: verbs.Raise) -> Iterator[Problem]:
    target = owner.document
    if act.on is not None:
        if act.on.linked is None:
            return
        target = document_of(act.on.linked.type)
    machine = subject.machine(target)
    if machine is None:
        if act.on is None:
            yield problem("MAC021", subject.places.key(act.where, "raise"), verb="raise")
        return
    event = machine.events.get(act.event)
    place = subject.places.value(act.where, "raise")
    if event is None:
        yield unknown("REF004", act.event, machine.events, place, document=target)
    else:
        yield from _arguments(subject, act, event.ask, act.values, f"{target}.{event.name}")


def _arguments(
    subject: Subject, act: verbs.Act, takes: Mapping[str, Field], values: Mapping[str, Given], owner: str
) -> Iterator[Problem]:
    """Values for parameters: none too many, none missing, each of its type."""
    for name, given in values.items():
        place = subject.places.key(act.where, "with", name)
        if name not in takes:
            yield unknown("REF021", name, takes, place, owner=owner)
        else:
            yield from check_literal(subject, takes[name], given, "DOC002")
    for name, field in takes.items():
        if field.required is True and field.default is None and name not in values:
            yield problem("REF022", act.where, name=name, owner=owner)


def _print(subject: Subject, owner: Owner, act: verbs.Print) -> Iterator[Problem]:
    place = subject.places.value(act.where, "print")
    form = subject.definitions.prints.get(act.print)
    if form is None:
        yield unknown("REF008", act.print, subject.known("print", owner.system), place)
    elif owner.document and form.document in subject.definitions.documents and form.document != owner.document:
        yield problem("MAC018", place, related=(form.where,), name=act.print, of=form.document, document=owner.document)


def _send(subject: Subject, owner: Owner, act: verbs.Send) -> Iterator[Problem]:
    place = subject.places.value(act.where, "send")
    mapping = subject.definitions.mappings.get(act.mapping)
    if mapping is None:
        yield unknown("REF011", act.mapping, subject.known("mapping", owner.system), place)
    elif (document := _sent(act, owner)) and mapping.document not in (document, "") and _known(subject, mapping):
        values = {"name": act.mapping, "of": mapping.document, "document": document}
        yield problem("MAC019", place, related=(mapping.where,), **values)
    yield from _answers(subject, owner, act, {"failed": act.failed})


def _known(subject: Subject, mapping: MessageMapping) -> bool:
    return mapping.document in subject.definitions.documents


def _sent(act: verbs.Send, owner: Owner) -> str:
    """The document type that a message is made of."""
    linked = act.of.linked if act.of is not None else None
    if act.of is None or linked is None:
        return owner.document if act.of is None else ""
    return linked.type.of


def _call(subject: Subject, owner: Owner, act: verbs.Call) -> Iterator[Problem]:
    if act.service and subject.names.key("call", act.service, owner.system) is None:
        place = subject.places.value(act.where, "call")
        yield unknown("REF012", act.service, subject.known("call", owner.system), place)
    yield from _answers(subject, owner, act, {"ok": act.ok, "failed": act.failed})


def _answers(subject: Subject, owner: Owner, act: verbs.Act, events: Mapping[str, str]) -> Iterator[Problem]:
    """Events that tell how it went."""
    machine = subject.machine(owner.document)
    for key, name in events.items():
        if name and machine is not None and name not in machine.events:
            place = subject.places.value(act.where, key)
            yield unknown("REF004", name, machine.events, place, document=owner.document)


def _notify(subject: Subject, owner: Owner, act: verbs.Notify) -> Iterator[Problem]:
    notice = subject.definitions.notices.get(act.notice)
    if notice is None:
        place = subject.places.value(act.where, "notify")
        yield unknown("REF009", act.notice, subject.known("notice", owner.system), place)
    else:
        yield from _arguments(subject, act, notice.takes, act.values, act.notice)


def _care(subject: Subject, _owner: Owner, act: verbs.Care) -> Iterator[Problem]:
    orders = {name: one for name, one in commands().items() if one.beside}
    known = orders.get(act.order)
    if known is None:
        yield unknown("SYS052", act.order, orders, subject.places.value(act.where, "care"))
        return
    for name in act.values.keys() - known.takes.keys():
        yield unknown("REF021", name, known.takes, subject.places.key(act.where, "with", name), owner=act.order)
    for name, kind in known.takes.items():
        if not kind.optional and name not in act.values:
            yield problem("REF022", act.where, name=name, owner=act.order)


def _do(subject: Subject, owner: Owner, act: verbs.Do) -> Iterator[Problem]:
    action = subject.definitions.actions.get(act.action)
    if action is None:
        place = subject.places.value(act.where, "do")
        yield unknown("REF010", act.action, subject.known("action", owner.system), place)
    else:
        yield from _arguments(subject, act, action.takes, act.values, act.action)


def _choose(_subject: Subject, _owner: Owner, act: verbs.Choose) -> Iterator[Problem]:
    """A branch without a condition always holds, so none behind it is ever taken."""
    always = [index for index, branch in enumerate(act.branches) if branch.when is None]
    if always and always[0] < len(act.branches) - 1:
        first, behind = act.branches[always[0]], act.branches[always[0] + 1]
        yield problem("MAC022", behind.where, related=(first.where,))


_VERBS: Mapping[type[verbs.Act], Callable[..., Iterator[Problem]]] = {
    verbs.Set: _set,
    verbs.Put: _rows,
    verbs.Drop: _rows,
    verbs.Create: _create,
    verbs.Raise: _raise,
    verbs.Print: _print,
    verbs.Send: _send,
    verbs.Call: _call,
    verbs.Post: check_post,
    verbs.Notify: _notify,
    verbs.Care: _care,
    verbs.Do: _do,
    verbs.Choose: _choose,
}


def _recursion(subject: Subject) -> Iterator[Problem]:
    """Named actions that lead back to themselves."""
    calls = {
        key: {act.action: act for act in every_act(action.do) if isinstance(act, verbs.Do)}
        for key, action in subject.definitions.actions.items()
    }
    reported: set[frozenset[str]] = set()
    for key in calls:
        circle = _circle(calls, key)
        if circle and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            first = calls[key][circle[1] if len(circle) > 1 else key]
            place = subject.places.value(first.where, "do")
            yield problem("MAC017", place, circle=" → ".join([*circle, key]))


def _circle(calls: Mapping[str, Mapping[str, verbs.Do]], start: str) -> list[str]:
    """A way from an action back to it, the shortest one; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in calls.get(way[-1], {}):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
