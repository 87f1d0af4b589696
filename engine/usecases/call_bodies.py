"""Bodies of calls, built within the transaction of the event that calls, so that they say what was so then.

In: the action, the scope of its document. Out: what the effect of the call carries.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from engine.documents.wording import fill
from engine.expressions.environment import Env
from engine.mappings.json_messages import scalar
from engine.model import actions as verbs
from engine.model.formula import Template
from engine.model.values import StoredFile
from engine.problems import Finding, Refused
from engine.usecases.message_mappings import mapping_of, message_env
from engine.usecases.runtime import Runtime


def call_payload(runtime: Runtime, act: verbs.Call, env: Env) -> dict[str, object]:
    """What the effect of a call carries: the body as it stands at the event, and the events that follow."""
    service = runtime.definitions.services[act.service]
    partner = service.partner.value(env) if service.partner is not None else None
    about: dict[str, object] = {"service": service.id, "ok": act.ok, "failed": act.failed, "partner": partner}
    if service.mapping:
        compiled = mapping_of(runtime, service.mapping)
        message = {"id": runtime.ids.new(), "kind": compiled.mapping.kind or service.mapping, "at": runtime.clock.now()}
        try:
            content = compiled.write([message_env(env, message)])
        except ValueError as error:
            text = {"zh": f"报文写不出来：{error}", "en": f"the message cannot be written: {error}"}
            raise Refused((Finding("message", text, where=compiled.mapping.where),), kind="not_allowed") from error
        return {**about, "body": base64.b64encode(content).decode()}
    values = {name: given.value(env) for name, given in {**service.values, **act.values}.items()}
    data = {name: _plain(runtime, value) for name, value in values.items()}
    return {**about, "body": base64.b64encode(json.dumps(data, ensure_ascii=False).encode()).decode()}


def _plain(runtime: Runtime, value: object) -> object:
    """A value as JSON carries it; files in base64."""
    if isinstance(value, StoredFile):
        return base64.b64encode(runtime.files.get(value.hash)).decode()
    if isinstance(value, Mapping):
        return value.get("id")
    if isinstance(value, list | tuple):
        return [_plain(runtime, one) for one in value]
    return scalar(value, "")


def call_key(act: verbs.Call, env: Env) -> str:
    """What tells this call from others; empty where the action says nothing."""
    if isinstance(act.key, Template):
        return fill(act.key, env)
    found = act.key.value(env) if act.key is not None else None
    return "" if found is None else str(found)
