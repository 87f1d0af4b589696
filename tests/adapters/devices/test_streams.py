"""Properties of every parser: pieces do not matter, noise is skipped, nothing raises, what is written is heard."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.devices.cards.text import block_of, card_of
from adapters.devices.framing import Damaged
from adapters.devices.locks import cu16, cu48, winnsen, wkly, xor5
from adapters.devices.meanings import FAMILIES
from adapters.devices.modbus import rtu
from adapters.devices.replay import cases
from adapters.devices.zones.mending import mended
from tests.adapters.devices.test_replay import FRAMES

TODAY = date(2026, 11, 22)
GOOD = defaultdict(list)
for _case in cases(FRAMES.read_bytes()):
    if not _case.error:
        GOOD[_case.device, _case.direction == "host>device"].append(_case.raw)
SIDES = sorted(GOOD)
QUICK = settings(max_examples=25, deadline=None, derandomize=True)
sides = pytest.mark.parametrize(("device", "asks"), SIDES)


def ear(device, asks):
    family = FAMILIES[device]
    return (family.requests if asks else family.answers)()


def heard(device, asks, pieces):
    one = ear(device, asks)
    return [event for piece in pieces for event in one.feed(piece)] + one.rest()


def cut(data, places):
    bounds = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[begin:end] for begin, end in pairwise(bounds)]


@sides
@QUICK
@given(data=st.data())
def test_pieces_do_not_matter(device, asks, data):
    frames = data.draw(st.lists(st.sampled_from(GOOD[device, asks]), min_size=1, max_size=4))
    noise = data.draw(st.binary(max_size=12))
    stream = noise + b"".join(frames)
    whole = heard(device, asks, [stream])
    assert heard(device, asks, cut(stream, data.draw(st.lists(st.integers(0, 4000), max_size=8)))) == whole


@sides
def test_glued_frames_are_all_heard(device, asks):
    frames = GOOD[device, asks]
    alone = [event for frame in frames for event in heard(device, asks, [frame])]
    assert heard(device, asks, [b"".join(frames)]) == alone


NOT_TEXT = [side for side in SIDES if side not in {("ups-q1", True), ("modem-4g", True), ("modem-4g", False)}]


@pytest.mark.parametrize(("device", "asks"), NOT_TEXT)
@QUICK
@given(data=st.data())
def test_noise_before_a_frame_is_skipped(device, asks, data):
    """Lines of text have no start of their own: noise before them is part of the line."""
    framed = [one for one in GOOD[device, asks] if not (device == "mrz-serial" and one[:1] != b"\x02")]
    frame = data.draw(st.sampled_from(framed))
    noise = data.draw(st.binary(max_size=40))
    assert heard(device, asks, [frame])[0] in heard(device, asks, [noise + frame])


@sides
@QUICK
@given(pieces=st.lists(st.binary(max_size=80), max_size=6))
def test_nothing_raises(device, asks, pieces):
    for event in heard(device, asks, pieces):
        if not isinstance(event, Damaged):
            assert isinstance(FAMILIES[device].encode(event), bytes)


@sides
@QUICK
@given(data=st.data())
def test_a_flipped_bit_makes_no_other_frame_where_there_is_a_check_value(device, asks, data):
    if device in {"lock-winnsen", "ups-q1", "modem-4g", "mrz-serial"}:
        return  # nothing proves these; fields of a zone have digits of their own
    frame = data.draw(st.sampled_from([one for one in GOOD[device, asks] if len(one) < 300]))
    first = 6 if device == "fp-zfm" else 0  # its sum does not cover the address: the driver compares that
    place, bit = data.draw(st.integers(first, len(frame) - 1)), data.draw(st.integers(0, 7))
    spoilt = frame[:place] + bytes([frame[place] ^ 1 << bit]) + frame[place + 1 :]
    whole = [event for event in heard(device, asks, [spoilt]) if not isinstance(event, Damaged)]
    assert whole == []


board, lock = st.integers(0, 15), st.integers(1, 16)
door = st.sampled_from(["open", "closed", "failed"])
byte = st.integers(0, 255)
word = st.integers(0, 0xFFFF)
FRAME_STRATEGIES = [
    (cu16, True, st.builds(cu16.Unlock, board, lock)),
    (cu16, True, st.builds(cu16.SetDelay, board, st.integers(0, 250))),
    (cu16, False, st.builds(cu16.State, board, word, word, st.booleans())),
    (cu48, True, st.builds(cu48.Unlock, byte, st.integers(1, 48))),
    (cu48, False, st.builds(cu48.State, byte, st.integers(0, 2**48 - 1))),
    (xor5, True, st.builds(xor5.Unlock, byte, st.integers(1, 255))),
    (xor5, False, st.builds(xor5.Answered, byte, byte, st.sampled_from(xor5.FEEDBACK))),
    (wkly, False, st.builds(wkly.ToldAll, byte, byte, st.lists(door, max_size=48).map(tuple))),
    (wkly, False, st.builds(wkly.Pushed, byte, byte, door)),
    (winnsen, False, st.builds(winnsen.State, byte, byte, st.sampled_from(["open", "closed"]))),
    (rtu, True, st.builds(rtu.Read, byte, st.integers(1, 4), word, word)),
    (rtu, False, st.builds(rtu.Given, byte, st.integers(1, 4), st.binary(min_size=1, max_size=32))),
    (rtu, False, st.builds(rtu.Refused, byte, st.integers(1, 6), byte)),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "asks", "frames"), FRAME_STRATEGIES)
@QUICK
@given(data=st.data())
def test_what_is_written_is_heard(protocol, asks, frames, data):
    frame = data.draw(frames)
    one = (protocol.requests if asks else protocol.answers)()
    assert one.feed(protocol.encode(frame)) + one.rest() == [frame]


@QUICK
@given(channels=st.sampled_from([8, 16, 24, 32]), data=st.data())
def test_all_locks_of_a_board_with_so_many_channels(channels, data):
    states = xor5.States(1, data.draw(st.integers(0, 2**channels - 1)), channels)
    assert xor5.answers(channels).feed(xor5.encode(states)) == [states]


@QUICK
@given(st.binary(min_size=256, max_size=256))
def test_any_block_is_some_card(block):
    assert len(block_of(card_of(block))) == 256


SIGNS = st.text("ABCDEFOIS0123456789<?", min_size=30, max_size=44)


@QUICK
@given(st.lists(st.one_of(SIGNS, st.sampled_from(["P<" * 22, "CS" + "<" * 28, "I" * 30])), max_size=4))
def test_any_lines_are_some_zone_or_none(lines):
    found = mended(lines, TODAY)
    assert found is None or found.lines == tuple(lines) or found.repaired
