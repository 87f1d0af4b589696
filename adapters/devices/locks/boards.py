"""What the five families have in common: questions for the states of all locks, and one command for one pulse.

In: a board's address and wiring. Out: questions and commands of `adapters.devices.talk`, and how their answers read.
Whether 11 or a set bit means closed is a setting: it depends on the contact that is wired to the board.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from adapters.devices.framing import Ear
from adapters.devices.locks import cu16, cu48, winnsen, wkly, xor5
from adapters.devices.talk import Ask
from engine.model.devices import LockState

States = Mapping[int, LockState]


class Heard(Enum):
    """What a board said to a pulse. It is not believed: the locks are looked at."""

    DONE = "done"
    FAILED = "failed"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Question:
    """Asks for states; `reads` gives those that an answer tells."""

    ask: Ask
    reads: Callable[[object], States]


@dataclass(frozen=True, slots=True)
class Command:
    """Gives a pulse, once."""

    ask: Ask
    reads: Callable[[object], Heard]


class Board(Protocol):
    """One board on a line."""

    @property
    def locks(self) -> range:
        """The locks it has."""
        ...

    def questions(self) -> Sequence[Question]:
        """What to ask to learn the states of all locks."""
        ...

    def pulse(self, lock: int) -> Command:
        """What to send for one pulse."""
        ...

    def ear(self) -> Ear:
        """Hears whatever the board may say unasked."""
        ...

    def pushed(self, event: object) -> States:
        """The states that an unasked event tells."""
        ...


@dataclass(frozen=True, slots=True)
class Cu16Board:
    """`address` 0 to 15; `closed_when_set`: a hook's bit means closed."""

    address: int
    closed_when_set: bool = True
    within: float = 0.3
    answer: float = 0.1
    locks: range = range(1, cu16.LOCKS + 1)

    def questions(self) -> Sequence[Question]:
        """One, for all locks."""
        request = cu16.encode(cu16.AskState(self.address))
        return [Question(Ask(request, cu16.answers, self._is_state, self.within), self._read)]

    def _is_state(self, event: object) -> bool:
        return isinstance(event, cu16.State) and event.board == self.address

    def _read(self, event: object) -> States:
        assert isinstance(event, cu16.State)
        closed = event.locked if self.closed_when_set else event.unlocked
        return {lock: LockState(lock not in closed, lock in event.item_present) for lock in self.locks}

    def pulse(self, lock: int) -> Command:
        """Boards answer it or not."""
        frame = cu16.Unlock(self.address, lock)
        return Command(
            Ask(cu16.encode(frame), cu16.answers, lambda event: event == frame, self.answer), lambda _: Heard.DONE
        )

    def ear(self) -> Ear:
        """Says nothing unasked."""
        return cu16.answers()

    def pushed(self, event: object) -> States:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class Cu48Board:
    """`counted`: a length stands before the states; `closed_when_set`: a bit means closed."""

    address: int
    counted: bool = False
    closed_when_set: bool = True
    within: float = 0.3
    answer: float = 0.1
    locks: range = range(1, cu48.LOCKS + 1)

    def questions(self) -> Sequence[Question]:
        """One, for all locks."""
        request = cu48.encode(cu48.AskState(self.address))
        return [Question(Ask(request, self.ear, self._is_state, self.within), self._read)]

    def _is_state(self, event: object) -> bool:
        return isinstance(event, cu48.State) and event.board == self.address

    def _read(self, event: object) -> States:
        assert isinstance(event, cu48.State)
        unset = event.unlocked
        return {lock: LockState((lock in unset) == self.closed_when_set) for lock in self.locks}

    def pulse(self, lock: int) -> Command:
        """Boards may answer with states."""
        request = cu48.encode(cu48.Unlock(self.address, lock))
        return Command(Ask(request, self.ear, self._is_state, self.answer), lambda _: Heard.DONE)

    def ear(self) -> Ear:
        """Says nothing unasked."""
        return cu48.answers(counted=self.counted)

    def pushed(self, event: object) -> States:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class Xor5Board:
    """`address` 1 to 31; `closed_value` is the feedback of a closed lock: 17 or 0, as its contact is wired."""

    address: int
    channels: int = 24
    closed_value: int = 0x11
    within: float = 0.5
    answer: float = 1.5

    @property
    def locks(self) -> range:
        """As many as it has channels."""
        return range(1, self.channels + 1)

    def questions(self) -> Sequence[Question]:
        """One, for all locks."""
        request = xor5.encode(xor5.AskState(self.address, xor5.ALL))
        ask = Ask(request, lambda: xor5.answers(self.channels), self._is_state, self.within)
        return [Question(ask, self._read)]

    def _is_state(self, event: object) -> bool:
        return isinstance(event, xor5.States) and event.board == self.address

    def _read(self, event: object) -> States:
        assert isinstance(event, xor5.States)
        closed_when_set = self.closed_value != 0
        return {lock: LockState((lock in event.set) != closed_when_set) for lock in self.locks}

    def pulse(self, lock: int) -> Command:
        """Answered after a second; an echo looks the same."""
        request = xor5.encode(xor5.Unlock(self.address, lock))
        ask = Ask(request, lambda: xor5.answers(0), lambda event: self._is_answer(event, lock), self.answer)
        return Command(ask, self._heard)

    def _is_answer(self, event: object, lock: int) -> bool:
        return isinstance(event, xor5.Answered) and (event.board, event.lock) == (self.address, lock)

    def _heard(self, event: object) -> Heard:
        assert isinstance(event, xor5.Answered)
        return Heard.FAILED if event.feedback == self.closed_value else Heard.DONE

    def ear(self) -> Ear:
        """Says nothing unasked."""
        return xor5.answers(0)

    def pushed(self, event: object) -> States:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class WklyBoard:
    """`address` 0 to 31; the doors are told in words, so there is nothing to set."""

    address: int
    channels: int = 24
    within: float = 0.5
    answer: float = 1.0

    @property
    def locks(self) -> range:
        """As many as it has channels."""
        return range(1, self.channels + 1)

    def questions(self) -> Sequence[Question]:
        """One, for all channels."""
        request = wkly.encode(wkly.AskAll(self.address))
        return [Question(Ask(request, wkly.answers, self._is_state, self.within), self._read)]

    def _is_state(self, event: object) -> bool:
        return isinstance(event, wkly.ToldAll) and event.board == self.address and event.status == wkly.DONE

    def _read(self, event: object) -> States:
        assert isinstance(event, wkly.ToldAll)
        return {number + 1: LockState(door == "open") for number, door in enumerate(event.doors) if door != "failed"}

    def pulse(self, lock: int) -> Command:
        """Answered when the bolt has run."""
        request = wkly.encode(wkly.Open(self.address, lock))
        return Command(Ask(request, wkly.answers, lambda event: self._is_answer(event, lock), self.answer), self._heard)

    def _is_answer(self, event: object, lock: int) -> bool:
        return isinstance(event, wkly.Opened) and (event.board, event.channel) == (self.address, lock)

    def _heard(self, event: object) -> Heard:
        assert isinstance(event, wkly.Opened)
        return Heard.DONE if event.status == wkly.DONE else Heard.FAILED

    def ear(self) -> Ear:
        """Speaks when a door changes."""
        return wkly.answers()

    def pushed(self, event: object) -> States:
        """The door that changed."""
        if isinstance(event, wkly.Pushed) and event.board == self.address and event.door != "failed":
            return {event.channel: LockState(event.door == "open")}
        return {}


