"""Who may see what messages hold: a body shows what fields hide, so it is for those from whom no field is hidden.

In: an actor and a message. Out: its body, noted in the audit, or a refusal. A message of a document is seen by who
reads every field of that document in the clear; one that belongs nowhere yet may belong to any document that messages
are about or that calls begin, and is seen by who reads all of those so. A node whose messages are about nothing hides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.access.rights import RecordRights
from engine.model.actions import Act, Block, Choose, Create
from engine.problems import Finding, Refused
from engine.usecases.auditing import watched
from engine.usecases.landed import LandedView, landed_about, landed_message
from engine.usecases.landed_retention import archived_body
from engine.usecases.landing_records import MESSAGE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.world import RecordWorld


def may_read_body(runtime: Runtime, actor: Actor, view: LandedView) -> bool:
    """Whether an actor may see what a message holds."""
    known = runtime.definitions.documents
    if view.document in known:
        return _reads_all(_on_record(runtime, actor, view.document, view.record_id), view.document, runtime)
    general = {name: runtime.rights(name, actor).in_general() for name in _possible(runtime, view) if name in known}
    return all(_reads_all(rights, name, runtime) for name, rights in general.items())


def _possible(runtime: Runtime, view: LandedView) -> set[str]:
    """The documents that a message may be about which belongs to none: those of its mapping, else all that any message
    or call may begin."""
    definitions = runtime.definitions
    if view.kind in definitions.mappings:
        return {definitions.mappings[view.kind].document}
    named = [act for one in definitions.actions.values() for act in one.do] if definitions.offers else []
    begun = {name for acts in (named, *(one.do for one in definitions.offers.values())) for name in _created(acts)}
    return begun | {one.document for one in definitions.mappings.values()}


def _created(acts: Iterable[Act]) -> Iterator[str]:
    for act in acts:
        if isinstance(act, Create):
            yield act.document
        elif isinstance(act, Block):
            yield from _created(act.actions)
        elif isinstance(act, Choose):
            yield from _created(act.branches)


def read_body(runtime: Runtime, actor: Actor, landed_id: str) -> tuple[LandedView, bytes]:
    """A message with its body; both the look and the refused one stand in the audit. Raises Refused(not_found,
    forbidden), KeyError where its file is lost or its archive was taken away."""
    view = landed_about(runtime, landed_id)
    with watched(runtime, actor, "message_read", MESSAGE, landed_id):
        if not may_read_body(runtime, actor, view):
            text = {"zh": "您的角色不能看这份报文的正文", "en": "Your role may not see what this message holds"}
            raise Refused((Finding("forbidden", text),), kind="forbidden")
    found, content = landed_message(runtime, actor, landed_id)
    return found, content if view.purged_at is None else archived_body(runtime, view.archive, landed_id)


def _on_record(runtime: Runtime, actor: Actor, document: str, record_id: str) -> RecordRights:
    """Rights on a record; on one that is gone, nothing."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(document, record_id)
        if record is None:
            return RecordRights()
        world = RecordWorld(runtime, unit, actor, runtime.clock.now())
        return runtime.rights(document, actor).on(record.values, world)


def _reads_all(rights: RecordRights, document: str, runtime: Runtime) -> bool:
    fields = runtime.definitions.documents[document].fields
    return rights.everything or (rights.read >= fields.keys() and not rights.masked)
