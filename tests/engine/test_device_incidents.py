"""The catalogue of what can go wrong with devices."""

import re
from pathlib import Path

import pytest

from engine.incidents import catalogue
from engine.incidents.devices import device_catalogue, told_of
from engine.model.devices import Condition, Doubt, Enrolment, LockChange, PulseOutcome, Trouble

WELL = {
    Condition.NEW, Condition.WELL, Condition.SHAKY, PulseOutcome.OPENED, LockChange.OPENED, LockChange.CLOSED,
    LockChange.ORDERED,
    Enrolment.STORED,
}  # fmt: skip
WORDS = [one for kind in (Trouble, Condition, PulseOutcome, LockChange, Enrolment, Doubt) for one in kind]


@pytest.mark.parametrize("word", WORDS, ids=lambda one: f"{type(one).__name__}.{one.name}")
def test_whatever_is_not_well_has_a_code(word):
    assert (told_of(word) is None) == (word in WELL)


def test_every_code_is_used_once_and_told():
    used = [told.code for word in WORDS if (told := told_of(word)) is not None]
    assert sorted(used) == sorted(device_catalogue())
    assert not device_catalogue().keys() & catalogue().keys()
    page = (Path(__file__).parents[2] / "docs/devices.md").read_text("utf-8")
    assert [code for code in used if f"| {code} |" not in page] == []


def test_every_text_is_there_in_both_languages():
    for one in device_catalogue().values():
        for part in (one.text, one.cause, one.repair):
            assert re.search("[\u4e00-\u9fff]", part["zh"])
            assert re.search("[a-z]{2}", part["en"])
            assert not re.search("[\u4e00-\u9fff]", part["en"])
