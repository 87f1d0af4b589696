"""Documents that messages begin: in whose name, with which fields, and once even where two workers are at it.

In: a mapping, a row that it read, the scope of its expressions. Out: document type and id of the new document, begun by
its own event. A mapping speaks with the rights of the system, so it fills what nobody may edit; what the engine works
out is left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.documents.repeated import repeated
from engine.expressions.environment import Env
from engine.model.criteria import Compare, Every
from engine.model.documents import Document, Field
from engine.model.messages import MessageMapping
from engine.ports import Duplicate, Stale
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs, Working
from engine.usecases.views import Actor
from engine.usecases.work import Work

NO_UNIT = "no_unit"
"""The kind of a refusal: nobody's."""
Row = Mapping[str, object]


def set_by(mapping: MessageMapping, env: Env) -> dict[str, object]:
    """What the mapping sets, as raw values; records as their ids."""
    found = {name: given.value(env) for name, given in mapping.set.items()}
    return {name: value["id"] if isinstance(value, Mapping) else value for name, value in found.items()}


def apply_by(work: Work, working: Working, event: str, raw: Row, asked: Row) -> None:
    """A mapping speaks with the rights of the system: it fills what nobody may edit."""
    work.apply(working, event, ENGINE, Inputs(raw=raw, asked=asked, by_system=True))


def begun(work: Work, mapping: MessageMapping, row: Row, env: Env) -> tuple[str, str]:
    """A new document, since there is none. Where another worker began it meanwhile, all is done again: now it is found.
    Raises Stale, Refused."""
    try:
        return created(work, mapping, row, mapping.creates, env)
    except Refused as refused:
        if refused.kind == "duplicate" and _is_ours(work, mapping, refused):
            raise Stale from refused
        raise


def _is_ours(work: Work, mapping: MessageMapping, refused: Refused) -> bool:
    """Whether it is the key by which the mapping finds its document that is taken."""
    document = work.runtime.definitions.documents[mapping.document]
    keys = {one.by for one in mapping.match if one.document == mapping.document}
    ours = [one for one in document.uniques if any(set(one.fields) == set(by) for by in keys)]
    said = [{one.at for one in repeated(document, Duplicate(document.id, key.fields))} for key in ours]
    return {one.at for one in refused.findings} in said


def created(work: Work, mapping: MessageMapping, row: Row, event: str, env: Env) -> tuple[str, str]:
    """A new document out of a message, in the name of the unit whose it is. What the engine works out is left to it."""
    before = work.world.actor
    work.world.actor = _in_the_name_of(work, mapping, env)
    try:
        working = work.blank(mapping.document)
        fields = working.document.fields
        raw = {name: _own(fields[name], value) for name, value in row.items() if name in fields and value is not None}
        raw = {name: value for name, value in raw.items() if not fields[name].is_engines_own} | set_by(mapping, env)
        asked = {name: given.value(env) for name, given in mapping.values.items()}
        known = work.machine(mapping.document).events[event].ask
        apply_by(work, working, event, raw, {name: value for name, value in asked.items() if name in known})
    finally:
        work.world.actor = before
    return mapping.document, str(working.values["id"])


def _own(field: Field, value: object) -> object:
    """Rows of a child table without the columns that the engine works out."""
    left = {name for name, one in field.fields.items() if one.is_engines_own}
    if not left or not isinstance(value, list | tuple):
        return value
    return [{name: cell for name, cell in one.items() if name not in left} for one in value if isinstance(one, Mapping)]


def _in_the_name_of(work: Work, mapping: MessageMapping, env: Env) -> Actor:
    """The engine on behalf of the unit that the mapping finds: `user.org` and `org` mean it. Raises Refused."""
    accounts = work.runtime.node.accounts
    if not mapping.org or accounts is None:
        return work.world.actor
    documents = work.runtime.definitions.documents
    units = documents[accounts.document].fields[accounts.org].type.of
    wanted = {name: formula(env) for name, formula in mapping.org.items()}
    where = Every((Compare(("deleted",), "==", False), *(Compare((name,), "==", one) for name, one in wanted.items())))
    found = work.world.select(units, where, limit=2) if None not in wanted.values() else ()
    if len(found) != 1:
        raise Refused((_nobodys(documents[units], wanted, len(found)),), kind=NO_UNIT)
    nobody = dict.fromkeys(documents[accounts.document].fields)
    unit = str(found[0]["id"])
    return replace(ENGINE, org=unit, values={**nobody, "id": ENGINE.id, accounts.org: unit})


def _nobodys(units: Document, wanted: Row, found: int) -> Finding:
    """By what a unit was looked for; nothing that is shown masked."""
    fields = units.fields
    told = {name: one for name, one in wanted.items() if name in fields and not fields[name].protect}
    zh = "，".join(f"{fields[name].title.zh}“{'' if one is None else one}”" for name, one in told.items())
    en = ", ".join(f"{fields[name].title.worded('en')} {'' if one is None else one!r}" for name, one in told.items())
    how = ("不止一个单位", "more than one unit") if found else ("没有这样的单位", "no such unit")
    return Finding(NO_UNIT, {"zh": f"{how[0]}：{zh or units.title.zh}", "en": f"{how[1]}: {en or units.id}"})