@dataclass(frozen=True, slots=True)
class WinnsenBoard:
    """`address` is the station; locks are asked one by one, and a change is read twice by whoever acts on it."""

    address: int
    channels: int = 8
    within: float = 0.3
    answer: float = 1.0

    @property
    def locks(self) -> range:
        """As many as it has channels."""
        return range(1, self.channels + 1)

    def questions(self) -> Sequence[Question]:
        """One for each lock."""
        return [self._question(lock) for lock in self.locks]

    def _question(self, lock: int) -> Question:
        request = winnsen.encode(winnsen.AskState(self.address, lock))

        def fits(event: object) -> bool:
            return isinstance(event, winnsen.State) and (event.station, event.lock) == (self.address, lock)

        return Question(Ask(request, winnsen.answers, fits, self.within), self._read)

    def _read(self, event: object) -> States:
        assert isinstance(event, winnsen.State)
        return {event.lock: LockState(event.status == "open")}

    def pulse(self, lock: int) -> Command:
        """A coil that has to cool is refused by the board."""
        request = winnsen.encode(winnsen.Unlock(self.address, lock))

        def fits(event: object) -> bool:
            return isinstance(event, winnsen.Unlocked) and (event.station, event.lock) == (self.address, lock)

        return Command(Ask(request, winnsen.answers, fits, self.answer), self._heard)

    def _heard(self, event: object) -> Heard:
        assert isinstance(event, winnsen.Unlocked)
        return {"ok": Heard.DONE, "resting": Heard.RESTING}.get(event.status, Heard.FAILED)

    def ear(self) -> Ear:
        """Says nothing unasked."""
        return winnsen.answers()

    def pushed(self, event: object) -> States:
        """Nothing."""
        return {}
