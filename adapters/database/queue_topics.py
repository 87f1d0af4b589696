"""Queues by topic in the database: one channel, a queue of its own for each topic (`up.*` is `up.A`, `up.B`, ...).

In: messages whose header `topic` names the queue they go to. Out: messages of all these queues, an equal share of each
in a round, so that the backlog of one keeps no other waiting. Which topic a message came under is what its queue says,
never what its sender says; and so is part of its key, since two senders may number alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from engine.model.traffic import Arrived, Outgoing
from engine.ports.watching import Probed
from engine.problems import Incident

TOPICS = ".*"
"""The end of a queue's name that stands for one queue for each topic."""
_TOPIC = re.compile(r"[\w-]{1,64}")
_HEADER = "topic"


class TopicChannel(DatabaseChannel):
    """Puts each message into the queue of its topic."""

    def send_many(self, messages: Sequence[Outgoing]) -> Sequence[Incident | None]:
        """See `DatabaseChannel`; a message without a topic goes nowhere."""
        found: list[Incident | None] = [self._astray(one) for one in messages]
        meant = [(at, one) for at, one in enumerate(messages) if found[at] is None]
        told = self._put([(self._queue(one), one) for _, one in meant])
        for (at, _), incident in zip(meant, told, strict=True):
            found[at] = incident
        return found

    def probe(self) -> Probed:
        """Whether the database answers, and how many wait in all queues. Raises DeliveryError."""
        return _look(self._queues, self._name)

    def _queue(self, message: Outgoing) -> str:
        return f"{self._name.removesuffix('*')}{message.headers[_HEADER]}"

    def _astray(self, message: Outgoing) -> Incident | None:
        if _TOPIC.fullmatch(message.headers.get(_HEADER, "")):
            return None
        return Incident(self._name, "the message has no topic that names a queue", retry=False)


class TopicSource(DatabaseSource):
    """Takes from the queues of all topics."""

    def probe(self) -> Probed:
        """See `TopicChannel.probe`."""
        return _look(self._queues, self._name)

    def _claimed(self, limit: int) -> list[Arrived]:
        names = self._queues.names(self._name.removesuffix("*"))
        share = max(1, limit // max(1, len(names)))
        found: list[Arrived] = []
        for name in names[:limit]:
            topic = name[len(self._name) - 1 :]
            found += [
                replace(one, key=f"{one.key}@{topic}" if one.key else "", headers={**one.headers, _HEADER: topic})
                for one in self._claim(name, share)
            ]
        return found


def _look(queues: DatabaseQueues, name: str) -> Probed:
    names = queues.names(name.removesuffix("*"), taken=True)
    return Probed(name, sum(queues.look(one).waiting or 0 for one in names))


def channel(queues: DatabaseQueues, name: str) -> DatabaseChannel:
    """The channel of a queue, or of the queues of topics."""
    return (TopicChannel if name.endswith(TOPICS) else DatabaseChannel)(queues, name)


def source(queues: DatabaseQueues, name: str) -> DatabaseSource:
    """The source of a queue, or of the queues of topics."""
    return (TopicSource if name.endswith(TOPICS) else DatabaseSource)(queues, name)
