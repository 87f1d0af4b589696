"""Cards, zones, fingers, radios and cameras against their simulators, without a port."""

import struct
from dataclasses import replace
from datetime import date

import pytest

from adapters.devices.camera import v4l2
from adapters.devices.camera.folder import FolderCamera
from adapters.devices.cards import sdt
from adapters.devices.cards.reading import CardReader
from adapters.devices.cards.text import block_of, card_of, is_number
from adapters.devices.doors import Zones as ZoneDoor
from adapters.devices.fingers.module import FingerModule
from adapters.devices.modem.messages import submissions, told
from adapters.devices.modem.module import Modem
from adapters.devices.simulators.desk import Cards, Zones
from adapters.devices.simulators.faults import NOISE, Faults
from adapters.devices.simulators.radios import Module
from adapters.devices.simulators.thumbs import POOR, Fingers
from adapters.devices.zones.blocks import Framing
from adapters.devices.zones.mending import mended
from adapters.devices.zones.reader import ZoneReader
from adapters.devices.zones.reading import gbk_name, read
from engine.model.devices import CardText, DeviceFault, Enrolment, Match, Radio, Registration, Trouble
from tests.adapters.devices.lines import MemoryWire, line_to

TODAY = date(2026, 11, 22)
CARD = CardText(
    "张三", "1", "01", "19900307", "北京市东城区示例街1号", "110101199003071233", "北京市公安局东城分局",
    "20150101", "20350101",
)  # fmt: skip
LINE_FAULTS = pytest.mark.parametrize(
    "fault", [{}, {"noise": NOISE}, {"split": True}, {"glued": True}, {"echo": True}], ids=str
)


def run(model, talk, **faults):
    return line_to(MemoryWire(model, Faults(**faults))).run(talk)


def trouble(model, talk, **faults):
    with pytest.raises(DeviceFault) as fault:
        run(model, talk, **faults)
    return fault.value.trouble


# --- cards -----------------------------------------------------------------------------------------------------------


@LINE_FAULTS
def test_a_card_is_read_once_until_it_is_lifted(fault):
    reader = Cards()
    assert run(reader, CardReader().read(), **fault) is None
    reader.lay(CARD)
    assert run(reader, CardReader().read(), **fault).card == CARD
    assert run(reader, CardReader().read(), **fault) is None
    reader.lift()
    reader.lay(CARD)
    assert run(reader, CardReader().is_there(), **fault)


@pytest.mark.parametrize("step", [sdt.SELECT, sdt.READ])
def test_a_card_that_is_taken_away_is_told_so(step):
    reader = Cards(lifted_before=step)
    reader.lay(CARD)
    assert trouble(reader, CardReader().read()) is Trouble.REMOVED


def test_a_reader_without_current_is_silent():
    assert trouble(Cards(), CardReader().read(), silent=True) is Trouble.SILENT


def test_the_module_tests_itself():
    assert run(Cards(), CardReader().test()) is None
    assert run(Cards(), CardReader().serial()) == bytes(16)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"number": "110101199003071234"}, ("number",)),
        ({"birth": "19900308"}, ("birth",)),
        ({"sex": "2"}, ("sex",)),
        ({"kind": "J", "permit": "H12345678", "issues": "01"}, ()),
    ],
)
def test_what_a_card_says_is_held_against_its_number(changes, faults):
    card = replace(CARD, **changes)
    assert card_of(block_of(card)) == replace(card, faults=faults)


def test_a_card_of_kind_i_has_another_layout():
    card = CardText("SPECIMEN, ANNA", "2", "", "19800101", "", "CHN110080010101", "1500", "20150101", "20250101", "I",
                    country="CHN", other_name="安娜")  # fmt: skip
    assert card_of(block_of(card)) == card


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("11010519491231002X", True),
        ("440524188001010014", True),
        ("440524188001010015", False),
        ("x", False),
        ("١" * 18, False),
    ],
)
def test_numbers_of_the_standard(number, holds):
    assert is_number(number) is holds


