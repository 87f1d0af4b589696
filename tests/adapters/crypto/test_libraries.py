"""Libraries against each other: what one signs or enciphers the others verify or open; all refuse the same."""

import platform

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.crypto import soundness
from adapters.crypto.curve import SM2_CURVE, octets, public_of
from adapters.crypto.forms import Sm2Cipher, cipher_from, cipher_to
from adapters.crypto.libraries import libraries, library
from adapters.crypto.provider import Provider, Trial
from engine.model.crypto import (
    Ability,
    BlockMode,
    CipherForm,
    CryptoRefused,
    Derivation,
    Digest,
    Fault,
    KeyKind,
    Mac,
    NewKey,
    PublicKey,
    SignatureForm,
)

QUICK = [name for name in libraries() if name != "gmssl"]
PAIRS = [(one, other) for one in libraries() for other in libraries() if one != other]
by_library = pytest.mark.parametrize("name", libraries())
by_pair = pytest.mark.parametrize(("one", "other"), PAIRS)
scalars = st.integers(1, SM2_CURVE.n - 2).map(octets)
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
trials = {name: Trial(library(name)) for name in libraries()}

# Public keys whose x begins with 00, 04 and 40: what a library strips or guesses shows there.
AWKWARD = [
    "c19898ad7367965bb16912e99221d89e57e525fd01d823e0481cb60b074f8b6c",
    "4ec5c1fb7eb0f2bd68bb608a411354930123e4f41bcf2a3941d9159ed476674a",
]


def sm2(secret):
    return NewKey(KeyKind.SM2, secret)


def refused(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


def test_the_quickest_library_comes_first_and_all_that_the_lock_names_are_here():
    assert {"gmssl", *(["gmssl-pyx"] if platform.machine() == "x86_64" else [])} <= set(libraries())
    assert list(libraries())[-1] == "gmssl"
    assert refused(library, "none") is Fault.UNABLE


@by_pair
@few
@given(scalars, st.binary(max_size=200), st.binary(max_size=40))
def test_a_signature_of_one_holds_in_the_other(one, other, secret, message, signer):
    made, judge = trials[one], trials[other]
    key = made.adopt(sm2(secret))
    for form in SignatureForm:
        signature = made.sm2_sign(key, message, form=form, signer=signer)
        assert judge.sm2_verify(made.public(key), message, signature, form=form, signer=signer)
        assert not judge.sm2_verify(made.public(key), message + b"x", signature, form=form, signer=signer)
        assert not judge.sm2_verify(made.public(key), message, signature, form=form, signer=signer + b"x")


@by_pair
@few
@given(scalars, st.binary(min_size=1, max_size=255))
def test_what_one_enciphers_the_other_opens(one, other, secret, plain):
    made, judge = trials[one], trials[other]
    key = judge.adopt(sm2(secret))
    for form in CipherForm:
        cipher = made.sm2_encrypt(judge.public(key), plain, form=form)
        assert judge.sm2_decrypt(key, cipher, form=form) == plain


@pytest.mark.parametrize("name", [one for one in trials if one != "gmssl"])  # it would take minutes
def test_a_stream_of_zeros_hides_nothing_and_is_drawn_again(name):
    """With one byte every 256th stream is zero (GB/T 32918.4, A5)."""
    key = trials[name].adopt(sm2(b"\0" * 31 + b"\7"))
    ciphers = [trials[name].sm2_encrypt(trials[name].public(key), b"\x5a", form=CipherForm.C1C3C2) for _ in range(1500)]
    assert all(one[-1] != 0x5A for one in ciphers)


@by_pair
@pytest.mark.parametrize("secret", AWKWARD)
def test_keys_with_awkward_bytes_are_keys_like_others(one, other, secret):
    key = trials[one].adopt(sm2(bytes.fromhex(secret)))
    public = trials[one].public(key)
    assert trials[other].sm2_verify(public, b"abc", trials[one].sm2_sign(key, b"abc"))
    own = trials[other].adopt(sm2(bytes.fromhex(secret)))
    assert trials[other].sm2_decrypt(own, trials[one].sm2_encrypt(public, b"abc")) == b"abc"


@few
@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), st.binary(max_size=70))
def test_sm4_and_sm3_are_the_same_everywhere(key, iv, data):
    first, *others = trials.values()
    for mode in BlockMode:
        cipher = first.sm4_encrypt(mode, key, data, iv, padded=True)
        assert all(one.sm4_encrypt(mode, key, data, iv, padded=True) == cipher for one in others)
        assert all(one.sm4_decrypt(mode, key, cipher, iv, padded=True) == data for one in trials.values())
    assert len({one.digest(Digest.SM3, data) for one in trials.values()}) == 1
    assert len({one.mac(Mac.HMAC_SM3, key * 5, data) for one in trials.values()}) == 1
    assert len({one.derive(Derivation.X963_SM3, data, 40) for one in trials.values()}) == 1


