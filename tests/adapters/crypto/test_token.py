"""A card or UKey: consent, PIN, lock-out, removal. The simulated device, and keys on top of it."""

import pytest

from adapters.crypto.cards import TRIES, Card, Container, FileSlot, MemorySlot
from adapters.crypto.consents import KeptConsent
from adapters.crypto.curve import octets, public_of
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import KeyRing
from adapters.crypto.libraries import library
from adapters.crypto.provider import Provider
from adapters.crypto.simulated import SimulatedDevice
from adapters.crypto.token import TokenKeys
from engine.model.crypto import CryptoRefused, Digest, Fault
from tests.adapters.crypto.authority import Authority

PIN, ADMIN = "135790", "admin-135790"


class Bearer:
    """Whoever carries the device: says yes or no, and types what is in a list."""

    def __init__(self, *pins, yes=True):
        self.pins, self.yes, self.asked, self.left = list(pins), yes, [], []

    def stands(self, device):
        return None

    def agrees(self, device, purpose):
        self.asked.append((device, purpose))
        return self.yes

    def pin(self, device, left):
        self.left.append(left)
        return self.pins.pop(0) if self.pins else None

    def fits(self, device):
        """It types what it is asked for."""


@pytest.fixture
def slot():
    return MemorySlot(Card.fresh("GJ-0001", {"head": Container(octets(4711))}, PIN, ADMIN))


@pytest.fixture
def device(slot):
    return SimulatedDevice(slot, library())


def provider(device, bearer):
    keys = TokenKeys(device, bearer)
    return Provider(library(), keys, "token"), keys


