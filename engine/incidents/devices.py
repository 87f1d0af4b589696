"""What can go wrong with devices, by code: text, cause and what to do, in Chinese and English.

In: what a device said, as `engine.model.devices` names it. Out: `Told`, out of `devices.yaml` beside this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from engine.incidents import Told, catalogue_of
from engine.model.devices import Condition, Doubt, Enrolment, LockChange, PulseOutcome, Trouble

_CODES: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Trouble: {
        Trouble.GONE: "DEV101", Trouble.BUSY: "DEV102", Trouble.SILENT: "DEV103", Trouble.GARBLED: "DEV104",
        Trouble.CUT_SHORT: "DEV105", Trouble.UNSUPPORTED: "DEV106", Trouble.REFUSED: "DEV107",
        Trouble.IMPLAUSIBLE: "DEV108", Trouble.REMOVED: "DEV109", Trouble.UNREADABLE: "DEV110",
        Trouble.UNKNOWN_DEVICE: "DEV111",
    },
    Condition: {Condition.OFFLINE: "DEV112"},
    PulseOutcome: {
        PulseOutcome.OPEN_BEFORE: "DEV201", PulseOutcome.STUCK: "DEV202", PulseOutcome.WRONG: "DEV203",
        PulseOutcome.UNKNOWN: "DEV204", PulseOutcome.SILENT: "DEV205", PulseOutcome.RESTING: "DEV206",
    },
    LockChange: {LockChange.FORCED: "DEV211", LockChange.LEFT_OPEN: "DEV212"},
    Enrolment: {
        Enrolment.NO_FINGER: "DEV301", Enrolment.NOT_LIFTED: "DEV302", Enrolment.POOR: "DEV303",
        Enrolment.DIFFERENT: "DEV304", Enrolment.KNOWN: "DEV305", Enrolment.BAD_PAGE: "DEV306",
        Enrolment.FULL: "DEV307", Enrolment.FAILED: "DEV308",
    },
    Doubt: {Doubt.CHECK_DIGIT: "DEV311", Doubt.MENDED: "DEV312", Doubt.CONTRADICTION: "DEV313"},
}  # fmt: skip


@cache
def device_catalogue() -> Mapping[str, Told]:
    """All kinds by code."""
    return catalogue_of("devices.yaml")


def told_of(what: StrEnum) -> Told | None:
    """What a word of a device means; None for one that says that all is well."""
    code = _CODES.get(type(what), {}).get(what)
    return None if code is None else device_catalogue()[code]
