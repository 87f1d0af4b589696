"""Uninterruptible supplies that speak Megatec's text, `Q1` and its kin: lines that end with CR.

In: bytes of a line, either direction. Out: what they say, and bytes. A unit that does not know a command says it back
or says N, and says nothing to one that it carries out. A field that it cannot give is filled with @ or -.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from adapters.devices.framing import SHAPE, UNSUPPORTED, Cut, Damaged, Scanner
from adapters.devices.talk import RETRIES, Ask, Talk, asked
from engine.model.devices import DeviceFault, Supply, Trouble

CR = b"\r"
LONGEST = 80
FLAGS = (
    "utility_fail", "battery_low", "bypass_or_avr", "ups_failed",
    "standby_type", "test_running", "shutdown_active", "beeper_on",
)  # fmt: skip
"""As they are printed from left to right."""
_N = r"[0-9@-]"
_VOLT, _TWO = rf"({_N}{{3}}\.{_N})", rf"({_N}{{2}}\.{_N})"
_BATTERY = rf"({_N}\.{_N}{{2}}|{_N}{{2}}\.{_N})"
_STATUS = re.compile(rf"\({_VOLT} {_VOLT} {_VOLT} ({_N}{{3}}) {_TWO} {_BATTERY} {_TWO} ([01]{{8}})")
_RATING = re.compile(r"#(\d{3}\.\d) (\d{3}) (\d{2}\.\d{2}|\d{3}\.\d) (\d{2}\.\d)")
_IDENTITY = re.compile(r"#([ -~]{15}) ([ -~]{10}) ([ -~]{10})")
_CLOSE = re.compile(r"S(\d\d|\.\d)(?:R(\d{4}))?")
LEAST_RESTORE = 3
"""Minutes: old firmware stays off for good when it is told less."""
SHORTEST, LONGEST_OFF = 0.2, 10


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to `Q1`; None where the unit does not say."""

    in_v: Decimal | None
    in_fault_v: Decimal | None
    out_v: Decimal | None
    load_pct: int | None
    hz: Decimal | None
    batt_v: Decimal | None
    temp_c: Decimal | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """The answer to `F`."""

    volt: Decimal
    amp: int
    batt_v: Decimal
    hz: Decimal


@dataclass(frozen=True, slots=True)
class Identity:
    """The answer to `I`."""

    maker: str
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class Close:
    """Cut the output in so many minutes, give it back after so many more."""

    off_min: Decimal
    on_min: int | None


@dataclass(frozen=True, slots=True)
class Command:
    """Any other command, by its text."""

    text: str


Frame = Status | Rating | Identity | Close | Command


def requests() -> Scanner:
    """Hears what a unit is asked."""
    return Scanner(lambda window: _line(window, asked_=True), None, LONGEST)


def answers() -> Scanner:
    """Hears what a unit answers."""
    return Scanner(lambda window: _line(window, asked_=False), None, LONGEST)


def encode(frame: Frame) -> bytes:
    """The bytes of a line."""
    return _text(frame).encode("latin-1") + CR


def _text(frame: Frame) -> str:
    match frame:
        case Status():
            return _status_text(frame)
        case Rating(volt, amp, batt_v, hz):
            return f"#{volt:05.1f} {amp:03d} {batt_v:05.2f} {hz:04.1f}"
        case Identity(maker, model, version):
            return f"#{maker:<15} {model:<10} {version:<10}"
        case Close(off_min, on_min):
            off = f".{int(off_min * 10)}" if off_min < 1 else f"{int(off_min):02d}"
            return f"S{off}" + ("" if on_min is None else f"R{on_min:04d}")
        case Command(said):
            return said


def _status_text(status: Status) -> str:
    volts = (_filled(one, "05.1f", "@@@.@") for one in (status.in_v, status.in_fault_v, status.out_v))
    battery = "@@.@" if status.batt_v is None else f"{status.batt_v:.2f}" if _cell(status.batt_v) else None
    fields = (
        *volts,
        "@@@" if status.load_pct is None else f"{status.load_pct:03d}",
        _filled(status.hz, "04.1f", "@@.@"),
        battery or f"{status.batt_v:04.1f}",
        _filled(status.temp_c, "04.1f", "@@.@"),
        "".join("1" if flag in status.flags else "0" for flag in FLAGS),
    )
    return "(" + " ".join(fields)


def _filled(value: Decimal | None, form: str, unknown: str) -> str:
    return unknown if value is None else format(value, form)


def _cell(volt: Decimal) -> bool:
    """Told for one cell, with two digits after the point."""
    return int(volt.as_tuple().exponent) == -2


