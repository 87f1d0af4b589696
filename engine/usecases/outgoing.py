"""Bodies of outgoing messages, built from a mapping within the transaction, so that they say what was so at the event.

In: a mapping, the scopes of the documents. Out: what the effect that sends carries: the body, the message's own number.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from engine.expressions.environment import Env
from engine.model.messages import MessageMapping
from engine.problems import Finding, Refused
from engine.usecases.message_mappings import edition_on, mapping_of, message_env
from engine.usecases.runtime import Runtime

ENDS = ("sender", "receiver")
"""Headers by which a message tells its channel and its envelope whom it is from and for."""


def outgoing(
    runtime: Runtime, mapping: str, documents: Sequence[Env], now: datetime, day: date
) -> Mapping[str, object]:
    """The payload of a message in the edition of a business date: which `mapping` it is, `body` as text, or bytes in
    base64 with `form`; `number` is the message's id, `headers` whom it is from and for where the mapping says so.

    Raises Refused for what the message cannot hold: signs that its encoding lacks, values wider than their field."""
    compiled = mapping_of(runtime, edition_on(runtime, mapping, day))
    number = _number(runtime.ids.new())
    ends = _ends(compiled.mapping, documents)
    message = {"id": number, "kind": compiled.mapping.kind or mapping, "at": now, **dict.fromkeys(ENDS), **ends}
    about = {"mapping": compiled.mapping.id, "number": number, **({"headers": ends} if ends else {})}
    try:
        content = compiled.write([message_env(env, message) for env in documents])
    except ValueError as error:
        text = {"zh": f"报文写不出来：{error}", "en": f"the message cannot be written: {error}"}
        raise Refused((Finding("message", text, where=compiled.mapping.where),), kind="not_allowed") from error
    try:
        return {**about, "body": content.decode()}
    except UnicodeDecodeError:
        coded = base64.b64encode(content).decode()
        return {**about, "body": coded, "form": "base64"}


def _ends(mapping: MessageMapping, documents: Sequence[Env]) -> dict[str, str]:
    """Whom a message is from and for, as its first document says."""
    said = {"sender": mapping.sender, "receiver": mapping.receiver}
    found = {name: formula(documents[0]) for name, formula in said.items() if formula is not None and documents}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _number(fresh: str) -> str:
    """An id as messages carry it: 36 characters in capitals, in groups (RFC 9562)."""
    return "-".join((fresh[:8], fresh[8:12], fresh[12:16], fresh[16:20], fresh[20:])).upper()
