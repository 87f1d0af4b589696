"""How signatures, cipher texts and points are written, and what is not taken for one."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.crypto.curve import SM2_CURVE, multiply, octets, point, public_of, scalar, unpacked
from adapters.crypto.forms import Sm2Cipher, cipher_from, cipher_to, signature_from, signature_to
from engine.model.crypto import CipherForm, CryptoRefused, Fault, SignatureForm

patient = settings(deadline=None)  # other tests may have the machine
PUBLIC = public_of(bytes(31) + b"\x07")
numbers = st.one_of(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1).map(lambda n: n >> 200)).map(octets)


def refused(act, *arguments):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments)
    return caught.value.code


@patient
@given(numbers, numbers)
def test_signatures_go_there_and_back(r, s):
    raw = r + s
    assert signature_from(SignatureForm.DER, signature_to(SignatureForm.DER, raw)) == raw
    assert signature_from(SignatureForm.RAW, signature_to(SignatureForm.RAW, raw)) == raw


@patient
@given(numbers, numbers, numbers, st.binary(min_size=1, max_size=300), st.sampled_from(CipherForm))
def test_cipher_texts_go_there_and_back(x, y, digest, body, form):
    cipher = Sm2Cipher(x + y, digest, body)
    assert cipher_from(form, cipher_to(form, cipher)) == cipher


@pytest.mark.parametrize(
    "der",
    [
        "", "30", "3000", "3006020101020101ff", "300602010102020001", "300602010102010", "3006020101020181",
        "308106020101020101", "3080020101020101 0000", "3006020101040101", "30050201010201", "300402010102",
        "3026022200ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff020101",
        "3006 0201ff 020101", "3006 020101 0201ff", "3005 0200 020101",
    ],
)  # fmt: skip
def test_other_than_the_one_right_der_is_no_signature(der):
    text = der.replace(" ", "")
    assert refused(signature_from, SignatureForm.DER, bytes.fromhex(text[: len(text) // 2 * 2])) is Fault.ENCODING


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_bare_signature_has_64_bytes(size):
    assert refused(signature_from, SignatureForm.RAW, bytes(size)) is Fault.ENCODING


@pytest.mark.parametrize("data", [b"", b"\x04" + bytes(96), b"\x05" + bytes(200), bytes(200)])
@pytest.mark.parametrize("form", CipherForm)
def test_what_is_too_short_or_begins_otherwise_is_no_cipher_text(data, form):
    assert refused(cipher_from, form, data) is Fault.ENCODING


def test_points_in_three_spellings():
    odd = PUBLIC[-1] & 1
    assert {unpacked(PUBLIC), unpacked(b"\x04" + PUBLIC), unpacked(bytes([2 + odd]) + PUBLIC[:32])} == {PUBLIC}
    other = unpacked(bytes([3 - odd]) + PUBLIC[:32])
    assert other[:32] == PUBLIC[:32]
    assert other[32:] == octets(SM2_CURVE.p - int.from_bytes(PUBLIC[32:], "big"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bytes(64), Fault.POINT),
        (PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]), Fault.POINT),
        (b"\xff" * 64, Fault.POINT),
        (octets(SM2_CURVE.p) + PUBLIC[32:], Fault.POINT),
        (b"\x02" + b"\xff" * 32, Fault.POINT),
        (PUBLIC[:63], Fault.ENCODING),
        (b"\x05" + PUBLIC, Fault.ENCODING),
        (b"\x00", Fault.ENCODING),
    ],
)
def test_other_points_are_refused(data, code):
    assert refused(unpacked, data) is code


@pytest.mark.parametrize("number", [0, SM2_CURVE.n - 1, SM2_CURVE.n, SM2_CURVE.n + 5, 2**256 - 1])
def test_scalars_that_are_no_keys_are_refused(number):
    assert refused(scalar, octets(number)) is Fault.KEY


def test_a_scalar_has_32_bytes():
    assert {refused(scalar, b"\x01"), refused(scalar, bytes(32) + b"\x01")} == {Fault.KEY}


@settings(max_examples=20, deadline=None)
@example(1)
@example(SM2_CURVE.n // 2)
@example(SM2_CURVE.n - 2)
@given(st.integers(1, SM2_CURVE.n - 2))
def test_multiples_lie_on_the_curve_and_meet_their_neighbours(factor):
    base = (SM2_CURVE.gx, SM2_CURVE.gy)
    x, y = multiply(factor, base)
    assert point(octets(x) + octets(y)) == (x, y)
    assert multiply(SM2_CURVE.n - factor, base) == (x, SM2_CURVE.p - y)
