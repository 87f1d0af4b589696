"""What is done with a fingerprint module: open, enrol, search, delete, list; each a talk with one deadline.

In: acknowledgements. Out: outcomes with names. That there is no finger is no error. A page is not an identity: who it
belongs to stands in a database, with the module's own state read beside it at every start, since pages are used again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from adapters.devices.fingers import zfm
from adapters.devices.fingers.zfm import Packet
from adapters.devices.talk import Ask, Pause, Talk, asked, told
from engine.model.devices import DeviceFault, Enrolled, Enrolment, Match, Trouble

POLL = 0.1
_POOR = (zfm.MESSY, zfm.FEW_POINTS, zfm.NO_IMAGE, zfm.CAPTURE_FAILED)
_PAGES = 256


@dataclass(frozen=True, slots=True)
class FingerModule:
    """A module at an address; `capacity` is how many pages it has, `patience` how many looks a finger is waited for."""

    address: int = zfm.EVERYBODY
    password: int = 0
    capacity: int = 200
    within: float = 1.0
    patience: int = 100

    def open(self) -> Talk[None]:
        """Show the password: no module answers to anything before. Raises DeviceFault."""
        yield from self._done(zfm.password(self.password), retry=True)

    def parameters(self) -> Talk[zfm.Parameters]:
        """How it is set. Raises DeviceFault."""
        data = yield from self._done(zfm.parameters(), retry=True, length=17)
        return zfm.parameters_of(data)

    def pages(self) -> Talk[frozenset[int]]:
        """Pages in use. Raises DeviceFault."""
        used: set[int] = set()
        for number in range((self.capacity + _PAGES - 1) // _PAGES):
            used |= yield from self._used(number)
        return frozenset(page for page in used if page < self.capacity)

    def _used(self, number: int) -> Talk[set[int]]:
        """Pages in use in one table."""
        data = yield from self._done(zfm.table(number), retry=True, length=33)
        return {number * _PAGES + n for n in range(_PAGES) if data[1 + n // 8] >> n % 8 & 1}

    def identify(self) -> Talk[Match | None]:
        """Whose finger lies there now: None without one, a match without a page where nobody's. Raises DeviceFault:
        unreadable where the image is too poor to say."""
        if (yield from self._code(zfm.capture())) == zfm.NO_FINGER:
            return None
        code = yield from self._code(zfm.extract(1))
        if code in _POOR:
            raise DeviceFault(Trouble.UNREADABLE, zfm.WORDS[code])
        self._good(code)
        return (yield from self._found()) or Match(None)

    def delete(self, page: int) -> Talk[None]:
        """Forget one page, and look whether it is forgotten. Raises DeviceFault."""
        yield from self._done(zfm.delete(page))
        if page in (yield from self._used(page // _PAGES)):
            raise DeviceFault(Trouble.REFUSED, f"page {page}")

    def enrol(self, page: int) -> Talk[Enrolled]:
        """Keep a finger at a page: two captures, the finger lifted between them. Raises DeviceFault."""
        first = yield from self._captured(1)
        if first is not None:
            return Enrolled(first, page)
        known = yield from self._found()
        if known is not None and known.page is not None:
            return Enrolled(Enrolment.KNOWN, known.page)
        if not (yield from self._awaited(lifted=True)):
            return Enrolled(Enrolment.NOT_LIFTED, page)
        second = yield from self._captured(2)
        if second is not None:
            return Enrolled(second, page)
        return Enrolled((yield from self._kept(page)), page)

    def _captured(self, buffer: int) -> Talk[Enrolment | None]:
        """Features of a finger in a buffer; what went wrong, if anything."""
        if not (yield from self._awaited(lifted=False)):
            return Enrolment.NO_FINGER
        code = yield from self._code(zfm.extract(buffer))
        if code in _POOR:
            return Enrolment.POOR
        self._good(code)
        return None

    def _awaited(self, *, lifted: bool) -> Talk[bool]:
        """Look until a finger lies there, or none does; whether it came to that."""
        for _ in range(self.patience):
            code = yield from self._code(zfm.capture())
            if code not in (zfm.OK, zfm.NO_FINGER, *_POOR):
                self._good(code)
            if (code == zfm.NO_FINGER) if lifted else (code == zfm.OK):
                return True
            yield Pause(POLL)
        return False

    def _kept(self, page: int) -> Talk[Enrolment]:
        merged = yield from self._code(zfm.merge())
        if merged == zfm.DIFFERENT:
            return Enrolment.DIFFERENT
        self._good(merged)
        stored = yield from self._code(zfm.store(1, page))
        if stored == zfm.OK and page not in (yield from self._used(page // _PAGES)):
            return Enrolment.FAILED  # acknowledgements do not say to what: the table is looked at
        outcomes = {zfm.OK: Enrolment.STORED, zfm.BAD_PAGE: Enrolment.BAD_PAGE, zfm.FULL: Enrolment.FULL}
        return outcomes.get(stored, Enrolment.FAILED)

    def _found(self) -> Talk[Match | None]:
        data = yield from self._told(zfm.search(1, 0, self.capacity), lengths=(1, 5))
        if data[0] == zfm.NOT_FOUND:
            return None
        self._good(data[0])
        page, score = zfm.numbers(data)
        return Match(page, score)

    def _code(self, packet: Packet) -> Talk[int]:
        return (yield from self._told(packet))[0]

    def _done(self, packet: Packet, *, retry: bool = False, length: int = 1) -> Talk[bytes]:
        """The data of an acknowledgement that says yes. Raises DeviceFault."""
        data = yield from self._told(packet, retry=retry, lengths={1, length})
        self._good(data[0])
        if len(data) != length:
            raise DeviceFault(Trouble.GARBLED, data.hex(" "))
        return data

    def _told(self, packet: Packet, *, retry: bool = False, lengths: Collection[int] = (1,)) -> Talk[bytes]:
        """The data of the acknowledgement, of a length that this command is answered with."""

        def fits(event: object) -> bool:
            if not isinstance(event, Packet) or self.address not in (zfm.EVERYBODY, event.address):
                return False  # the sum of a packet does not cover its address
            if event.kind != zfm.ACKNOWLEDGE or len(event.data) not in lengths:
                return False
            return event.code != zfm.OK or len(event.data) == max(lengths)  # a bare yes answers something else

        sent = Packet(packet.kind, packet.data, self.address)
        ask = Ask(zfm.encode(sent), zfm.answers, fits, self.within)
        event = yield from asked(ask) if retry else told(ask)
        assert isinstance(event, Packet)
        return event.data

    def _good(self, code: int) -> None:
        if code != zfm.OK:
            raise DeviceFault(Trouble.REFUSED, zfm.WORDS.get(code, f"{code:02X}"))
