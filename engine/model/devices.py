"""What devices at a counter say and do: locks, contacts, readers, sensors, supplies.

Plain values without a protocol: adapters make them, flows and monitors read them. A lock's pulse has an outcome that
says what was seen, not what was hoped for; nothing here says what lies in a drawer. Long because all that devices say
is found in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Trouble(StrEnum):
    """Why a device did not do what it was asked."""

    GONE = "gone"
    """The port is not there, or went away."""
    BUSY = "busy"
    """The port belongs to another process."""
    SILENT = "silent"
    GARBLED = "garbled"
    """Answers whose check value is wrong."""
    CUT_SHORT = "cut_short"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    """The device understood and said no."""
    IMPLAUSIBLE = "implausible"
    """A value that the thing measured cannot have."""
    REMOVED = "removed"
    """What was being read was taken away."""
    UNREADABLE = "unreadable"
    UNKNOWN_DEVICE = "unknown_device"


class DeviceFault(Exception):
    """A device could not be used; `about` is for the log."""

    def __init__(self, trouble: Trouble, about: str = "") -> None:
        self.trouble, self.about = trouble, about
        super().__init__(f"{trouble.value} {about}".rstrip())


class Condition(StrEnum):
    """How a device is doing."""

    NEW = "new"
    """Not asked yet."""
    WELL = "well"
    SHAKY = "shaky"
    """Failed of late; still asked every time."""
    OFFLINE = "offline"
    """Failed too often: asked again after a pause that grows."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one device is doing: failures in a row, the last trouble, the seconds since it last answered; `stands_for`
    those since it came to its condition. `answered`, `failed` and `missed` count talks that went well, talks that were
    given up, and single questions without a good answer; `took` is how long the last answer took."""

    device: str
    kind: str
    port: str
    condition: Condition
    failures: int = 0
    trouble: Trouble | None = None
    about: str = ""
    silent_for: float | None = None
    stands_for: float = 0.0
    answered: int = 0
    failed: int = 0
    missed: int = 0
    took: float | None = None


@dataclass(frozen=True, slots=True)
class PortSetting:
    """A serial port: its stable name, line parameters, the gap between commands in seconds, whether it echoes, and how
    much longer than usual answers are waited for."""

    path: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: int = 1
    gap: float = 0.05
    echo: bool = False
    patience: float = 1.0


@dataclass(frozen=True, slots=True)
class DeviceSetting:
    """A device on a port: its kind, address, and what else the kind asks for."""

    kind: str
    port: str
    address: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


class PulseOutcome(StrEnum):
    """What was seen after one pulse to a lock."""

    OPENED = "opened"
    OPEN_BEFORE = "open_before"
    """It was said to be open before, and still is: proves nothing, a cut wire says the same."""
    STUCK = "stuck"
    """The pulse was given and the lock stayed closed."""
    WRONG = "wrong"
    """Another lock opened, alone or too."""
    UNKNOWN = "unknown"
    """The pulse may have been given and the board does not say what became of it. Look before anything else."""
    SILENT = "silent"
    """The board said nothing before the pulse: none was given."""
    RESTING = "resting"
    """The coil rests; no pulse was given."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What became of one order to open: the lock, the outcome, other locks that opened, whether a pulse was sent."""

    lock: int
    outcome: PulseOutcome
    others: tuple[int, ...] = ()
    pulsed: bool = True


@dataclass(frozen=True, slots=True)
class LockState:
    """One lock: open or closed; whether its sensor sees something (None where it has none)."""

    open: bool
    item: bool | None = None


class LockChange(StrEnum):
    """What happened to a lock between two looks."""

    ORDERED = "ordered"
    """It was given a pulse."""
    OPENED = "opened"
    CLOSED = "closed"
    FORCED = "forced"
    """It opened and nobody had ordered it."""
    LEFT_OPEN = "left_open"


@dataclass(frozen=True, slots=True)
class LockEvent:
    """A lock changed."""

    lock: int
    change: LockChange