def code(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


def test_consent_and_pin_are_asked_once(device):
    bearer = Bearer(PIN)
    token, _ = provider(device, bearer)
    assert token.keys() == ["head"]
    public = token.public("head")
    assert public.data == public_of(octets(4711))
    assert bearer.asked == []
    for message in (b"abc", b"abd"):
        assert token.sm2_verify(public, message, token.sm2_sign("head", message))
    assert token.sm2_decrypt("head", token.sm2_encrypt(public, b"secret")) == b"secret"
    assert (bearer.asked, bearer.left) == ([("GJ-0001", "sign")], [TRIES])


def test_without_consent_nothing_is_signed_until_it_is_asked_again(device):
    bearer = Bearer(PIN, yes=False)
    token, keys = provider(device, bearer)
    assert [code(token.sm2_sign, "head", b"abc") for _ in range(3)] == [Fault.CONSENT] * 3
    assert (len(bearer.asked), keys.agreed, bearer.left) == (1, False, [])
    bearer.yes = True
    assert code(token.sm2_sign, "head", b"abc") is Fault.CONSENT
    keys.ask_again()
    assert token.sm2_sign("head", b"abc")
    assert (len(bearer.asked), keys.agreed) == (2, True)


def test_a_dialog_that_is_closed_leaves_the_pin_unasked(device):
    token, _ = provider(device, Bearer())
    assert code(token.sm2_sign, "head", b"abc") is Fault.CONSENT
    device.connect()
    assert device.tries_left() == TRIES


def test_a_wrong_pin_is_asked_again_with_what_is_left(device):
    bearer = Bearer("000000", "111111", PIN)
    token, _ = provider(device, bearer)
    assert token.sm2_sign("head", b"abc")
    assert bearer.left == [TRIES, TRIES - 1, TRIES - 2]
    device.connect()
    assert device.tries_left() == TRIES


def test_too_many_wrong_pins_lock_it_for_the_right_one_too(slot, device):
    bearer = Bearer(*["000000"] * TRIES, PIN)
    token, _ = provider(device, bearer)
    assert code(token.sm2_sign, "head", b"abc") is Fault.LOCKED
    assert len(bearer.left) == TRIES
    assert code(token.sm2_sign, "head", b"abc") is Fault.LOCKED
    assert bearer.pins == [PIN]
    slot.remove()
    slot.plug_in()
    assert code(token.sm2_sign, "head", b"abc") is Fault.LOCKED
    device.connect()
    assert code(device.unblock, "wrong-admin", "246802") is Fault.PIN
    device.unblock(ADMIN, "246802")
    bearer.pins = ["246802"]
    assert token.sm2_sign("head", b"abc")


def test_the_administrators_pin_locks_itself_too(device):
    device.connect()
    codes = [code(device.unblock, "wrong-admin", PIN) for _ in range(TRIES + 1)]
    assert codes == [Fault.PIN] * (TRIES - 1) + [Fault.LOCKED] * 2
    assert code(device.unblock, ADMIN, PIN) is Fault.LOCKED


def test_a_device_that_is_pulled_out_is_gone_and_asks_its_pin_when_it_is_back(slot, device):
    bearer = Bearer(PIN, PIN)
    token, _ = provider(device, bearer)
    assert token.sm2_sign("head", b"abc")
    slot.remove()
    assert code(token.sm2_sign, "head", b"abc") is Fault.REMOVED
    assert code(token.keys) is Fault.REMOVED
    slot.plug_in()
    assert token.sm2_sign("head", b"abc")
    assert (len(bearer.asked), bearer.left) == (1, [TRIES, TRIES])


def test_the_device_itself_signs_nothing_before_its_pin(device):
    assert code(device.containers) is Fault.REMOVED
    device.connect()
    assert code(device.sign_data, "head", bytes(32)) is Fault.PIN
    assert code(device.decrypt, "head", bytes(64), bytes(64), bytes(32), b"a") is Fault.PIN
    device.verify_pin(PIN)
    blob = device.sign_data("head", bytes(32))
    assert (len(blob), blob[:32], blob[64:96]) == (128, bytes(32), bytes(32))
    assert code(device.verify_pin, "000000") is Fault.PIN
    assert code(device.sign_data, "head", bytes(32)) is Fault.PIN
    assert code(device.sign_data, "none", bytes(32)) is Fault.UNKNOWN_KEY


def test_what_a_device_writes_otherwise_is_refused(device, monkeypatch):
    token, _ = provider(device, Bearer(PIN))
    monkeypatch.setattr(SimulatedDevice, "sign_data", lambda *_: b"\x01" * 128)
    assert code(token.sm2_sign, "head", b"abc") is Fault.ENCODING
    monkeypatch.setattr(SimulatedDevice, "sign_data", lambda *_: bytes(64))
    assert code(token.sm2_sign, "head", b"abc") is Fault.ENCODING
    monkeypatch.setattr(SimulatedDevice, "export_public", lambda *_: bytes(132))
    assert code(token.public, "head") is Fault.ENCODING


def test_the_certificate_on_it_is_its_own(device):
    authority = Authority()
    root = authority.root()
    containers = {"head": Container(root.secret, root.certificate), "odd": Container(octets(5), root.certificate)}
    card = Card.fresh("GJ-0002", containers, PIN, ADMIN)
    token, _ = provider(SimulatedDevice(MemorySlot(card), library()), Bearer(PIN))
    assert token.certificate("head").der == root.certificate
    assert code(token.certificate, "odd") is Fault.CERTIFICATE
    assert code(token.rsa_sign, "head", b"abc", Digest.SHA1) is Fault.UNABLE


@pytest.mark.parametrize("pin", ["12345", "1" * 17, "密码密码密码"])
def test_a_pin_has_6_to_16_signs(pin):
    assert code(Card.fresh, "GJ", {}, pin, ADMIN) is Fault.PIN


def test_a_card_in_a_file_remembers_its_tries_and_is_gone_with_its_file(tmp_path):
    path, sealing = tmp_path / "card.bin", Sm4FieldCipher(KeyRing.fresh())
    secret = octets(4711)
    FileSlot(path, sealing).write(Card.fresh("GJ-0003", {"head": Container(secret)}, PIN, ADMIN))
    assert secret not in path.read_bytes()
    first, second = (SimulatedDevice(FileSlot(path, sealing), library()) for _ in range(2))
    first.connect()
    assert code(first.verify_pin, "000000") is Fault.PIN
    second.connect()
    assert (second.serial, second.tries_left()) == ("GJ-0003", TRIES - 1)
    token, _ = provider(second, Bearer(PIN))
    assert token.sm2_sign("head", b"abc")
    path.rename(tmp_path / "pocket")
    assert code(token.sm2_sign, "head", b"abc") is Fault.REMOVED
    (tmp_path / "pocket").rename(path)
    assert code(SimulatedDevice(FileSlot(path, Sm4FieldCipher(KeyRing.fresh())), library()).connect) is Fault.KEY


def test_keys_on_it_are_never_shown():
    assert "x04" not in repr(Container(b"\x04" * 32))


# --- consent that is kept --------------------------------------------------------------------------------------------


RING = KeyRing.fresh()


def kept(tmp_path, bearer, ring=RING):
    return KeptConsent(tmp_path / "consent.bin", Sm4FieldCipher(ring), bearer)


def test_a_kept_yes_signs_unattended_and_a_kept_no_stops_it_at_once(device, tmp_path):
    bearer = Bearer(yes=False)
    token, _ = provider(device, kept(tmp_path, bearer))
    assert code(token.sm2_sign, "head", b"abc") is Fault.CONSENT
    elsewhere = kept(tmp_path, bearer)
    elsewhere.keep("GJ-0001", PIN, agreed=True)
    assert token.sm2_sign("head", b"abc")
    assert bearer.left == []
    elsewhere.keep("GJ-0001", PIN, agreed=False)
    assert code(token.sm2_sign, "head", b"abc") is Fault.CONSENT
    assert PIN.encode() not in (tmp_path / "consent.bin").read_bytes()


def test_a_kept_pin_that_is_wrong_is_tried_once(device, tmp_path):
    keys = kept(tmp_path, Bearer())
    keys.keep("GJ-0001", "000000", agreed=True)
    token, _ = provider(device, keys)
    assert [code(token.sm2_sign, "head", b"abc") for _ in range(TRIES + 2)] == [Fault.CONSENT] * (TRIES + 2)
    device.connect()
    assert device.tries_left() == TRIES - 1


def test_an_answer_is_for_one_card_and_as_it_was_kept(device, tmp_path):
    keys = kept(tmp_path, Bearer(yes=False))
    keys.keep("GJ-0002", PIN, agreed=True)
    assert (keys.stands("GJ-0002"), keys.stands("GJ-0001")) == (True, None)
    assert kept(tmp_path, Bearer(), KeyRing.fresh()).stands("GJ-0002") is None
    token, _ = provider(device, keys)
    assert code(token.sm2_sign, "head", b"abc") is Fault.CONSENT
