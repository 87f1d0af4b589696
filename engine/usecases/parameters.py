"""Parameters that the administration sets: who may, what each is worth now, for the whole office or for one unit.

In: parameters as declared and the settings kept in the store. Out: views, and settings with their history. A setting is
of the parameter's type and within its bounds, and may be given by the roles that its `set_by` names; elsewhere the
declared value stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.documents.bind import within
from engine.documents.field_kinds import json_of, parse, text_of
from engine.documents.malformed import Malformed
from engine.documents.typed import field_of
from engine.model.criteria import Compare, Every, Selection
from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.records import AuditEntry, HistoryEntry, Record
from engine.model.system import Parameter
from engine.model.types import Kind
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.usecases.administration import is_administrator
from engine.usecases.auditing import Hidden, watched
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Desk
from engine.usecases.events import in_work
from engine.usecases.internal import SETTING
from engine.usecases.licensing import refuse_locked
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work
from engine.usecases.world import EVERYWHERE, scope_of, value_of

MOST = 1_000
SET, RESET = "set", "reset"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in force for a scope: the whole office, or one unit by its id and name."""

    scope: str
    name: str
    text: str
    raw: str
    by: str
    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter with its declared value of today and what was set; `per_unit` says that units may differ."""

    id: str
    title: Title
    field: Field
    declared: str
    source: str
    settings: tuple[Setting, ...]
    per_unit: bool
    system: str


def settable(runtime: Runtime, actor: Actor) -> tuple[ParameterView, ...]:
    """The parameters that the actor may set, as they stand now."""
    found = [one for one in runtime.definitions.parameters.values() if _may_set(one, actor)]
    with runtime.store.begin(write=False) as unit:
        presenter = Presenter(Desk(runtime, unit, actor).world)
        return tuple(_view(presenter, unit, one) for one in found)


def history(runtime: Runtime, actor: Actor, name: str) -> tuple[tuple[datetime, str, str, str, str], ...]:
    """Who set a parameter when, for which unit, from which value to which; newest first. Raises Refused(not_found)."""
    declared = _declared(runtime, actor, name)
    field = field_of(name, declared.type)
    with runtime.store.begin(write=False) as unit:
        presenter = Presenter(Desk(runtime, unit, actor).world)
        found = [
            (
                entry.at,
                _who(presenter, entry.actor),
                _scope_name(presenter, str(record.values["scope"] or "")),
                *told,
            )
            for record in _records(unit, name, deleted=True)
            if _in_sight(presenter, record)
            for entry in unit.history(SETTING, record.id)
            if (told := _told(presenter, field, entry)) is not None
        ]
    return tuple(sorted(found, key=lambda one: one[0], reverse=True))


def set_parameter(runtime: Runtime, actor: Actor, name: str, raw: str, org: str = "") -> None:
    """Set a parameter for the office, or for one unit that the actor sees. Raises Refused with findings at `value`,
    and where settings are locked."""
    declared = _declared(runtime, actor, name)
    refuse_locked(runtime)
    value = _parsed(declared, raw)
    scope = _scope(runtime, actor, declared, org)

    def act(work: Work) -> None:
        held = next((one for one in _records(work.unit, name, deleted=True) if one.values["scope"] == scope), None)
        if held is None:
            held = Record(SETTING, {**system_values(work), "name": name, "scope": scope, "content": value})
            work.unit.insert(held)
            _note(work, held, SET, None, value)
            return
        before = None if held.values["deleted"] else held.values["content"]
        _save(work, held, {"content": value, "deleted": False})
        _note(work, held, SET, before, value)

    in_work(runtime, actor, act)


def reset_parameter(runtime: Runtime, actor: Actor, setting_id: str) -> None:
    """Let the declared value stand again. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        found = _kept(unit, setting_id)
    declared = _declared(runtime, actor, str(found.values["name"]))
    refuse_locked(runtime)
    _scope(runtime, actor, declared, str(found.values["scope"] or "").removeprefix(scope_of("")))

    def act(work: Work) -> None:
        held = _kept(work.unit, setting_id)
        before = held.values["content"]
        _save(work, held, {"deleted": True})
        _note(work, held, RESET, before, None)

    in_work(runtime, actor, act)


