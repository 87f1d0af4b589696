"""Where messages lie on a broker: the settings of a channel, and the arguments that its queue is declared with.

In: settings of the node file and the address, which holds the password and is never shown. Out: a `Place`. Knows no
library and opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PREFETCH = 200


@dataclass(frozen=True, slots=True)
class Place:
    """One queue. With `exchange` messages go through it by the routing key; without, straight to the queue.

    `declare` makes queue and dead letters where they are missing; a queue of somebody else's is used as it is.
    `priorities` makes it a classic queue of that many, since quorum queues have none.
    """

    name: str
    url: str = field(repr=False)
    queue: str
    exchange: str = ""
    routing: str = ""
    prefetch: int = PREFETCH
    priorities: int = 0
    declare: bool = True

    @property
    def routing_key(self) -> str:
        """What messages are published under."""
        return self.routing or self.queue

    @property
    def dead(self) -> str:
        """The queue of what was refused for good."""
        return f"{self.queue}.dead"

    @property
    def arguments(self) -> dict[str, object]:
        """Arguments of the queue: kept on a majority of nodes, what is refused goes to the dead letters."""
        about = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": self.dead}
        if self.priorities:
            return {**about, "x-max-priority": self.priorities}
        return {**about, "x-queue-type": "quorum"}

    @property
    def dead_arguments(self) -> dict[str, object]:
        """Arguments of the dead letters' queue."""
        return {} if self.priorities else {"x-queue-type": "quorum"}


def place_of(name: str, settings: Mapping[str, str], url: str) -> Place:
    """The place that settings of a channel name."""
    return Place(
        name,
        url,
        settings.get("queue", name),
        settings.get("exchange", ""),
        settings.get("routing", ""),
        int(settings.get("prefetch", PREFETCH)),
        int(settings.get("priorities", 0)),
        settings.get("declare", "true") != "false",
    )