def _line(window: bytes, *, asked_: bool) -> Cut | None:
    end = window.find(CR)
    if end < 0:
        return None if len(window) < LONGEST else Cut(1)
    raw = window[: end + 1]
    text = raw[:-1].decode("latin-1")
    return Cut(len(raw), _request(text) if asked_ else _answer(text, raw))


def _request(text: str) -> Frame:
    found = _CLOSE.fullmatch(text)
    if found is None:
        return Command(text)
    off, on = found.groups()
    return Close(Decimal(f"0{off}" if off.startswith(".") else off), None if on is None else int(on))


def _answer(text: str, raw: bytes) -> Frame | Damaged:
    """What stands at the end of a line; noise may stand before it."""
    for pattern, made in ((_STATUS, _status), (_RATING, _rating), (_IDENTITY, _identity)):
        found = next((one for one in pattern.finditer(text) if one.end() == len(text)), None)
        if found is not None:
            return made(found)
    return Damaged(SHAPE if text.startswith(("(", "#")) else UNSUPPORTED, raw)


def _status(found: re.Match[str]) -> Frame:
    *numbers, flags = found.groups()
    in_v, fault_v, out_v, load, hz, battery, temperature = (_decimal(one) for one in numbers)
    load_pct = None if load is None else int(load)
    told = tuple(name for name, bit in zip(FLAGS, flags, strict=True) if bit == "1")
    return Status(in_v, fault_v, out_v, load_pct, hz, battery, temperature, told)


def _decimal(text: str) -> Decimal | None:
    return None if "@" in text or "-" in text else Decimal(text)


def _rating(found: re.Match[str]) -> Frame:
    volt, amp, battery, hz = found.groups()
    return Rating(Decimal(volt), int(amp), Decimal(battery), Decimal(hz))


def _identity(found: re.Match[str]) -> Frame:
    maker, model, version = (one.strip() for one in found.groups())
    return Identity(maker, model, version)


# --- the unit as it is used -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ups:
    """One unit on a line of its own."""

    within: float = 0.8

    def read(self) -> Talk[Supply]:
        """How it stands. Raises DeviceFault."""
        ask = Ask(encode(Command("Q1")), answers, lambda event: isinstance(event, Status), self.within)
        status = yield from asked(ask, RETRIES)
        assert isinstance(status, Status)
        return supply_of(status)

    def close_down(self, off_min: Decimal, on_min: int) -> Talk[None]:
        """Cut the output, and give it back: without the second the machine would never start again. Raises ValueError
        for times that a unit does not stand, DeviceFault where it refuses."""
        if not Decimal("0.2") <= off_min <= LONGEST_OFF or on_min < LEAST_RESTORE:
            raise ValueError(off_min, on_min)
        yield from self._order(Close(off_min, on_min))

    def stay(self) -> Talk[None]:
        """Cancel what `close_down` began. Raises DeviceFault."""
        yield from self._order(Command("C"))

    def _order(self, frame: Close | Command) -> Talk[None]:
        """Nothing is said to what is carried out; what is not known comes back."""
        event = yield Ask(encode(frame), answers, lambda _: False, self.within)
        if isinstance(event, Damaged) and event.error == UNSUPPORTED:
            raise DeviceFault(Trouble.UNSUPPORTED, event.raw.decode("latin-1"))


def supply_of(status: Status) -> Supply:
    """What a status means."""
    flags = status.flags
    return Supply(
        mains="utility_fail" not in flags,
        battery_low="battery_low" in flags,
        failed="ups_failed" in flags,
        testing="test_running" in flags,
        closing="shutdown_active" in flags,
        input_volt=status.in_v,
        output_volt=status.out_v,
        load=status.load_pct,
        battery_volt=status.batt_v,
        temperature=status.temp_c,
    )


@dataclass
class MainsWatch:
    """Whether there are mains, as it is told to people: gone after two looks in a row that are no self-test, back when
    they have been there for `returned_after` seconds."""

    returned_after: float = 5.0
    present: bool = True
    _missed: int = 0
    _since: float | None = None

    def see(self, supply: Supply, now: float) -> bool:
        """Take a look in; whether there are mains."""
        if supply.testing:
            return self.present
        self._missed = 0 if supply.mains else self._missed + 1
        self._since = (now if self._since is None else self._since) if supply.mains else None
        if self._missed >= 2:
            self.present = False
        elif not self.present and self._since is not None and now - self._since >= self.returned_after:
            self.present = True
        return self.present