def units(runtime: Runtime, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Units that the actor sees, by id and name, for settings that differ between units."""
    accounts = runtime.node.accounts
    if accounts is None:
        return ()
    document = runtime.definitions.documents[accounts.document].fields[accounts.org].type.of
    with runtime.store.begin(write=False) as unit:
        desk = Desk(runtime, unit, actor)
        where = runtime.rights(document, actor).rows(desk.world)
        presenter = Presenter(desk.world)
        found = unit.select(Selection(document, where, limit=MOST))
        return tuple((record.id, presenter.label(document, record.values)) for record in found)


# --- who, where ---------------------------------------------------------------------------------------------------


def _may_set(parameter: Parameter, actor: Actor) -> bool:
    return bool(actor.roles & set(parameter.set_by))


def _declared(runtime: Runtime, actor: Actor, name: str) -> Parameter:
    with watched(runtime, actor, "parameter", name):
        found = runtime.definitions.parameters.get(name)
        if found is None:
            raise Refused((), kind="not_found")
        if not _may_set(found, actor):
            raise Hidden
        return found


def _scope(runtime: Runtime, actor: Actor, parameter: Parameter, org: str) -> str:
    """The scope as it is kept: a unit that the actor sees, or the office, which only an administrator may set."""
    if not org:
        if "org" in parameter.per and not is_administrator(runtime, actor):
            raise _finding("org", "请选择单位", "say for which unit")
        return EVERYWHERE
    accounts = runtime.node.accounts
    if accounts is None or "org" not in parameter.per:
        raise _finding("org", "此参数不能按单位设置", "it is the same for all units")
    document = runtime.definitions.documents[accounts.document].fields[accounts.org].type.of
    with runtime.store.begin(write=False) as unit:
        work = Desk(runtime, unit, actor)
        row = work.world.follow(document, org)
        if row is None or row.get("deleted") or not work.rights(document, row, actor).any:
            raise _finding("org", "没有这个单位", "there is no such unit")
    return scope_of(org)


def _parsed(parameter: Parameter, raw: str) -> object:
    field = field_of(parameter.id, parameter.type, parameter.minimum, parameter.maximum)
    try:
        value = parse(raw, field)
        within(field, value)
    except Malformed as fault:
        raise Refused((Finding(fault.code, fault.text, ("value",)),)) from None
    if value is None:
        raise _finding("value", "请填写", "give a value")
    return json_of(value, field.kind)


def _finding(at: str, zh: str, en: str) -> Refused:
    return Refused((Finding("parameter", {"zh": zh, "en": en}, (at,)),))


# --- what is kept -------------------------------------------------------------------------------------------------


def _records(unit: Unit, name: str, *, deleted: bool = False) -> Sequence[Record]:
    where = Every((Compare(("name",), "==", name),))
    return unit.select(Selection(SETTING, where, limit=MOST, deleted=deleted))


def _kept(unit: Unit, setting_id: str) -> Record:
    held = unit.fetch(SETTING, setting_id)
    if held is None or held.values["deleted"]:
        raise Refused((), kind="not_found")
    return held


def _save(work: Work, record: Record, given: Mapping[str, object]) -> None:
    version = record.version
    record.values.update(given, version=version + 1, changed_at=work.now, changed_by=work.actor.id)
    work.unit.update(record, version)


def _note(work: Work, record: Record, event: str, before: object, after: object) -> None:
    """Keep who changed what: in the setting's history, and in the audit by name."""
    changes = {"content": (before, after)}
    work.unit.append_history(
        HistoryEntry(SETTING, record.id, record.version, work.now, work.actor.id, event, None, None, changes)
    )
    detail = {"parameter": record.values["name"], "scope": record.values["scope"]}
    work.unit.append_audit(AuditEntry(work.now, work.actor.id, event, SETTING, record.id, detail, work.actor.address))


def _view(presenter: Presenter, unit: Unit, parameter: Parameter) -> ParameterView:
    field = field_of(parameter.id, parameter.type, parameter.minimum, parameter.maximum)
    settings = [
        Setting(
            str(record.values["scope"] or ""),
            _scope_name(presenter, str(record.values["scope"] or "")),
            _text(presenter, field, record.values["content"]),
            str(record.values["content"]),
            _who(presenter, str(record.values["changed_by"])),
            _moment(record.values["changed_at"]),
            record.id,
        )
        for record in _records(unit, parameter.id)
        if _in_sight(presenter, record)
    ]
    declared = presenter.text(field, value_of(parameter, presenter.world.day))
    held = tuple(sorted(settings, key=lambda one: one.scope))
    per_unit, system = "org" in parameter.per, parameter.system
    return ParameterView(parameter.id, parameter.title, field, declared, parameter.source, held, per_unit, system)


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value


def _text(presenter: Presenter, field: Field, content: object) -> str:
    value = parse(content, field)
    return presenter.text(field, value) if field.type.kind is Kind.CODE else text_of(value, field.kind)


def _told(presenter: Presenter, field: Field, entry: HistoryEntry) -> tuple[str, str] | None:
    if "content" not in entry.changes:
        return None
    before, after = entry.changes["content"]
    return _text(presenter, field, before), _text(presenter, field, after)


def _scope_name(presenter: Presenter, scope: str) -> str:
    found = _unit_of(presenter, scope)
    return presenter.label(*found) if found is not None else scope


def _in_sight(presenter: Presenter, setting: Record) -> bool:
    """Whether a setting is for the office, or for a unit that the actor sees."""
    scope = str(setting.values["scope"] or "")
    found = _unit_of(presenter, scope)
    return not scope or (found is not None and presenter.rights(*found).any)


def _unit_of(presenter: Presenter, scope: str) -> tuple[str, Mapping[str, object]] | None:
    """The type and values of the unit that a scope means; None for the office."""
    accounts = presenter.world.runtime.node.accounts
    if not scope or accounts is None:
        return None
    document = presenter.definitions.documents[accounts.document].fields[accounts.org].type.of
    row = presenter.world.follow(document, scope.removeprefix(scope_of("")))
    return None if row is None else (document, row)


def _who(presenter: Presenter, account: str) -> str:
    accounts = presenter.world.runtime.node.accounts
    row = presenter.world.follow(accounts.document, account) if accounts is not None else None
    return presenter.label(accounts.document, row) if accounts is not None and row is not None else account