# --- zones -----------------------------------------------------------------------------------------------------------

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
CHN = ("POCHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "E123456782CHN9003071M3501014<<<<<<<<<<<<<<<0")
CARD_LINE = ("CSC123456788<3501014<9003071<4",)


def test_td3():
    text = read(TD3, TODAY)
    assert (text.format, text.number, text.surname, text.given, text.country) == (
        "TD3",
        "L898902C3",
        "ERIKSSON",
        "ANNA MARIA",
        "UTO",
    )
    assert (text.birth_date, text.expiry_date, text.optional) == (date(1974, 8, 12), date(2012, 4, 15), "ZE184226B")
    assert text.faults == ()


def test_td1():
    text = read(TD1, TODAY)
    assert (text.format, text.number, text.sex, text.surname, text.faults) == ("TD1", "D23145890", "F", "ERIKSSON", ())


def test_a_long_number_goes_on_in_the_optional_field():
    """ICAO Doc 9303, part 5, 4.2.4."""
    lines = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
    text = read(lines, TODAY)
    assert (text.number, text.faults) == ("D23145890734", ())


def test_the_card_of_one_line_has_its_end_before_its_birth():
    text = read(CARD_LINE, TODAY)
    assert (text.format, text.code, text.number, text.faults) == ("EEP1", "CS", "C12345678", ())
    assert (text.expiry_date, text.birth_date, text.surname, text.sex) == (date(2035, 1, 1), date(1990, 3, 7), "", "")
    assert read(("CSC123456788<3501015<9003071<4",), TODAY).faults == ("expiry",)


def test_the_chip_of_that_card_tells_the_name():
    lines = (*CARD_LINE, "NGKELMPONBPJZHENGJIAN<<YANG<<<", "M" + "<" * 29)
    text = read(lines, TODAY)
    assert (text.format, text.written_name, text.surname, text.given) == ("EEP3", "证件样", "ZHENGJIAN", "YANG")


@pytest.mark.parametrize(
    ("signs", "name"), [("NGKELMPONBPJ", "证件样"), ("", ""), ("ABC", ""), ("ZZZZ", ""), ("AAAA", "")]
)
def test_names_in_gbk(signs, name):
    assert gbk_name(signs) == name


def test_a_century_is_chosen_by_what_it_is_a_date_of():
    old = read(("P<UTOX<<Y" + "<" * 35, "L898902C36UTO2601019F2701016<<<<<<<<<<<<<<00"), TODAY)
    assert (old.birth_date, old.expiry_date) == (date(2026, 1, 1), date(2027, 1, 1))
    later = read(("P<UTOX<<Y" + "<" * 35, "L898902C36UTO2712319F1201016<<<<<<<<<<<<<<00"), TODAY)
    assert (later.birth_date, later.expiry_date) == (date(1927, 12, 31), date(2012, 1, 1))
    assert read(("P<UTOX<<Y" + "<" * 35, "L898902C36UTO9902309F1201016<<<<<<<<<<<<<<00"), TODAY).birth_date is None


def test_letters_taken_for_digits_are_mended_where_that_proves_them():
    spoilt = (CHN[0], CHN[1].replace("9003071", "9OO3071", 1))
    assert mended(spoilt, TODAY).faults == ("birth", "composite")  # two signs: not one mending
    spoilt = (CHN[0], CHN[1].replace("9003071", "90O3071", 1))
    assert (mended(spoilt, TODAY).faults, mended(spoilt, TODAY).repaired, mended(spoilt, TODAY).lines) == (
        (),
        ("birth",),
        CHN,
    )


def test_lines_of_another_shape_are_no_zone():
    assert read(("A" * 43, "B" * 44), TODAY) is None
    assert read((), TODAY) is None


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("lines", [TD3, TD1, CHN, CARD_LINE])
@pytest.mark.parametrize("split", [1, 7, 1000])
def test_a_reader_speaks_when_something_is_laid_on_it(framing, lines, split):
    wire = MemoryWire(Zones())
    data = NOISE[:3] * (framing is Framing.BLOCK) + Zones(framing).laid(lines)
    for at in range(0, len(data), split):
        wire.say(data[at : at + split])
    text = line_to(wire).run(ZoneReader().read(30, TODAY))
    assert (text.lines, text.faults) == (lines, ())
    assert wire.time < 1


def test_what_was_laid_while_nobody_read_is_forgotten():
    wire, at = MemoryWire(Zones()), [100.0]
    line = line_to(wire)
    door = ZoneDoor(line, ZoneReader(), lambda: at[0])
    wire.say(Zones().laid(TD1))  # whoever stood there before
    door.is_open()
    assert door.read(0.5, TODAY) is None
    wire.say(Zones().laid(TD3)[:20])
    at[0] += 0.4
    door.is_open()  # somebody reads: nothing is dropped
    wire.say(Zones().laid(TD3)[20:])
    assert door.read(0.5, TODAY).lines == TD3


def test_what_has_begun_in_time_is_heard_to_its_end():
    wire = MemoryWire(Zones())
    data = Zones().laid(TD3)
    for at, piece in enumerate((data[:30], data[30:60], data[60:])):
        wire.say(piece, 0.45 + at * 0.1)
    assert line_to(wire).run(ZoneReader().read(0.5, TODAY)).lines == TD3


def test_nothing_is_laid_on_it():
    assert run(Zones(), ZoneReader().read(5, TODAY)) is None


@pytest.mark.parametrize(
    ("data", "why"), [(b"\x02P<UTOERIKSSON", Trouble.CUT_SHORT), (b"\x02ABCDEFGHIJ\r\x03", Trouble.UNREADABLE)]
)
def test_what_cannot_be_read_is_told_apart(data, why):
    wire = MemoryWire(Zones())
    wire.say(data)
    with pytest.raises(DeviceFault) as fault:
        line_to(wire).run(ZoneReader().read(5, TODAY))
    assert fault.value.trouble is why


# --- fingers ---------------------------------------------------------------------------------------------------------

QUICK = FingerModule(patience=5)


def opened(**state):
    module = Fingers(**state)
    run(module, QUICK.open())
    return module


@LINE_FAULTS
def test_a_finger_is_enrolled_found_and_forgotten(fault):
    module = opened(coming=[None, "left", "left", None, "left"])
    assert run(module, QUICK.enrol(7), **fault).outcome is Enrolment.STORED
    assert run(module, QUICK.pages(), **fault) == {7}
    module.finger = "left"
    assert run(module, QUICK.identify(), **fault) == Match(7, 120)
    run(module, QUICK.delete(7), **fault)
    assert run(module, QUICK.identify(), **fault) == Match(None)  # there, and nobody's
    assert run(module, QUICK.pages(), **fault) == frozenset()


@pytest.mark.parametrize(
    ("coming", "outcome"),
    [
        ([None] * 5, Enrolment.NO_FINGER),
        (["left"], Enrolment.NOT_LIFTED),
        (["left", None, "right"], Enrolment.DIFFERENT),
        (["known"], Enrolment.KNOWN),
        ([POOR], Enrolment.POOR),
        (["left", None, POOR], Enrolment.POOR),
    ],
)
def test_what_can_come_of_an_enrolment(coming, outcome):
    module = opened(coming=coming, kept={3: "known"})
    done = run(module, QUICK.enrol(7))
    assert (done.outcome, done.page) == (outcome, 3 if outcome is Enrolment.KNOWN else 7)
    assert module.kept == {3: "known"}


def test_a_page_that_is_not_there():
    assert run(opened(coming=["a", None, "a"], capacity=200), QUICK.enrol(200)).outcome is Enrolment.BAD_PAGE


def test_a_poor_finger_is_not_nobodys():
    assert trouble(opened(finger=POOR), QUICK.identify()) is Trouble.UNREADABLE
    assert run(opened(), QUICK.identify()) is None


def test_a_silent_module_is_told_within_seconds():
    wire = MemoryWire(Fingers(), Faults(silent=True))
    with pytest.raises(DeviceFault) as fault:
        line_to(wire).run(FingerModule().open())
    assert fault.value.trouble is Trouble.SILENT
    assert wire.time < 5


def test_a_password_that_is_wrong_and_an_address_that_is_another():
    assert trouble(Fingers(password=5), FingerModule().open()) is Trouble.REFUSED
    assert trouble(Fingers(), FingerModule(address=1).open()) is Trouble.SILENT


def test_parameters():
    assert run(opened(), QUICK.parameters()).capacity == 200


# --- radio -----------------------------------------------------------------------------------------------------------


@LINE_FAULTS
def test_how_a_radio_stands(fault):
    module = Module()
    run(module, Modem().begin(), **fault)
    module.unasked = "RING"
    assert run(module, Modem().read(), **fault) == Radio("READY", -71, Registration.HOME)


def test_a_radio_without_sim_says_so():
    assert run(Module(sim="", signal=99, registration=2), Modem().read()) == Radio("", None, Registration.SEARCHING)


@pytest.mark.parametrize("text", ["请尽快归还。", "字" * 71, "a😀" * 60, ""])
def test_messages_arrive_as_they_were_written(text):
    module = Module(unasked="+CREG: 1")
    parts = run(module, Modem().send("+8613800000000", text))
    assert {number for number, _ in module.sent} == {"+8613800000000"}
    assert "".join(part for _, part in module.sent) == text
    assert parts == len(module.sent) == (1 if len(text) < 71 else len(submissions("1", text, 0)))


def test_a_message_in_its_known_form():
    """3GPP TS 23.040: first byte, number in swapped digits, UCS-2."""
    (one,) = submissions("+8613800138000", "你好", 0)
    assert (one.pdu, one.length) == ("0001000D91683108108300F00008044F60597D", 18)
    assert told(one.pdu) == ("+8613800138000", "你好")


def test_a_message_that_is_refused_or_unanswered():
    assert trouble(Module(refuses=True), Modem().send("10086", "x")) is Trouble.REFUSED
    assert trouble(Module(), Modem(sending=1).send("10086", "x"), silent=True) is Trouble.SILENT
    with pytest.raises(ValueError, match="abc"):
        run(Module(), Modem().send("abc", "x"))


# --- cameras ---------------------------------------------------------------------------------------------------------


class Kernel:
    """A camera of two buffers as the system shows it; pictures in turn, then silence."""

    def __init__(self, *pictures, capabilities=0x0400_0001, form=v4l2.MJPEG):
        self.pictures, self.capabilities, self.form = list(pictures), capabilities, form
        self.buffers, self.queued, self.asked, self.opened = [bytearray(64), bytearray(64)], [], [], 0

    def open(self, path):
        if path == "/dev/none":
            raise FileNotFoundError(2, path)
        self.opened += 1
        return 7

    def control(self, descriptor, code, data):
        self.asked.append(code)
        if code == v4l2.QUERYCAP:
            return struct.pack("=16s32s32sIII12x", b"", b"", b"", 0, self.capabilities, self.capabilities)
        if code == v4l2.S_FMT:
            return data[:16] + struct.pack("=I", self.form) + data[20:]
        if code == v4l2.QBUF:
            self.queued.append(struct.unpack_from("=I", data)[0])
        if code == v4l2.QUERYBUF:
            index = struct.unpack_from("=I", data)[0]
            return data[:64] + struct.pack("=QI", index * 4096, 64) + data[76:]
        if code == v4l2.DQBUF:
            index, picture = self.queued.pop(0), self.pictures.pop(0)
            self.buffers[index][: len(picture)] = picture
            return struct.pack("=III", index, 1, len(picture)) + data[12:]
        return data

    def map(self, descriptor, length, offset):
        return self.buffers[offset // 4096]

    def wait(self, descriptor, seconds):
        return bool(self.pictures)

    def close(self, descriptor):
        self.opened -= 1


JPEG = b"\xff\xd8 picture \xff\xd9"


def shot(kernel, path="/dev/video0"):
    return v4l2.V4l2Camera(path, kernel=kernel, drop=2).snapshot()


def test_codes_are_those_of_the_kernel():
    """linux/videodev2.h on machines of 64 bits."""
    codes = (v4l2.QUERYCAP, v4l2.S_FMT, v4l2.REQBUFS, v4l2.QUERYBUF, v4l2.QBUF, v4l2.DQBUF)
    assert codes == (0x80685600, 0xC0D05605, 0xC0145608, 0xC0585609, 0xC058560F, 0xC0585611)
    assert (v4l2.STREAMON, v4l2.STREAMOFF) == (0x40045612, 0x40045613)


def test_a_snapshot_drops_the_first_pictures_and_those_in_pieces():
    kernel = Kernel(b"one", b"two", b"\xff\xd8 torn", JPEG + b"\0\0")
    assert shot(kernel).data == JPEG
    assert (kernel.opened, kernel.asked[-1]) == (0, v4l2.STREAMOFF)


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (Kernel(), Trouble.SILENT),
        (Kernel(b"1", b"2", b"3"), Trouble.UNREADABLE),
        (Kernel(JPEG, capabilities=0x1), Trouble.UNSUPPORTED),
        (Kernel(JPEG, form=0x56595559), Trouble.UNSUPPORTED),
    ],
)
def test_a_picture_that_does_not_come_is_told_apart(kernel, why):
    with pytest.raises(DeviceFault) as fault:
        shot(kernel)
    assert (fault.value.trouble, kernel.opened) == (why, 0)


def test_a_camera_that_is_not_there(tmp_path):
    for path in ("/dev/none", str(tmp_path / "video9")):
        with pytest.raises(DeviceFault) as fault:
            shot(Kernel() if path == "/dev/none" else None, path)
        assert fault.value.trouble is Trouble.GONE


def test_a_file_that_is_no_camera(tmp_path):
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(DeviceFault) as fault:
        shot(None, str(tmp_path / "video0"))
    assert fault.value.trouble is Trouble.REFUSED


def test_a_folder_stands_for_a_camera(tmp_path):
    with pytest.raises(DeviceFault):
        FolderCamera(tmp_path).snapshot()
    (tmp_path / "a.jpg").write_bytes(JPEG)
    (tmp_path / "b.png").write_bytes(b"png")
    camera = FolderCamera(tmp_path)
    assert [camera.snapshot().media_type for _ in range(3)] == ["image/jpeg", "image/png", "image/jpeg"]
