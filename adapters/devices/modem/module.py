"""What is asked of a mobile module, and sent with it: SIM, signal, registration, short messages.

In: answers to AT commands. Out: talks. A message is sent once: where its acknowledgement does not come nobody knows
whether it went, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.modem.lines import Answer, AnswerEar, Command, Prompt, encode
from adapters.devices.modem.messages import submissions
from adapters.devices.talk import Ask, Talk, asked, told
from engine.model.devices import DeviceFault, Radio, Registration, Trouble

_NO_SIM = ("+CME ERROR: 10", "+CME ERROR: SIM not inserted")
_STATES = tuple(Registration)
"""By their numbers in 3GPP TS 27.007, 7.2."""
_UNKNOWN_SIGNAL = 99


def dbm(index: int) -> int | None:
    """Signal by its index (3GPP TS 27.007, 8.5)."""
    return None if index == _UNKNOWN_SIGNAL else -113 + 2 * index


def registration(number: int) -> Registration:
    """Registration by its number."""
    return _STATES[number] if 0 <= number < len(_STATES) else Registration.UNKNOWN


@dataclass(frozen=True, slots=True)
class Modem:
    """One module."""

    within: float = 1.0
    sending: float = 30.0

    def begin(self) -> Talk[None]:
        """Wake it, and let it not say every command back. Raises DeviceFault."""
        yield from self._asked("AT")
        yield from self._asked("ATE0")

    def read(self) -> Talk[Radio]:
        """SIM, signal and registration. Raises DeviceFault."""
        sim = yield from self._asked("AT+CPIN?", "+CPIN:")
        if not sim.ok and sim.final not in _NO_SIM:
            raise DeviceFault(Trouble.REFUSED, sim.final)
        signal = yield from self._number("AT+CSQ", "+CSQ:", 0)
        stands = yield from self._number("AT+CEREG?", "+CEREG:", 1)
        return Radio(sim.after("+CPIN:") or "", dbm(signal), registration(stands))

    def send(self, number: str, text: str, reference: int = 0) -> Talk[int]:
        """Send a message; how many parts it had. Raises DeviceFault, ValueError."""
        parts = submissions(number, text, reference)
        self._good((yield from self._asked("AT+CMGF=0")))
        for part in parts:
            prompt = yield from told(self._ask(Command(f"AT+CMGS={part.length}"), (Prompt, Answer), self.within))
            if isinstance(prompt, Answer):
                raise DeviceFault(Trouble.REFUSED, prompt.final)
            answer = yield from told(self._ask(Command(part.pdu, is_message=True), (Answer,), self.sending))
            self._good(answer)
        return len(parts)

    def _number(self, command: str, prefix: str, place: int) -> Talk[int]:
        answer = yield from self._asked(command, prefix)
        values = (answer.after(prefix) or "").split(",")
        if len(values) <= place or not values[place].strip().isdecimal():
            raise DeviceFault(Trouble.GARBLED, answer.final)
        return int(values[place])

    def _asked(self, command: str, prefix: str = "") -> Talk[Answer]:
        """An answer that has the line which is waited for, or says no."""

        def fits(event: object) -> bool:
            return isinstance(event, Answer) and bool(event.final) and not (prefix and event.ok and _lacks(event))

        def _lacks(event: Answer) -> bool:
            return event.after(prefix) is None

        event = yield from asked(Ask(encode(Command(command)), AnswerEar, fits, self.within))
        assert isinstance(event, Answer)
        return event

    def _ask(self, command: Command, kinds: tuple[type, ...], within: float) -> Ask:
        def fits(event: object) -> bool:
            return isinstance(event, kinds) and not (isinstance(event, Answer) and not event.final)

        return Ask(encode(command), AnswerEar, fits, within)

    def _good(self, answer: object) -> None:
        assert isinstance(answer, Answer)
        if not answer.ok:
            raise DeviceFault(Trouble.REFUSED, answer.final)