@by_library
def test_two_signatures_of_a_message_differ(name):
    key = trials[name].adopt(sm2(octets(99)))
    assert trials[name].sm2_sign(key, b"abc") != trials[name].sm2_sign(key, b"abc")


# --- guards ----------------------------------------------------------------------------------------------------------


@by_library
@pytest.mark.parametrize("number", [0, SM2_CURVE.n - 1, SM2_CURVE.n, 2**256 - 1])
def test_scalars_that_are_no_keys_are_not_taken_in(name, number):
    assert refused(trials[name].adopt, sm2(octets(number))) is Fault.KEY


@by_library
@pytest.mark.parametrize("point", [bytes(64), b"\xff" * 64, public_of(octets(5))[:-1] + b"\x00"])
def test_points_off_the_curve_are_refused(name, point):
    public = PublicKey(KeyKind.SM2, point)
    assert refused(trials[name].sm2_verify, public, b"abc", b"\x01" * 64) is Fault.POINT
    assert refused(trials[name].sm2_encrypt, public, b"abc") is Fault.POINT


@by_library
def test_altered_cipher_texts_are_refused_and_foreign_points_before_anything_else(name):
    one = trials[name]
    key = one.adopt(sm2(octets(1234567)))
    parts = cipher_from(CipherForm.DER, one.sm2_encrypt(one.public(key), b"secret"))
    altered = Sm2Cipher(parts.point, parts.digest, bytes([parts.body[0] ^ 1]) + parts.body[1:])
    bound = Sm2Cipher(parts.point, bytes(32), parts.body)
    strange = Sm2Cipher(bytes(63) + b"\x07", parts.digest, parts.body)
    codes = [
        refused(one.sm2_decrypt, key, cipher_to(form, cipher), form=form)
        for form in CipherForm
        for cipher in (altered, bound, strange)
    ]
    assert codes == [Fault.CIPHER, Fault.CIPHER, Fault.POINT] * 3


@by_library
def test_sm2_enciphers_a_few_bytes(name):
    one, public = trials[name], PublicKey(KeyKind.SM2, public_of(octets(5)))
    assert refused(one.sm2_encrypt, public, b"") is Fault.ENCODING
    assert refused(one.sm2_encrypt, public, bytes(one._primitives.most + 1)) is Fault.UNABLE
    key = one.adopt(sm2(octets(5)))
    long = cipher_to(CipherForm.DER, Sm2Cipher(public.data, bytes(32), bytes(one._primitives.most + 1)))
    assert refused(one.sm2_decrypt, key, long) is Fault.UNABLE


@pytest.mark.parametrize("name", [one for one in libraries() if one != "gmssl-pyx"])
def test_some_libraries_take_more_than_a_key(name):
    one = trials[name]
    key = one.adopt(sm2(octets(5)))
    assert one.sm2_decrypt(key, one.sm2_encrypt(one.public(key), bytes(300))) == bytes(300)


