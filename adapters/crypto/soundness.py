"""Known answers: does a library compute what the standards publish? Asked once a process, before it may sign.

In: a library. Out: nothing, or `CryptoRefused` with `self_test`. The answers are those of GB/T 32905 A.1 (SM3), GB/T
32907 A.1 (SM4), GB/T 32918.5 (SM2 signature and encryption) and RFC 8998 A.1 (SM4-GCM); then a signature of its own
must hold and an altered one not, an altered cipher text must be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from adapters.crypto.curve import public_of
from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.primitives import Primitives
from engine.model.crypto import Ability, BlockMode, CryptoRefused, Digest, Fault

_H = bytes.fromhex
_SM3 = _H("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
_SM4_KEY = _H("0123456789abcdeffedcba9876543210")
_SM4 = _H("681edf34d206965e86b3e94f536e4246")
_GCM_NONCE = _H("00001234567800000000abcd")
_GCM_AAD = _H("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_GCM_PLAIN = b"".join(_H(pair * 8) for pair in ("aa", "bb", "cc", "dd", "ee", "ff", "ee", "aa"))
_GCM_TAG = _H("83de3541e4c2b58177e065a9bf7b62ec")
_SECRET = _H("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_PUBLIC = _H(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_E = _H("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
_SIGNATURE = _H(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
_CIPHER = Sm2Cipher(
    _H(
        "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
        "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    ),
    _H("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"),
    _H("21886ca989ca9c7d58087307ca93092d651efa"),
)
_PLAIN = b"encryption standard"
_sound: set[str] = set()
_lock = Lock()


def check_sound(primitives: Primitives) -> None:
    """Refuses `self_test`; says nothing where all is well."""
    with _lock:
        if primitives.name in _sound:
            return
        for name, holds in _QUESTIONS:
            try:
                answered = holds(primitives)
            except Exception as error:
                raise CryptoRefused(Fault.SELF_TEST, f"{primitives.name}: {name}") from error
            if not answered:
                raise CryptoRefused(Fault.SELF_TEST, f"{primitives.name}: {name}")
        _sound.add(primitives.name)


def _gcm(primitives: Primitives) -> bool:
    if Ability.SM4_GCM not in primitives.able:
        return True
    sealed = primitives.sm4_seal(_SM4_KEY, _GCM_NONCE, _GCM_PLAIN, _GCM_AAD)
    altered = bytes([sealed[0] ^ 1]) + sealed[1:]
    opened = primitives.sm4_open(_SM4_KEY, _GCM_NONCE, sealed, _GCM_AAD)
    refused = _refuses(lambda: primitives.sm4_open(_SM4_KEY, _GCM_NONCE, altered, _GCM_AAD))
    return sealed.endswith(_GCM_TAG) and opened == _GCM_PLAIN and refused


def _verifies(primitives: Primitives) -> bool:
    return primitives.sm2_verify(_PUBLIC, _E, _SIGNATURE) and public_of(_SECRET) == _PUBLIC


def _signs(primitives: Primitives) -> bool:
    mine = primitives.sm2_sign(_SECRET, _E)
    return primitives.sm2_verify(_PUBLIC, _E, mine) and mine != primitives.sm2_sign(_SECRET, _E)


def _notices(primitives: Primitives) -> bool:
    return not primitives.sm2_verify(_PUBLIC, bytes([_E[0] ^ 1]) + _E[1:], _SIGNATURE)


def _decrypts(primitives: Primitives) -> bool:
    altered = Sm2Cipher(_CIPHER.point, bytes([_CIPHER.digest[0] ^ 1]) + _CIPHER.digest[1:], _CIPHER.body)
    right = primitives.sm2_decrypt(_SECRET, _CIPHER) == _PLAIN
    return right and _refuses(lambda: primitives.sm2_decrypt(_SECRET, altered))


def _refuses(act: Callable[[], bytes]) -> bool:
    try:
        act()
    except CryptoRefused as refused:
        return refused.code is Fault.CIPHER
    return False


_QUESTIONS: tuple[tuple[str, Callable[[Primitives], bool]], ...] = (
    ("SM3", lambda one: one.digest(Digest.SM3, b"abc") == _SM3),
    ("SM4", lambda one: one.sm4(BlockMode.ECB, _SM4_KEY, _SM4_KEY, b"", encrypt=True) == _SM4),
    ("SM4-GCM", _gcm),
    ("SM2: a published signature", _verifies),
    ("SM2: a signature of its own", _signs),
    ("SM2: an altered message", _notices),
    ("SM2: encryption", _decrypts),
)
