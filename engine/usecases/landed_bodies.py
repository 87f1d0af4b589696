"""Who may see what messages hold: a body shows what fields hide, so it is for those from whom no field is hidden.

In: an actor and a message. Out: its body, noted in the audit, or a refusal. A message of a document is seen by who
reads every field of that document in the clear; one that belongs nowhere yet may belong to any document that messages
are about, and is seen by who reads all of those so. A node whose messages are about nothing hides nothing.
"""

from __future__ import annotations

from engine.access.rights import RecordRights
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
    mappings = runtime.definitions.mappings
    possible = [mappings[view.kind]] if view.kind in mappings else list(mappings.values())
    about = {one.document for one in possible}
    general = {name: runtime.rights(name, actor).in_general() for name in about if name in known}
    return all(_reads_all(rights, name, runtime) for name, rights in general.items())


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