@dataclass(frozen=True, slots=True)
class Climate:
    """Degrees Celsius and per cent of relative humidity."""

    temperature: Decimal
    humidity: Decimal


@dataclass(frozen=True, slots=True)
class DirectCurrent:
    """A supply as it is measured."""

    volt: Decimal
    ampere: Decimal
    watt: Decimal
    watt_hours: int
    over_voltage: bool
    under_voltage: bool


@dataclass(frozen=True, slots=True)
class Supply:
    """An uninterruptible supply; None where it does not say."""

    mains: bool
    battery_low: bool
    failed: bool
    testing: bool
    closing: bool
    input_volt: Decimal | None
    output_volt: Decimal | None
    load: int | None
    battery_volt: Decimal | None
    temperature: Decimal | None


@dataclass(frozen=True, slots=True)
class CardText:
    """The text of an identity card; `kind` is blank, J or I; dates as they are written, YYYYMMDD or 长期."""

    name: str
    sex: str
    nation: str
    birth: str
    address: str
    number: str
    authority: str
    valid_from: str
    valid_to: str
    kind: str = ""
    permit: str = ""
    issues: str = ""
    other_name: str = ""
    country: str = ""
    faults: tuple[str, ...] = ()
    """Fields that contradict their check digit or each other."""

    @property
    def doubt(self) -> Doubt | None:
        """What speaks against it, if anything."""
        return Doubt.CONTRADICTION if self.faults else None


@dataclass(frozen=True, slots=True)
class ReadText:
    """A machine-readable zone: its format, its fields as they are written, the fields whose check digits are wrong.

    Names have no check digit: they are never proven."""

    format: str
    lines: tuple[str, ...]
    code: str = ""
    issuer: str = ""
    number: str = ""
    birth: str = ""
    sex: str = ""
    expiry: str = ""
    country: str = ""
    surname: str = ""
    given: str = ""
    optional: str = ""
    written_name: str = ""
    """A name in its own script, where the zone carries one."""
    birth_date: date | None = None
    expiry_date: date | None = None
    faults: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

    @property
    def doubt(self) -> Doubt | None:
        """What speaks against it, if anything."""
        return Doubt.CHECK_DIGIT if self.faults else Doubt.MENDED if self.repaired else None


@dataclass(frozen=True, slots=True)
class Match:
    """A finger: the page of its template, and how alike they are. One that the module does not know has no page."""

    page: int | None
    score: int = 0


class Doubt(StrEnum):
    """Why what was read is not to be trusted as it stands."""

    CHECK_DIGIT = "check_digit"
    MENDED = "mended"
    """A sign was changed, and arithmetic then held."""
    CONTRADICTION = "contradiction"


class Enrolment(StrEnum):
    """What became of an enrolment."""

    STORED = "stored"
    NO_FINGER = "no_finger"
    NOT_LIFTED = "not_lifted"
    POOR = "poor"
    DIFFERENT = "different"
    """Two captures that are not of one finger."""
    KNOWN = "known"
    """The finger has a page already."""
    BAD_PAGE = "bad_page"
    FULL = "full"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of an enrolment, and the page it is about (the one that is known already)."""

    outcome: Enrolment
    page: int


class Registration(StrEnum):
    """How a radio stands to its network (3GPP TS 27.007)."""

    NONE = "none"
    HOME = "home"
    SEARCHING = "searching"
    DENIED = "denied"
    UNKNOWN = "unknown"
    ROAMING = "roaming"


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio: state of its SIM as it says it (`READY`; empty without one), dBm where known, registration."""

    sim: str
    signal: int | None
    registration: Registration


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the camera gave it."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class ReplayedFrame:
    """One case of a frames file: its name and what was wrong, empty where all is well."""

    name: str
    device: str
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something that answered on a port: as which kind, at which address and speed."""

    port: str
    kind: str
    address: int
    baud: int