@by_library
def test_wrong_paddings_are_one_refusal(name):
    one, key, iv = trials[name], bytes(16), bytes(16)
    for last in (b"\x00", b"\x11", b"\x02"):
        cipher = one.sm4_encrypt(BlockMode.CBC, key, bytes(15) + last, iv)
        assert refused(one.sm4_decrypt, BlockMode.CBC, key, cipher, iv, padded=True) is Fault.CIPHER
    assert refused(one.sm4_decrypt, BlockMode.CBC, key, b"", iv, padded=True) is Fault.CIPHER


@by_library
@pytest.mark.parametrize("mode", BlockMode)
def test_sm4_has_keys_and_vectors_of_16_bytes(name, mode):
    one = trials[name]
    assert refused(one.sm4_encrypt, mode, bytes(15), bytes(16), bytes(16)) is Fault.KEY
    if mode is not BlockMode.ECB:
        assert refused(one.sm4_encrypt, mode, bytes(16), bytes(16), bytes(15)) is Fault.ENCODING
    if mode in (BlockMode.ECB, BlockMode.CBC):
        assert refused(one.sm4_encrypt, mode, bytes(16), bytes(15), bytes(16)) is Fault.ENCODING


def test_what_a_library_cannot_do_it_says_and_refuses():
    one = trials["gmssl"]
    assert {Ability.SM4_GCM, Ability.CMAC, Ability.DERIVE} & one.able == set()
    codes = {
        refused(one.sm4_seal, bytes(16), bytes(12), b"abc"), refused(one.sm4_open, bytes(16), bytes(12), bytes(20)),
        refused(one.mac, Mac.CMAC_SM4, bytes(16), b""),
        refused(one.derive, Derivation.HKDF_SM3, b"", 16), refused(one.sm4_repeated, bytes(16), bytes(16), 10**6),
    }  # fmt: skip
    assert codes == {Fault.UNABLE}
    for name in QUICK:
        assert Ability.NONCE not in trials[name].able
        key = trials[name].adopt(sm2(octets(5)))
        assert refused(trials[name].sign_with, key, b"", octets(7), b"", None) is Fault.UNABLE
        assert refused(trials[name].encrypt_with, trials[name].public(key), b"a", octets(7)) is Fault.UNABLE


@pytest.mark.parametrize("name", QUICK)
def test_gcm_notices_every_alteration(name):
    one = trials[name]
    sealed = one.sm4_seal(bytes(16), bytes(12), b"abc", b"about")
    assert one.sm4_open(bytes(16), bytes(12), sealed, b"about") == b"abc"
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert refused(one.sm4_open, bytes(16), bytes(12), altered, b"about") is Fault.CIPHER
    assert refused(one.sm4_open, bytes(16), bytes(12), sealed[:15], b"about") is Fault.CIPHER
    assert refused(one.sm4_seal, bytes(16), b"", b"abc") is Fault.ENCODING


# --- a library that computes wrongly ---------------------------------------------------------------------------------

WRONG = {
    "digest": lambda *_: bytes(32),
    "sm4": lambda *_, **__: bytes(16),
    "sm2_verify": lambda *_: True,
    "sm2_sign": lambda *_: b"\x01" * 64,
    "sm2_decrypt": lambda *_: b"encryption standard",
    "sm4_open": lambda *_: bytes(64),
}


@pytest.mark.parametrize("part", WRONG)
def test_a_library_that_computes_wrongly_does_not_sign(part, monkeypatch):
    one = library(QUICK[0])
    monkeypatch.setattr(type(one), part, staticmethod(WRONG[part]))
    monkeypatch.setattr(type(one), "name", "wrong")
    assert refused(Provider, one, None) is Fault.SELF_TEST
    assert "wrong" not in soundness._sound


def test_a_library_that_breaks_does_not_sign(monkeypatch):
    one = library(QUICK[0])
    monkeypatch.setattr(type(one), "sm2_sign", staticmethod(lambda *_: 1 / 0))
    monkeypatch.setattr(type(one), "name", "broken")
    assert refused(Provider, one, None) is Fault.SELF_TEST


def test_keys_are_never_shown():
    key = sm2(octets(0xABCDEF))
    assert "abcdef" not in repr(key).lower()
    assert "\\xab" not in repr(key)
