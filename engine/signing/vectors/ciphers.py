"""Cases of SM3, SM4, keyed digests and derived keys.

In: a room and a case. Out: nothing, or an exception of `cases`. Cipher texts are made and opened.
"""

from __future__ import annotations

from engine.model.crypto import BlockMode, Derivation, Digest, Mac
from engine.ports.crypto import TrialRoom
from engine.signing.vectors.cases import Case, Failed, agree
from engine.signing.vectors.sm2 import must_refuse

_MODES = {
    "ECB": BlockMode.ECB, "CBC": BlockMode.CBC, "CTR": BlockMode.CTR, "OFB": BlockMode.OFB, "CFB": BlockMode.CFB,
    "CFB128": BlockMode.CFB,
}  # fmt: skip


def digest(room: TrialRoom, case: Case) -> None:
    """SM3."""
    agree("the digest", room.provider.digest(Digest.SM3, case.message()), case.octets("digest"))


def hmac_sm3(room: TrialRoom, case: Case) -> None:
    """HMAC-SM3."""
    agree("the keyed digest", room.provider.mac(Mac.HMAC_SM3, case.octets("key"), case.message()), case.octets("mac"))


def cmac(room: TrialRoom, case: Case) -> None:
    """CMAC-SM4."""
    agree("the keyed digest", room.provider.mac(Mac.CMAC_SM4, case.octets("key"), case.message()), case.octets("mac"))


def sm4(room: TrialRoom, case: Case) -> None:
    """One of the modes, there and back."""
    key, plain, cipher = case.octets("key"), case.octets("pt"), case.octets("ct")
    if case.has("iterations"):
        agree("the cipher text", room.provider.sm4_repeated(key, plain, case.number("iterations")), cipher)
        return
    name, _, padding = case.text("mode").partition("-")
    mode, iv, padded = _MODES[name.upper()], case.octets("iv") if case.has("iv") else b"", padding == "pkcs7"
    agree("the cipher text", room.provider.sm4_encrypt(mode, key, plain, iv, padded=padded), cipher)
    agree("the plain text", room.provider.sm4_decrypt(mode, key, cipher, iv, padded=padded), plain)


def gcm(room: TrialRoom, case: Case) -> None:
    """SM4-GCM, there and back, and altered."""
    key, nonce, aad = case.octets("key"), case.octets("iv"), case.octets("aad") if case.has("aad") else b""
    plain, sealed = case.octets("pt"), case.octets("ct") + case.octets("tag")
    agree("cipher text and tag", room.provider.sm4_seal(key, nonce, plain, aad), sealed)
    agree("the plain text", room.provider.sm4_open(key, nonce, sealed, aad), plain)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    must_refuse("an altered tag is taken", lambda: room.provider.sm4_open(key, nonce, altered, aad))


def derive(room: TrialRoom, case: Case) -> None:
    """One of the derivations, told by its name."""
    way, secret, salt, info = _derivation(case)
    rounds = case.number("iterations") if case.has("iterations") else 0
    made = room.provider.derive(way, case.octets(secret), case.number("len"), salt=salt, info=info, rounds=rounds)
    agree("the derived key", made, case.octets("okm"))


def _derivation(case: Case) -> tuple[Derivation, str, bytes, bytes]:
    """The way, the name of its secret, salt or label, info or context."""
    name = case.text("name").upper()
    if name.startswith("HKDF"):
        return Derivation.HKDF_SM3, "ikm", _some(case, "salt"), _some(case, "info")
    if name.startswith("PBKDF2"):
        return Derivation.PBKDF2_SM3, "password", _some(case, "salt"), b""
    if "KBKDF" in name:
        way = Derivation.COUNTER_CMAC_SM4 if "CMAC" in name else Derivation.COUNTER_HMAC_SM3
        return way, "key", _some(case, "label"), _some(case, "context")
    if "X9.63" in name:
        return Derivation.X963_SM3, "z", b"", _some(case, "info")
    raise Failed("no such derivation is known")


def _some(case: Case, name: str) -> bytes:
    try:
        return case.octets(name)
    except KeyError:
        return b""
