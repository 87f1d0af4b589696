"""What came by a channel and cannot be understood at all is turned back, as far as its sender is known.

In: what became of a message, the word for why, what its envelope says. Out: the same, once whatever the channel's
declaration does about such messages is done, in the transaction that settles the message. Understands nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.model.traffic import Received
from engine.usecases.acting import ENGINE
from engine.usecases.events import in_work
from engine.usecases.landing import settle, waiting_message
from engine.usecases.message_mappings import declared_channel
from engine.usecases.message_rows import without_document
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

SCHEMA, UNREADABLE, UNKNOWN, OVERSIZED, RULES = "schema", "unreadable", "unknown", "oversized", "rules"
"""Why a message is not taken, `message.refusal`; a guard says its own word, one on signatures what is wrong with it."""
REFUSAL = "refusal"
_SHOWN = 20_000
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_EMPTY: Mapping[str, object] = dict.fromkeys(("id", "kind", "sender", "receiver", "topic"))


def answers_refused(runtime: Runtime, channel: str) -> bool:
    """Whether something is done about what comes by a channel and cannot be understood."""
    declared = declared_channel(runtime, channel)
    return declared is not None and bool(declared.refused)


def is_oversized(runtime: Runtime, channel: str, content: bytes) -> bool:
    """Whether a message is larger than its channel allows and its sender is to be told so; others never get here."""
    bound = runtime.node.channels.get(channel)
    most = bound.most if bound is not None else 0
    return bool(most) and len(content) > most and answers_refused(runtime, channel)


def turned_back(
    runtime: Runtime,
    channel: str,
    received: Received,
    why: str,
    said: Mapping[str, object],
    content: bytes,
    landed_id: str,
) -> Received:
    """Do what the channel says about a message of which nothing more is known than `said`."""
    declared = declared_channel(runtime, channel)
    if declared is None or not declared.refused:
        return received
    more = {"fault": received.text["zh"], REFUSAL: why, "content": legible(content[:_SHOWN]), "channel": channel}
    message = {**_EMPTY, "at": runtime.clock.now(), **said, **more}

    def act(work: Work) -> Received:
        record = waiting_message(work.unit, landed_id)
        if record is not None:
            without_document(work, declared.refused, message)
            settle(work.unit, record, work.now, received)
        return received

    return in_work(runtime, ENGINE, act)


def legible(content: bytes) -> str:
    """Bytes as text that a message may quote: what is no text, or no sign of XML 1.0, shows as such."""
    return _NO_XML.sub("\ufffd", content.decode("utf-8", "replace"))
