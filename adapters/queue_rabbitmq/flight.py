"""Messages in the air: which of a batch were published, which the broker has confirmed, refused or could not route.

In: what is to be sent and what the broker says. Out: what to publish next, and an outcome for each message. No socket,
no library. So much is in the air at once that the line is never idle, and so little that memory stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.model.traffic import Outgoing
from engine.problems import Incident

MOST_MESSAGES = 400
MOST_BYTES = 16 << 20


class Flight:
    """One batch over one line; `first` is the number that the line gives to its next publishing."""

    def __init__(self, peer: str, messages: Sequence[Outgoing], first: int) -> None:
        self.outcomes: list[Incident | None] = [None] * len(messages)
        self._peer, self._messages = peer, messages
        self._number = first
        self._next = 0
        self._bytes = 0
        self.settled = 0
        """How many messages the broker has said something of."""
        self._open: dict[int, int] = {}
        """Publishing number to place in the batch, oldest first."""

    @property
    def landed(self) -> bool:
        """Whether the broker has said something of every message."""
        return self._next == len(self._messages) and not self._open

    @property
    def next_number(self) -> int:
        """The number of the line's next publishing."""
        return self._number

    def departing(self) -> Iterator[Outgoing]:
        """What may be published now, each noted as published."""
        while self._next < len(self._messages) and len(self._open) < MOST_MESSAGES:
            message = self._messages[self._next]
            if self._open and self._bytes + len(message.body) > MOST_BYTES:
                return
            self._open[self._number] = self._next
            self._bytes += len(message.body)
            self._number += 1
            self._next += 1
            yield message

    def grounded(self, why: str) -> None:
        """The message that departed last cannot be published at all, and the line did not count it."""
        self._number -= 1
        place = self._settled(self._number)
        self.outcomes[place] = Incident(self._peer, why, retry=False)

    def confirmed(self, number: int, *, multiple: bool) -> None:
        """The broker has one message, or all up to it."""
        for one in self._meant(number, multiple=multiple):
            self._settled(one)

    def refused(self, number: int, *, multiple: bool) -> None:
        """The broker could not keep them: asking again may help."""
        for one in self._meant(number, multiple=multiple):
            place = self._settled(one)
            self.outcomes[place] = Incident(self._peer, "the broker could not keep it")

    def unroutable(self, key: str, why: str) -> None:
        """No queue takes this message; its confirmation still comes."""
        for place in self._open.values():
            if self._messages[place].key == key and self.outcomes[place] is None:
                self.outcomes[place] = Incident(self._peer, f"no queue takes it: {why}", retry=False)
                return

    def lost(self, why: str) -> None:
        """The line broke: nothing is known of what was not confirmed, and all of it may be sent again."""
        for place in (*self._open.values(), *range(self._next, len(self._messages))):
            if self.outcomes[place] is None:
                self.outcomes[place] = Incident(self._peer, why)
        self._open.clear()
        self._next = len(self._messages)

    def _meant(self, number: int, *, multiple: bool) -> list[int]:
        if not multiple:
            return [number] if number in self._open else []
        found = []
        for one in self._open:  # in order of publishing
            if one > number:
                break
            found.append(one)
        return found

    def _settled(self, number: int) -> int:
        place = self._open.pop(number)
        self._bytes -= len(self._messages[place].body)
        self.settled += 1
        return place
