"""Reading a card once: found, selected, read; and whether the one that was read is still there.

In: a reader's answers. Out: talks. A card has to be found and selected anew for every reading, and many readers do not
find the same card twice: it has to be lifted in between. Taken away while it is read, it says so under its own name.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.cards import sdt
from adapters.devices.cards.text import Reading, reading_of
from adapters.devices.talk import Ask, Talk, asked, told
from engine.model.devices import DeviceFault, Trouble

_GONE = (sdt.NO_CARD, sdt.NOT_SELECTED, sdt.NOT_READ)


def _is_answer(event: object) -> bool:
    return isinstance(event, sdt.Answer)


@dataclass(frozen=True, slots=True)
class CardReader:
    """A reader; `long` is how long a whole reading may take."""

    short: float = 0.5
    long: float = 3.0

    def read(self, *, fingers: bool = False) -> Talk[Reading | None]:
        """The card that lies there, None without one (or with one that was read and not lifted). Raises DeviceFault:
        removed where it was taken away."""
        found = yield from asked(self._ask(sdt.FIND))
        assert isinstance(found, sdt.Answer)
        if found.status == sdt.NO_CARD:
            return None
        self._expect(found, sdt.FOUND)
        self._expect((yield from told(self._ask(sdt.SELECT))), sdt.DONE)
        command = sdt.READ_FINGERS if fingers else sdt.READ
        answer = self._expect((yield from told(self._ask(command, self.long))), sdt.DONE)
        return reading_of(answer.data, fingers=fingers)

    def is_there(self) -> Talk[bool]:
        """Whether the reader finds a card. Raises DeviceFault."""
        found = yield from asked(self._ask(sdt.FIND))
        assert isinstance(found, sdt.Answer)
        return found.status == sdt.FOUND

    def test(self) -> Talk[None]:
        """The module's own test. Raises DeviceFault."""
        self._expect((yield from asked(self._ask(sdt.SELF_TEST))), sdt.DONE)

    def serial(self) -> Talk[bytes]:
        """The module's number, as it gives it. Raises DeviceFault."""
        return self._expect((yield from asked(self._ask(sdt.SERIAL))), sdt.DONE).data

    def _ask(self, command: sdt.Command, within: float | None = None) -> Ask:
        return Ask(sdt.encode(command), sdt.answers, _is_answer, within or self.short)

    def _expect(self, answer: object, status: int) -> sdt.Answer:
        assert isinstance(answer, sdt.Answer)
        if answer.status == status:
            return answer
        trouble = Trouble.REMOVED if answer.status in _GONE else Trouble.REFUSED
        raise DeviceFault(trouble, sdt.WORDS.get(answer.status, answer.sw3))
