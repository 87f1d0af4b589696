"""A mobile module: SIM, signal, registration, messages that it keeps.

In: bytes. Out: answers. Unasked lines come before an answer where they are ordered.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.devices.framing import Scanner
from adapters.devices.modem.lines import Answer, Command, Prompt, encode, requests
from adapters.devices.modem.messages import told


@dataclass
class Module:
    """`sim` empty: none in it; `sent` are number and text of messages; `unasked` a line that comes before the next
    answer; `refuses` messages."""

    sim: str = "READY"
    signal: int = 21
    registration: int = 1
    sent: list[tuple[str, str]] = field(default_factory=list)
    unasked: str = ""
    refuses: bool = False
    _echo: bool = True
    _ear: Scanner = field(default_factory=requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [answer for one in self._ear.feed(data) if isinstance(one, Command) for answer in self._answers(one)]

    def _answers(self, command: Command) -> list[bytes]:
        said = [encode(command)] if self._echo and not command.is_message else []
        before, self.unasked = self.unasked, ""
        line = [f"\r\n{before}\r\n".encode("ascii")] if before else []
        answer = self._message(command.text) if command.is_message else self._answer(command.text)
        return [*said, *line, encode(answer)]

    def _message(self, pdu: str) -> Answer:
        if self.refuses:
            return Answer((), "+CMS ERROR: 38")
        self.sent.append(told(pdu))
        return Answer((f"+CMGS: {len(self.sent)}",))

    def _answer(self, text: str) -> Answer | Prompt:
        if text.startswith("AT+CMGS="):
            return Prompt()
        if text == "ATE0":
            self._echo = False
        known = {
            "AT+CPIN?": Answer((f"+CPIN: {self.sim}",)) if self.sim else Answer((), "+CME ERROR: 10"),
            "AT+CSQ": Answer((f"+CSQ: {self.signal},99",)),
            "AT+CEREG?": Answer((f"+CEREG: 0,{self.registration}",)),
            "AT": Answer(()), "ATE0": Answer(()), "AT+CMGF=0": Answer(()),
        }  # fmt: skip
        return known.get(text, Answer((), "ERROR"))
