"""What flows ask of devices and of the node itself: classes, commands, what each takes and gives, how each may end.

Plain values: the checker types flows by them, `engine.usecases.flow_orders` carries them out. `CLASS.COMMAND`; a node's
own name for a device may stand instead of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from engine.model.flows import BACK, DONE, FAILED, INVALID, PICKED, REFUSED, TIMEOUT
from engine.model.happenings import HAPPENINGS
from engine.model.node_rows import COPY, PAGE, PARAMETER, ROWS, VERSION, rows_of
from engine.model.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, Kind, Shape, Type

READ, DEVICE, WAIT, CALL = "read", "device", "wait", "call"
"""Kinds of meetings."""
BOARD = "board"
"""The argument that names the node's device where there are several of a class."""
ANSWER = "answer"
_TEXTS = Type(Kind.LIST, item=TEXT)
_FILE = Type(Kind.FILE)
READINGS: Mapping[str, Shape] = {
    name: Shape(name, columns)
    for name, columns in {
        "zone": {
            "format": TEXT,
            "code": TEXT,
            "issuer": TEXT,
            "number": TEXT,
            "birth": TEXT,
            "sex": TEXT,
            "expiry": TEXT,
            "country": TEXT,
            "surname": TEXT,
            "given": TEXT,
            "optional": TEXT,
            "written_name": TEXT,
            "birth_date": DATE,
            "expiry_date": DATE,
            "lines": _TEXTS,
            "faults": _TEXTS,
            "repaired": _TEXTS,
            "doubt": TEXT,
        },
        "card": {
            "name": TEXT,
            "sex": TEXT,
            "nation": TEXT,
            "birth": TEXT,
            "address": TEXT,
            "number": TEXT,
            "authority": TEXT,
            "valid_from": TEXT,
            "valid_to": TEXT,
            "kind": TEXT,
            "permit": TEXT,
            "issues": TEXT,
            "other_name": TEXT,
            "country": TEXT,
            "faults": _TEXTS,
            "doubt": TEXT,
        },
        "finger": {"page": INTEGER, "score": INTEGER},
        "picture": {"file": _FILE},
    }.items()
} | {name: ROWS[name] for name in (COPY.name, VERSION.name, PARAMETER.name, PAGE.name)}
"""What readers give, and rows of what lists of the node show: `record NAME` in `keep`."""
_NOTHING = Shape(ANSWER, {})
_TROUBLES = (FAILED, "silent", "gone")
_UNREAD = (*_TROUBLES, "unreadable")


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the kinds of meetings it may be, what it takes (optional where the type is), what it gives, and how
    it may end, `timeout` aside. `internal` ones concern the node, not a device. `moves` says that it must not be given
    twice without a look in between. `beside` ones are internal and take their time: `engine.ports.care` carries them
    out, in no transaction."""

    kinds: tuple[str, ...]
    takes: Mapping[str, Type] = field(default_factory=dict)
    gives: Shape = _NOTHING
    outcomes: tuple[str, ...] = (DONE,)
    internal: bool = False
    moves: bool = False
    beside: bool = False

    @property
    def arguments(self) -> Mapping[str, Type]:
        """All that it takes, the name of the device included."""
        return self.takes if self.internal else {**self.takes, BOARD: TEXT}


def _answer(**columns: Type) -> Shape:
    return Shape(ANSWER, columns)


_LOCK = {"lock": INTEGER.required()}
_PAGE = {"page": INTEGER.required()}
_HARDWARE: Mapping[str, Command] = {
    "lock.open": Command(
        (DEVICE,),
        _LOCK,
        _answer(outcome=TEXT, others=Type(Kind.LIST, item=INTEGER)),
        (DONE, "wrong", "unsure", *_TROUBLES),
        moves=True,
    ),
    "lock.state": Command((DEVICE, READ), _LOCK, _answer(open=BOOLEAN, item=BOOLEAN), ("open", "closed", *_TROUBLES)),
    "reader.document": Command((READ,), {}, READINGS["zone"], (DONE, *_UNREAD)),
    "reader.card": Command((READ,), {}, READINGS["card"], (DONE, *_UNREAD)),
    "finger.match": Command((READ,), {}, READINGS["finger"], (DONE, "unknown", *_UNREAD)),
    "finger.enrol": Command(
        (DEVICE, READ), _PAGE, _answer(page=INTEGER, outcome=TEXT), (DONE, "known", "full", *_UNREAD)
    ),
    "finger.delete": Command((DEVICE,), _PAGE, _NOTHING, (DONE, *_TROUBLES)),
    "finger.pages": Command((DEVICE, READ), {}, _answer(pages=rows_of(PAGE)), (DONE, *_TROUBLES)),
    "camera.snapshot": Command((DEVICE, READ), {}, READINGS["picture"], (DONE, *_TROUBLES)),
    "radio.send": Command(
        (DEVICE,),
        {"number": TEXT.required(), "text": TEXT.required()},
        _answer(parts=INTEGER),
        (DONE, *_TROUBLES),
        moves=True,
    ),
    "contacts.switch": Command(
        (DEVICE,),
        {"relay": INTEGER.required(), "on": BOOLEAN.required()},
        _NOTHING,
        (DONE, *_TROUBLES),
    ),
}
_WHY = {"why": TEXT}
_COPY = {"name": TEXT, "moment": DATETIME, "bytes": INTEGER, "folders": INTEGER, "keys": BOOLEAN, "version": TEXT}
_NAME = {"name": TEXT.required()}
_UNFIT = ("broken", "foreign", FAILED)


def _care(takes: Mapping[str, Type], outcomes: tuple[str, ...], **gives: Type) -> Command:
    return Command((DEVICE,), takes, _answer(**gives, **_WHY), (DONE, *outcomes), internal=True, beside=True)


_NODE: Mapping[str, Command] = {
    "backup.make": _care({"every": TEXT}, (FAILED,), **_COPY),
    "backup.list": _care({}, (FAILED,), names=_TEXTS, newest=TEXT, moment=DATETIME, copies=rows_of(COPY)),
    "backup.check": _care(_NAME, _UNFIT, **_COPY),
    "backup.restore": _care({**_NAME, "passphrase": TEXT}, _UNFIT, **_COPY),
    "update.take": _care(
        {
            "address": TEXT.required(),
            "service": TEXT,  # at whose address it hangs
            "digest": TEXT,
            "name": TEXT,  # what it must call itself
            "suits": TEXT,  # which kind of machine this is
            "seconds": INTEGER,  # fetched for so long; the next order goes on
        },
        _UNFIT,
        name=TEXT,
    ),
    "update.judge": _care({"file": TEXT.required(), "reference": TEXT}, _UNFIT, name=TEXT, bytes=INTEGER, about=TEXT),
    "update.install": _care(_NAME, _UNFIT, name=TEXT),
    "update.rollback": _care({}, (FAILED,), name=TEXT),
    "update.list": _care(
        {}, (FAILED,), names=_TEXTS, current=TEXT, former=TEXT, wanted=TEXT, versions=rows_of(VERSION)
    ),
    "clock.set": _care({"moment": DATETIME.required()}, (FAILED,), offset=INTEGER, trusted=BOOLEAN),
    "clock.state": _care({}, (FAILED,), offset=INTEGER, trusted=BOOLEAN, jumps=INTEGER),
    "node.restart": _care({}, (FAILED,)),
}
"""What a step asks of the care of its node."""


_PARAMETERS: Mapping[str, Command] = {
    f"parameter.{name}": Command((DEVICE,), takes, gives, outcomes, internal=True)
    for name, takes, gives, outcomes in (
        ("list", {}, _answer(parameters=rows_of(PARAMETER)), (DONE, FAILED)),
        ("choices", _NAME, _answer(parameters=rows_of(PARAMETER)), (DONE, FAILED)),
        ("set", {**_NAME, "value": TEXT.required()}, _answer(zh=TEXT, en=TEXT), (DONE, REFUSED, FAILED)),
        ("reset", _NAME, _answer(zh=TEXT, en=TEXT), (DONE, REFUSED, FAILED)),
    )
}
"""What a step asks of parameters, as whoever is signed in."""


def _accounts(document: str) -> Mapping[str, Command]:
    user = Type(Kind.REF, of=document)
    found, asked, whom = _answer(user=user), {"user": user.required()}, {"user": user, "number": TEXT}
    return {
        "account.check": Command(
            (DEVICE,),
            {"login": TEXT, "user": user, "password": TEXT.required()},
            found,
            (DONE, REFUSED, "locked", "disabled"),
            internal=True,
        ),
        "account.failed": Command((DEVICE,), {"user": user, "way": TEXT}, found, (DONE, "locked"), internal=True),
        "account.sign_in": Command((DEVICE,), asked, found, (DONE, "locked", "disabled"), internal=True),
        "account.sign_out": Command((DEVICE,), internal=True),
        "account.code": Command((DEVICE,), whom, _NOTHING, (DONE, FAILED, "locked"), internal=True),
        "account.code_check": Command(
            (DEVICE,), {**whom, "code": TEXT.required()}, found, (DONE, REFUSED, "locked", "expired"), internal=True
        ),
        "account.set_password": Command(
            (DEVICE,), {**asked, "password": TEXT.required()}, _NOTHING, (DONE, REFUSED), internal=True
        ),
    }


@cache
def commands(accounts: str = "") -> Mapping[str, Command]:
    """All commands by CLASS.COMMAND; `accounts` is the document type of the accounts of the node."""
    return {**_HARDWARE, **_NODE, **_PARAMETERS, **_accounts(accounts)}


CLASSES = frozenset({one.partition(".")[0] for one in commands()}) | {"supply", "climate", "current"}
"""Classes of devices, and of what the node itself can be asked."""
WAITS: Mapping[str, Shape] = {name: shape for name, shape in HAPPENINGS.items() if not name.startswith("security.")}
"""What steps may wait for: arguments are columns that must be equal, the answer is what the happening held."""
FREE_OUTCOMES = frozenset({TIMEOUT, BACK, INVALID, PICKED, REFUSED})
"""Outcomes that come from people, time and the step's own actions, whatever is met."""


def command(what: str, accounts: str = "", kinds: Mapping[str, str] | None = None) -> Command | None:
    """The command of a device or class. `kinds` gives the class of each device that a node names; None for none."""
    device, _, order = what.rpartition(".")
    return commands(accounts).get(f"{(kinds or {}).get(device, device)}.{order}")
