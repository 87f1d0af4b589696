"""What stands on a desk: a reader of identity cards, a reader of zones.

In: bytes, and hands that lay things down and lift them. Out: answers, or what is said unasked. Whoever is on the
cards is made up by whoever lays them down.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.devices.cards import sdt
from adapters.devices.cards.text import Reading, data_of
from adapters.devices.framing import Scanner
from adapters.devices.zones.blocks import Block, Framing, encode
from engine.model.devices import CardText

_PICTURE = bytes(1024)


@dataclass
class Cards:
    """A card is found once until it is lifted; `lifted_before` is the step at which it is taken away, once."""

    card: CardText | None = None
    lifted_before: sdt.Command | None = None
    _state: str = "none"
    _ear: Scanner = field(default_factory=sdt.requests)

    def lay(self, card: CardText) -> None:
        """Lay a card down."""
        self.card, self._state = card, "laid"

    def lift(self) -> None:
        """Take it away."""
        self.card, self._state = None, "none"

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [sdt.encode(self._answer(one)) for one in self._ear.feed(data) if isinstance(one, sdt.Command)]

    def _answer(self, command: sdt.Command) -> sdt.Answer:
        if command == self.lifted_before:
            self.lifted_before = None
            self.lift()
        match command:
            case sdt.FIND:
                return self._step("laid", "found", sdt.Answer(sdt.FOUND, bytes(4)), sdt.NO_CARD)
            case sdt.SELECT:
                return self._step("found", "selected", sdt.Answer(sdt.DONE, bytes(8)), sdt.NOT_SELECTED)
            case sdt.READ:
                data = data_of(Reading(self.card, _PICTURE)) if self.card is not None else b""
                return self._step("selected", "read", sdt.Answer(sdt.DONE, data), sdt.NOT_READ)
            case sdt.SELF_TEST | sdt.RESET:
                return sdt.Answer(sdt.DONE)
            case sdt.SERIAL:
                return sdt.Answer(sdt.DONE, bytes(16))
        return sdt.Answer(0x21)

    def _step(self, before: str, after: str, answer: sdt.Answer, otherwise: int) -> sdt.Answer:
        if self._state != before:
            return sdt.Answer(otherwise)
        self._state = after
        return answer


@dataclass
class Zones:
    """Says what is laid on it: `laid` gives the bytes."""

    framing: Framing = Framing.BLOCK

    def hear(self, data: bytes) -> list[bytes]:
        """It only speaks."""
        return []

    def laid(self, lines: tuple[str, ...]) -> bytes:
        """What the reader sends for these lines."""
        return encode(Block(lines, self.framing))
