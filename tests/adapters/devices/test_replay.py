"""The worked frames of the public record: every one is decoded and encoded to the byte, and slips are found."""

import json
from datetime import date
from pathlib import Path

import pytest

from adapters.devices.replay import FramesFault, cases, replay

FRAMES = Path(__file__).parents[2] / "data/devices/frames.json"
TODAY = date(2026, 11, 22)


def test_all_frames_pass():
    done = replay(FRAMES, TODAY)
    assert len(done) == 121
    assert {one.name: one.mistakes for one in done if one.mistakes} == {}


def test_every_family_is_there_in_every_direction_that_it_has():
    found = {(one.device, one.direction) for one in cases(FRAMES.read_bytes())}
    assert len({device for device, _ in found}) == 13
    assert {device for device, direction in found if direction == "device>host"} == {device for device, _ in found}


def altered(tmp_path, **changes):
    told = json.loads(FRAMES.read_text("utf-8"))
    frame = next(one for one in told["frames"] if one["id"] == changes["id"])
    path = tmp_path / "frames.json"
    path.write_text(json.dumps({"format": 1, "frames": [{**frame, **changes}]}), "utf-8")
    return replay(path, TODAY)[0].mistakes


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"id": "cu16-unlock-b0-l1", "decoded": {"board": 0, "lock": 2}}, "lock: 1, told 2"),
        ({"id": "cu16-unlock-b0-l1", "decoded": {"colour": 1}}, "colour: not told"),
        ({"id": "cu16-unlock-b0-l1", "hex": "02 00 31 03 37"}, "one frame expected"),
        ({"id": "cu16-unlock-b0-l1", "length": 6}, "length 5, told 6"),
        ({"id": "cu16-hard-bad-sum", "hex": "02 00 35 FF FF 00 00 03 38"}, "expected checksum"),
        ({"id": "mrz-hard-num-cd", "expect": {"ok": False, "error": "check-digit", "fields": ["birth"]}}, "faults"),
        ({"id": "cu16-unlock-b0-l1", "device": "lock-nobody"}, "unknown device"),
        ({"id": "pz-read-r", "hex": "01 04 02 01 31 79 74", "length": 7}, "cannot be understood"),
        ({"id": "at-csq-21", "decoded": {"dbm": -70}}, "dbm: -71, told -70"),
    ],
)
def test_a_slip_is_named(tmp_path, changes, mistake):
    assert mistake in " ".join(altered(tmp_path, **changes))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{", "json"),
        (b"[]", "format"),
        (b'{"format": 2, "frames": []}', "format"),
        (b'{"format": 1, "frames": [{}]}', "frames"),
        (b'{"format": 1, "frames": ["x"]}', "frames"),
    ],
)
def test_a_file_that_holds_no_frames_is_refused(text, why):
    with pytest.raises(FramesFault) as refused:
        cases(text)
    assert refused.value.why == why
