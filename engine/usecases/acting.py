"""Carries out actions inside the transaction: the verbs of the language.

In: the event being applied and its actions. Out: changed values, further events, queued effects. What goes outside
(print, send, notify, call) only becomes an outbox row here.

Long because every verb stands beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from engine.documents import compute as computing
from engine.documents.passwords import given_passwords, weak_passwords
from engine.expressions.environment import Env
from engine.machines.step import Step
from engine.model import actions as verbs
from engine.model.formula import Given
from engine.problems import Refused
from engine.usecases.call_bodies import call_key, call_payload
from engine.usecases.care import CARE
from engine.usecases.deadlines import clocks_after
from engine.usecases.desk import Inputs, Values, Working
from engine.usecases.notices import addressed
from engine.usecases.outgoing import outgoing
from engine.usecases.posting import Accounts, place_of, post
from engine.usecases.repeating import repetitions, targets
from engine.usecases.signing import approvals_after
from engine.usecases.views import Actor
from engine.usecases.watching import look_again, look_around
from engine.usecases.work import Applied, Work

Row = Mapping[str, object]
_OUTSIDE = (verbs.Print, verbs.Send, verbs.Call, verbs.Notify, verbs.Care)
ENGINE = Actor("engine", "engine", special="engine")


class Performer:
    """The verbs. Stateless: everything is in the work and the event at hand."""

    def actions(self, work: Work, applied: Applied, actions: Sequence[verbs.Act]) -> None:
        """Carry out actions in order; each sees what those before it did."""
        env = environment(work, applied)
        for act in actions:
            _act(work, applied, act, env)
        if not work.depth:
            work.settle()

    def state_changed(self, work: Work, applied: Applied, moved: Step) -> None:
        """Clocks and approvals of the states left and entered."""
        clocks_after(work, applied, moved)
        approvals_after(work, applied, moved)

    def changed(self, work: Work, applied: Applied, before: Values | None) -> None:
        """Queue looks at events that happen by themselves, here and in documents that read this one."""
        look_again(work, applied, before)

    def posted(self, work: Work, ledger: str, account: Row) -> None:
        """Queue looks at documents whose guards or look-ups read an account."""
        look_around(work, ledger, account)


def _act(work: Work, applied: Applied, act: verbs.Act, env: Env) -> None:
    if act.repeat is None:
        if act.when is None or act.when.holds(env):
            _once(work, applied, act, env)
        return
    at = partial(place_of, env=env, working=applied.working) if work.depth <= 1 else None
    for inner in repetitions(act, env, Accounts(work), at):
        if act.when is None or act.when.holds(inner):
            _once(work, applied, replace(act, repeat=None, when=None, spread=None), inner)


def _once(work: Work, applied: Applied, act: verbs.Act, env: Env) -> None:
    _VERBS[type(act)](work, applied, act, env)
    if not isinstance(act, _OUTSIDE):
        applied.working.settled = False


# --- this document -----------------------------------------------------------------------------------------


def _set(work: Work, applied: Applied, act: verbs.Set, env: Env) -> None:
    working = applied.working
    fields = working.document.fields
    copied = act.copy(env) if act.copy is not None else None
    if isinstance(copied, Mapping):
        working.values.update({n: computing.fitted(f, copied[n]) for n, f in fields.items() if n in copied})
    for name, given in act.values.items():
        working.values[name] = computing.given_value(fields[name], given, env, work.runtime.ids.new)
    _digest(work, working, act.values)
    working.dirty = True


def _digest(work: Work, working: Working, names: Iterable[str]) -> None:
    """Passwords that actions give are judged and kept as digests, like those of forms. Raises Refused."""
    given = {name: working.values[name] for name in names}
    weak = tuple(weak_passwords(working.document, given))
    if weak:
        raise Refused(weak)
    for name, password in given_passwords(working.document, given):
        working.values[name] = work.runtime.passwords.hash(password)


def _put(work: Work, applied: Applied, act: verbs.Put, env: Env) -> None:
    table = applied.working.document.fields[act.table]
    rows = applied.working.values[act.table]
    assert isinstance(rows, list)
    for index, row in enumerate(rows):
        inner = env.inner(row, parent=applied.working.values, index=index, names=env.locals)
        keys = all(row.get(name) == _given(act.values, name, inner) for name in act.by)
        if keys and (act.find.holds(inner) if act.find else bool(act.by)):
            found = row
            break
    else:
        found = {"id": work.runtime.ids.new(), **computing.blank(table.fields)}
        rows.append(found)
    inner = env.inner(found, parent=applied.working.values, names=env.locals)
    changed = {name: computing.fitted(table.fields[name], given.value(inner)) for name, given in act.values.items()}
    found.update(changed)
    applied.working.dirty = True


def _drop(work: Work, applied: Applied, act: verbs.Drop, env: Env) -> None:
    rows = applied.working.values[act.table]
    assert isinstance(rows, list)
    kept = [
        row
        for index, row in enumerate(rows)
        if act.find is not None
        and not act.find.holds(env.inner(row, parent=applied.working.values, index=index, names=env.locals))
    ]
    applied.working.dirty = applied.working.dirty or len(kept) != len(rows)
    applied.working.values[act.table] = kept


# --- other documents ---------------------------------------------------------------------------------------


def _create(work: Work, applied: Applied, act: verbs.Create, env: Env) -> None:
    work.save(applied)
    machine = work.machine(act.document)
    event = act.event or next(iter(machine.creating())).name
    working = work.blank(act.document)
    new_id, fields = work.runtime.ids.new, working.document.fields
    copied = act.copy(env) if act.copy is not None else None
    if isinstance(copied, Mapping):
        working.values.update({n: computing.fitted(f, copied[n]) for n, f in fields.items() if n in copied})
    for name, given in act.values.items():
        working.values[name] = computing.given_value(fields[name], given, env, new_id)
    _digest(work, working, act.values)
    work.derive(working, frozenset(act.values), defaults=frozenset(act.values))
    work.apply(working, event, ENGINE)
    applied.names[act.name] = working.values
    applied.names["created"] = working.values


def _raise(work: Work, applied: Applied, act: verbs.Raise, env: Env) -> None:
    work.save(applied)
    for document, record_id in targets(act, applied, env):
        working = work.open(document, record_id)
        inner = env.inner(working.values, names=env.locals)
        if act.find is not None and not act.find.holds(inner):
            continue
        asked = {name: given.value(env) for name, given in act.values.items()}
        try:
            work.apply(working, act.event, ENGINE, Inputs(asked=asked))
        except Refused as refused:
            if act.skip != "not_allowed" or refused.kind != "not_allowed":
                raise


# --- outside -----------------------------------------------------------------------------------------------


def _print(work: Work, applied: Applied, act: verbs.Print, env: Env) -> None:
    work.save(applied)
    to = act.to(env) if act.to is not None else None
    work.prints.append((applied.working.document.id, str(applied.working.values["id"]), act.print))
    work.effect_of(applied, "print", {"print": act.print, "again": act.again, "to": to, "actor": applied.actor.id})


def _send(work: Work, applied: Applied, act: verbs.Send, env: Env) -> None:
    work.save(applied)
    channel = str(act.to(env)) if act.to is not None else work.runtime.definitions.mappings[act.mapping].to
    day = work.day_of(applied.working)
    for documents in _in_one(work, act, env):
        said = outgoing(work.runtime, act.mapping, documents, work.now, day)
        heads = {**_heads(said), **({} if act.topic is None else {"topic": str(act.topic.value(env) or "")})}
        with_heads = {"headers": heads} if heads else {}
        payload = {"channel": channel, "failed": act.failed, **said, **with_heads}
        work.effect_of(applied, "send", payload, work.now - work.runtime.ahead(channel))


def _heads(said: Mapping[str, object]) -> Mapping[str, str]:
    found = said.get("headers")
    return found if isinstance(found, Mapping) else {}


def _in_one(work: Work, act: verbs.Send, env: Env) -> Iterator[Sequence[Env]]:
    """The documents of each message: the one at hand, or those of a source, as many in one as the mapping allows."""
    if act.of is None:
        yield [env]
        return
    mapping = work.runtime.definitions.mappings[act.mapping]
    rows = act.of(env) or ()
    assert isinstance(rows, list | tuple)
    most = (mapping.most or len(rows)) if mapping.each else 1
    for begin in range(0, len(rows), max(most, 1)):
        yield [Env(row, env.world, this=row, event=env.event, names=env.locals) for row in rows[begin : begin + most]]


def _notify(work: Work, applied: Applied, act: verbs.Notify, env: Env) -> None:
    work.save(applied)
    notice = work.runtime.definitions.notices[act.notice]
    for way, recipient, text in addressed(work, notice, {n: g.value(env) for n, g in act.values.items()}):
        work.effect_of(applied, "notify", {"notice": act.notice, "via": way, "to": recipient, "text": text})


def _call(work: Work, applied: Applied, act: verbs.Call, env: Env) -> None:
    work.save(applied)
    payload = call_payload(work.runtime, act, env)
    key = call_key(act, env)
    if not key:
        work.effect_of(applied, "call", payload)
        return
    own = applied.working
    work.effect(
        "call",
        f"call:{act.service}:{key}",
        {**payload, "key": key},
        document=own.document.id,
        record_id=str(own.values["id"]),
    )


def _care(work: Work, applied: Applied, act: verbs.Care, env: Env) -> None:
    work.save(applied)
    values = {name: value.value(env) for name, value in act.values.items()}
    given = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
    work.effect_of(applied, CARE, {"order": act.order, "with": given})


# --- actions of actions ------------------------------------------------------------------------------------


def _do(work: Work, applied: Applied, act: verbs.Do, env: Env) -> None:
    action = work.runtime.definitions.actions[act.action]
    arguments = dict.fromkeys(action.takes) | {n: g.value(env) for n, g in act.values.items()}
    own = applied.working.values
    inner = Env(own, env.world, this=own, up=env, event=env.event, names=_Names(applied.names, arguments))
    for each in action.do:
        _act(work, applied, each, inner)


def _block(work: Work, applied: Applied, act: verbs.Block, env: Env) -> None:
    for each in act.actions:
        _act(work, applied, each, env)


def _choose(work: Work, applied: Applied, act: verbs.Choose, env: Env) -> None:
    for branch in act.branches:
        if branch.when is None or branch.when.holds(env):
            _block(work, applied, branch, env)
            return


_VERBS: Mapping[type[verbs.Act], Callable[..., None]] = {
    verbs.Set: _set,
    verbs.Put: _put,
    verbs.Drop: _drop,
    verbs.Create: _create,
    verbs.Raise: _raise,
    verbs.Print: _print,
    verbs.Send: _send,
    verbs.Notify: _notify,
    verbs.Call: _call,
    verbs.Care: _care,
    verbs.Post: post,
    verbs.Do: _do,
    verbs.Block: _block,
    verbs.Choose: _choose,
}


class _Names(Mapping[str, object]):
    """Names of an event's actions (`created`, `as` names), which grow while it runs, with arguments before them."""

    def __init__(self, shared: Mapping[str, object], own: Mapping[str, object]) -> None:
        self._shared, self._own = shared, own

    def __getitem__(self, name: str) -> object:
        return self._own[name] if name in self._own else self._shared[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._shared, **self._own})

    def __len__(self) -> int:
        return len({**self._shared, **self._own})


def environment(work: Work, applied: Applied) -> Env:
    """The scope of an event's actions: this document, what was asked, names given along the way."""
    values = applied.working.values
    world = work.world.as_of(work.day_of(applied.working))
    return Env(values, world, this=values, event=applied.asked, names=applied.names)


def _given(values: Mapping[str, Given], name: str, env: Env) -> object:
    return values[name].value(env) if name in values else None
