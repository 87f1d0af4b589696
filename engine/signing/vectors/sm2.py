"""Cases of SM2: signatures, on the recommended curve and another one, encryption, encodings.

In: a room and a case. Out: nothing, or an exception of `cases`. A signature must hold as the case says in every form of
it and of the public key; where the nonce is given and the provider takes one, the very signature must come out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.model.crypto import (
    SIGNER_ID,
    Ability,
    CipherForm,
    CryptoRefused,
    CurveParameters,
    Digest,
    KeyKind,
    NewKey,
    PublicKey,
    SignatureForm,
)
from engine.ports.crypto import TrialRoom
from engine.signing.vectors.cases import Case, Failed, Unable, agree

_FORMS = {"sig_raw_rs": SignatureForm.RAW, "sig_der": SignatureForm.DER}
_SIZE = 32


def curve(room: TrialRoom, case: Case) -> None:
    """The parameters of the curve."""
    agree("the curve", room.curve, _curve(case))


def sign(room: TrialRoom, case: Case) -> None:
    """A signature that holds or does not."""
    message, signer = case.message(), _signer(case)
    public = room.point(case.octets("pub_xy"))
    if case.has("za"):
        agree("ZA", room.provider.signed_part(public, signer), case.octets("za"))
    if case.has("e"):
        told = room.provider.signed_part(public, signer) + message
        agree("e", room.provider.digest(Digest.SM3, told), case.octets("e"))
    for spelling in _spellings(public.data):
        for name, form in _FORMS.items():
            if case.has(name):
                holds = _verified(room, room.point(spelling), message, case.octets(name), form, signer)
                agree(f"{name} holds", holds, case.valid())
    if case.has("d"):
        _own_signature(room, case, public, message, signer)


def _own_signature(room: TrialRoom, case: Case, public: PublicKey, message: bytes, signer: bytes) -> None:
    key = room.provider.adopt(NewKey(KeyKind.SM2, case.octets("d")))
    agree("the public key", room.provider.public(key), public)
    for form in SignatureForm:
        made = room.provider.sm2_sign(key, message, form=form, signer=signer)
        agree("its own signature holds", _verified(room, public, message, made, form, signer), True)
    if case.has("k") and case.valid() and Ability.NONCE in room.provider.able:
        made = room.provider.sign_with(key, message, case.octets("k"), signer, None)
        agree("the signature with the nonce", made, case.octets("sig_raw_rs"))


def sign_on_curve(room: TrialRoom, case: Case) -> None:
    """A signature on a curve that the case brings."""
    if Ability.CURVE not in room.provider.able:
        raise Unable("another curve")
    on = _curve(Case(case.section, case.name, case.values["curve"], case.whole))
    public, message, signer = PublicKey(KeyKind.SM2, case.octets("pub_xy")), case.message(), _signer(case)
    agree("ZA", room.provider.signed_part(public, signer, on), case.octets("za"))
    holds = room.provider.verify_on(on, public, message, case.octets("sig_raw_rs"), signer)
    agree("the signature holds", holds, case.valid())
    key = room.provider.adopt(NewKey(KeyKind.SM2, case.octets("d")))
    made = room.provider.sign_with(key, message, case.octets("k"), signer, on)
    agree("the signature with the nonce", made, case.octets("sig_raw_rs"))


def encrypt(room: TrialRoom, case: Case) -> None:
    """A cipher text in its forms, and one of the provider's own."""
    key = room.provider.adopt(NewKey(KeyKind.SM2, case.octets("d")))
    plain = case.message()
    for form, cipher in _ciphers(case):
        agree(f"{form.value} opens", room.provider.sm2_decrypt(key, cipher, form=form), plain)
    if case.has("c1_xy"):
        parts = b"\x04" + case.octets("c1_xy") + case.octets("c3") + case.octets("c2")
        agree("its parts open", room.provider.sm2_decrypt(key, parts, form=CipherForm.C1C3C2), plain)
    public = room.point(case.octets("pub_xy")) if case.has("pub_xy") else room.provider.public(key)
    for form in CipherForm:
        made = room.provider.sm2_encrypt(public, plain, form=form)
        agree(f"its own {form.value} opens", room.provider.sm2_decrypt(key, made, form=form), plain)
    if case.has("k") and case.has("c1c3c2_with_04") and Ability.NONCE in room.provider.able:
        made = room.provider.encrypt_with(public, plain, case.octets("k"))
        agree("the cipher text with the nonce", made, case.octets("c1c3c2_with_04"))


def refuse(room: TrialRoom, case: Case) -> None:
    """A cipher text that must be refused."""
    key = room.provider.adopt(NewKey(KeyKind.SM2, case.octets("d")))
    for form, cipher in _ciphers(case):
        must_refuse(f"{form.value} is taken", partial(room.provider.sm2_decrypt, key, cipher, form=form))


def encodings(room: TrialRoom, case: Case) -> None:
    """Spellings of one public key."""
    compressed = room.point(case.octets("compressed_pub_gbt_key"))
    agree("it is on the curve", room.point(b"\x04" + compressed.data), compressed)
    if case.has("spki_der_prefix_before_04xy"):
        # The length that the prefix ends with counts the 04.
        spelled = case.octets("spki_der_prefix_before_04xy") + b"\x04" + compressed.data
        agree("SubjectPublicKeyInfo", room.point(spelled), compressed)


def must_refuse(what: str, act: Callable[[], object]) -> None:
    """Raises Failed unless it is refused."""
    try:
        act()
    except CryptoRefused:
        return
    raise Failed(what)


def _ciphers(case: Case) -> list[tuple[CipherForm, bytes]]:
    known = {
        "c1c3c2_with_04": CipherForm.C1C3C2, "c1c2c3_with_04": CipherForm.C1C2C3, "gmt0009_der": CipherForm.DER,
    }  # fmt: skip
    return [(form, case.octets(name)) for name, form in known.items() if case.has(name)]


def _spellings(data: bytes) -> list[bytes]:
    return [data, b"\x04" + data, bytes([2 + (data[-1] & 1)]) + data[:_SIZE]]


def _signer(case: Case) -> bytes:
    return case.octets("id") if case.has("id_ascii") or case.has("id_hex") else SIGNER_ID


def _verified(
    room: TrialRoom, public: PublicKey, message: bytes, signature: bytes, form: SignatureForm, signer: bytes
) -> bool:
    try:
        return room.provider.sm2_verify(public, message, signature, form=form, signer=signer)
    except CryptoRefused:
        return False


def _curve(case: Case) -> CurveParameters:
    return CurveParameters(*(int(case.text(name), 16) for name in ("p", "a", "b", "n", "gx", "gy")))
