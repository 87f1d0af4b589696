"""What operators set for a node while it runs: channels bound otherwise than in the node file.

In: what somebody filled in. Out: records of `_configured`, their secrets sealed apart; the node as it is with them.
The node file stays what counts where nothing is set. Who set what stands in the audit, secrets never do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.model.configured import BUSINESS, TRANSPORT, SigningChoice
from engine.model.criteria import Compare, Selection
from engine.model.records import AuditEntry, Record
from engine.model.system import Node
from engine.model.traffic import NOTICES, ChannelBinding
from engine.ports import DocumentStore, Unit
from engine.problems import Finding, Refused
from engine.usecases.channel_kinds import IN, KINDS, OUT, binding_of, fault_of, folder_fault
from engine.usecases.configured_records import CONFIGURED
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.licensing import refuse_locked
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

CHANNEL = "channel:"
SIGNING = "signing"
NO = "no"
_MOST = 1_000
_LONGEST = 500
_FAULTS = {
    "missing": ("请填写", "give a value"),
    "number": ("请填大于零的数", "a number above nothing"),
    "size": ("写成 4096KB 或 4MB", "write 4096KB or 4MB"),
    "address": ("不是地址", "no address"),
    "password": ("地址里不写口令", "no password in an address"),
    "folder": ("只用字母、数字、- 和 _", "letters, digits, - and _ alone"),
    "signs": ("有看不见的字符", "it has signs that nobody sees"),
    "long": ("太长", "too long"),
    "kind": ("没有这种协议，或它不走这个方向", "no such protocol, or not this way"),
}


@dataclass(frozen=True, slots=True)
class Configured:
    """What is kept under a name: what people may see, and what they may not."""

    name: str
    content: Mapping[str, str]
    secrets: Mapping[str, str]
    by: str = ""


def kept(store: DocumentStore) -> dict[str, Configured]:
    """All that is set, by name."""
    with store.begin(write=False) as unit:
        found = unit.select(Selection(CONFIGURED, limit=_MOST))
    return {str(record.values["name"]): _of(record) for record in found}


def stamp(store: DocumentStore) -> frozenset[tuple[str, int]]:
    """What changes whenever something is set or taken back."""
    with store.begin(write=False) as unit:
        return frozenset((record.id, record.version) for record in unit.select(Selection(CONFIGURED, limit=_MOST)))


def node_with(node: Node, found: Mapping[str, Configured]) -> Node:
    """The node with its channels as they were set; what was set for a channel that the file no longer has, or that no
    adapter takes any more, counts for nothing."""
    channels = dict(node.channels)
    for name, bound in node.channels.items():
        one = found.get(CHANNEL + name)
        if one is not None and one.content.get("adapter") in KINDS and bound.adapter != NOTICES:
            channels[name] = binding_of(bound, one.content, one.secrets)
    return replace(node, channels=channels)


def signing_of(found: Mapping[str, Configured]) -> SigningChoice:
    """How messages are signed."""
    one = found.get(SIGNING)
    if one is None:
        return SigningChoice()
    told = one.content
    return SigningChoice(told.get("provider", ""), told.get(BUSINESS) != NO, told.get(TRANSPORT) != NO)


def channel_set(runtime: Runtime, name: str) -> Configured | None:
    """What was set for a channel."""
    with runtime.store.begin(write=False) as unit:
        record = _record(unit, CHANNEL + name)
    return None if record is None else _of(record)


def proposed(runtime: Runtime, name: str, raw: Mapping[str, str]) -> ChannelBinding:
    """A channel as it would be bound. A secret that is left empty stays what it was. Raises Refused with findings at
    the names of settings."""
    content, secrets = _judged(runtime, name, raw)
    return binding_of(declared(runtime, name), content, secrets)


def declared(runtime: Runtime, name: str) -> ChannelBinding:
    """A channel as the node file binds it."""
    node = runtime.definitions.nodes.get(runtime.node.id, runtime.node)
    return node.channels.get(name) or runtime.node.channels[name]


def set_channel(runtime: Runtime, actor: Actor, name: str, raw: Mapping[str, str]) -> None:
    """Bind a channel otherwise. Raises Refused as `proposed` does, and where settings are locked."""
    refuse_locked(runtime)
    content, secrets = _judged(runtime, name, raw)
    keep(runtime, actor, CHANNEL + name, content, secrets, "channel_set")


def reset_channel(runtime: Runtime, actor: Actor, name: str) -> None:
    """Let the node file count again. Raises Refused where settings are locked."""
    refuse_locked(runtime)

    def act(work: Work) -> None:
        record = _record(work.unit, CHANNEL + name)
        if record is not None:
            _renew(work, record, content={}, secrets="{}", deleted=True)
            _note(work, "channel_reset", CHANNEL + name, {})

    in_work(runtime, actor, act)


def keep(
    runtime: Runtime, actor: Actor, name: str, content: Mapping[str, str], secrets: Mapping[str, str], action: str
) -> None:
    """Keep something under a name, and in the audit what of it is no secret and has changed."""

    def act(work: Work) -> None:
        record = _record(work.unit, name, deleted=True)
        values = {"name": name, "content": dict(content), "secrets": json.dumps(dict(secrets))}
        before = _of(record) if record is not None else Configured(name, {}, {})
        if record is None:
            work.unit.insert(Record(CONFIGURED, {**system_values(work), **values}))
        else:
            _renew(work, record, **values, deleted=False)
        changed = {key: content.get(key, "") for key in {*content, *before.content}}
        told = {key: text for key, text in changed.items() if before.content.get(key, "") != text}
        sealed = {key: "*" for key, text in secrets.items() if before.secrets.get(key, "") != text}
        _note(work, action, name, {**told, **sealed})

    in_work(runtime, actor, act)


def _note(work: Work, action: str, name: str, detail: Mapping[str, object]) -> None:
    about = {"name": name, **detail}
    work.unit.append_audit(AuditEntry(work.now, work.actor.id, action, "", "", about, work.actor.address))


def _judged(runtime: Runtime, name: str, raw: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    bound = runtime.node.channels.get(name)
    if bound is None or bound.adapter == NOTICES:
        raise Refused((), kind="not_found")
    adapter, direction = raw.get("adapter", ""), IN if bound.listens else OUT
    kind = KINDS.get(adapter)
    if kind is None or kind.way not in ("", direction):
        raise Refused((_finding("adapter", "kind"),))
    before = channel_set(runtime, name)
    held = before.secrets if before is not None and before.content.get("adapter") == adapter else {}
    file = declared(runtime, name)
    in_file = file.settings if file.adapter == adapter else {}
    content, secrets, findings = {"adapter": adapter}, dict[str, str](), list[Finding]()
    for setting in kind.asked(direction):
        text = raw.get(setting.name, "").strip()
        if setting.is_secret:
            text = text or held.get(setting.name, "")
        if not text and setting.is_secret and f"{setting.name}_from" in in_file:
            continue  # the environment holds it
        fault = "long" if len(text) > _LONGEST else fault_of(setting, text)
        fault = fault or (folder_fault(adapter, text) if setting.name == "folder" else "")
        if fault:
            findings.append(_finding(setting.name, fault))
        (secrets if setting.is_secret else content)[setting.name] = text
    if findings:
        raise Refused(tuple(findings))
    return content, secrets


def _finding(at: str, fault: str) -> Finding:
    zh, en = _FAULTS[fault]
    return Finding("setting", {"zh": zh, "en": en}, (at,))


def _renew(work: Work, record: Record, **values: object) -> None:
    version = record.version
    record.values.update(values, version=version + 1, changed_at=work.now, changed_by=work.actor.id)
    work.unit.update(record, version)


def _record(unit: Unit, name: str, *, deleted: bool = False) -> Record | None:
    found = unit.select(Selection(CONFIGURED, Compare(("name",), "==", name), limit=1, deleted=deleted))
    return found[0] if found else None


def _of(record: Record) -> Configured:
    content, secrets = record.values["content"], json.loads(str(record.values["secrets"] or "{}"))
    held = {str(key): str(text) for key, text in content.items()} if isinstance(content, Mapping) else {}
    return Configured(str(record.values["name"]), held, secrets, str(record.values.get("changed_by") or ""))
