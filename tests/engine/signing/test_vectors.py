"""Published cases: every library holds those that it can do, and a wrong one is noticed wherever it stands."""

import copy
import json
from pathlib import Path

import pytest

from adapters.crypto.libraries import libraries, library
from adapters.crypto.trials import Trials
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import CryptoRefused, Fault, KeyKind, PublicKey
from engine.signing.vectors import try_all, try_keys

VECTORS = json.loads((Path(__file__).parents[2] / "data/crypto-vectors.json").read_text(encoding="utf-8"))
SLOW = {"byte 0x61 repeated 1000000 times"}  # 16 s in plain Python
QUICK = [name for name in libraries() if name != "gmssl"]
LACKS = {"sm4_gcm", "sm4_cmac", "kdf", "sm4"}


def tried(name, vectors=VECTORS):
    return list(try_all(vectors, Trials(library(name), LxmlSignatures())))


def light():
    """Without what takes a second and more."""
    found = copy.deepcopy(VECTORS)
    found["sm3"] = [case for case in found["sm3"] if case.get("msg") not in SLOW]
    found["sm4"] = [case for case in found["sm4"] if "iterations" not in case]
    return found


@pytest.mark.parametrize("name", QUICK)
def test_every_case_holds_that_a_quick_library_can_do(name):
    vectors = VECTORS if name == QUICK[0] else light()
    outcomes = tried(name, vectors)
    assert [one for one in outcomes if one.result == "failed"] == []
    assert [one.section for one in outcomes if one.result == "unable"] == ["sm2_sign_test_curve"]
    sections = [content for section, content in vectors.items() if section != "_about"]
    assert len(outcomes) == sum(len(content) if isinstance(content, list) else 1 for content in sections)


def test_plain_python_gives_the_very_signatures_of_the_standards():
    vectors = light()
    vectors["sm2_sign"] = [case for case in vectors["sm2_sign"] if "k" in case][:4]
    outcomes = tried("gmssl", vectors)
    assert [one for one in outcomes if one.result == "failed"] == []
    assert {one.section for one in outcomes if one.result == "unable"} <= LACKS
    held = {one.section for one in outcomes if one.result == "ok"}
    assert {"sm2_sign", "sm2_sign_test_curve", "sm2_encrypt", "x509", "gmt0010", "xmldsig"} <= held


def wrong(section, number, name, change):
    """The section alone with one value changed, and what its messages need."""
    found = {key: content for key, content in light().items() if key in (section, "x509")}
    case = found[section][number] if isinstance(found[section], list) else found[section]
    case[name] = change(case[name])
    return found


def flipped(text):
    """Hexadecimal digits with the last one changed."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def other(text):
    return text[:300] + ("A" if text[300] != "A" else "B") + text[301:]


@pytest.mark.parametrize(
    ("section", "number", "name", "change"),
    [
        ("sm2_curve", 0, "gy", flipped),
        ("sm2_sign", 0, "sig_raw_rs", flipped),
        ("sm2_sign", 0, "sig_der", flipped),
        ("sm2_sign", 0, "za", flipped),
        ("sm2_sign", 0, "e", flipped),
        ("sm2_sign", 0, "pub_xy", flipped),
        ("sm2_sign", 0, "d", flipped),
        ("sm2_sign", 0, "valid", lambda _: False),
        ("sm2_sign", 6, "valid", lambda _: True),
        ("sm2_encrypt", 0, "c3", flipped),
        ("sm2_encrypt", 0, "msg_hex", flipped),
        ("sm2_encrypt", 0, "gmt0009_der", flipped),
        ("sm2_decrypt_negative", 0, "c1c3c2_with_04", lambda _: VECTORS["sm2_encrypt"][0]["c1c3c2_with_04"]),
        ("sm2_encodings", 0, "spki_der_prefix_before_04xy", flipped),
        ("sm3", 0, "digest", flipped),
        ("hmac_sm3", 0, "mac", flipped),
        ("sm4", 0, "ct", flipped),
        ("sm4", 2, "ct", flipped),
        ("sm4_gcm", 0, "tag", flipped),
        ("sm4_cmac", 0, "mac", flipped),
        ("kdf", 0, "okm", flipped),
        ("kdf", 2, "okm", flipped),
        ("kdf", 4, "name", lambda _: "unheard of"),
        ("x509", 0, "expect", lambda told: {**told, "root verifies itself": False}),
        ("gmt0010", 0, "content_hex", flipped),
        ("gmt0010", 1, "content_hex", flipped),
        ("gmt0010", 2, "der_b64", other),
        ("gmt0010", 3, "valid", lambda: None),
        ("xmldsig", 0, "valid", lambda _: False),
        ("xmldsig", 0, "digest_b64", lambda _: "AAAA"),
        ("xmldsig", 0, "canonical_signedinfo", str.upper),
        ("xmldsig", 0, "xml", lambda text: text.replace("0001", "0002")),
    ],
)
def test_a_wrong_value_is_noticed(section, number, name, change):
    if section == "gmt0010" and name == "valid":
        vectors = {key: copy.deepcopy(VECTORS[key]) for key in (section, "x509")}
        vectors[section][number]["valid"] = False
    else:
        vectors = wrong(section, number, name, change)
    failed = [one for one in tried(QUICK[0], vectors) if one.result == "failed"]
    assert {one.section for one in failed} == {section}


def test_a_nonce_that_gives_another_signature_is_noticed():
    vectors = wrong("sm2_sign", 0, "k", flipped)
    vectors["sm2_sign"] = vectors["sm2_sign"][:1]
    (one, *_) = tried("gmssl", vectors)
    assert (one.result, one.note) == ("failed", "the signature with the nonce")


def test_a_file_may_hold_any_of_the_sections():
    for section, content in light().items():
        if section != "_about":
            assert {one.result for one in tried(QUICK[0], {section: content})} <= {"ok", "unable"}
    assert tried(QUICK[0], {}) == []


@pytest.mark.parametrize("content", [[{}], {}, "text", [{"msg_hex": "xy", "digest": ""}], [None]])
def test_a_case_that_cannot_be_read_fails(content):
    outcomes = tried(QUICK[0], {"sm3": content})
    assert [one.result for one in outcomes] == ["failed"]


def test_a_section_that_nobody_knows_fails():
    (one,) = tried(QUICK[0], {"sm9": []})
    assert (one.section, one.result) == ("sm9", "failed")


def test_keys_that_are_elsewhere_are_tried_by_using_them():
    room = Trials(library(), LxmlSignatures())
    key = room.provider.adopt(room.key(_own_key()))
    assert [(one.name, one.result) for one in try_keys(room.provider)] == [(key, "ok")]

    class Away:
        name = "remote"

        def keys(self):
            raise CryptoRefused(Fault.REMOTE)

    assert [one.result for one in try_keys(Away())] == ["failed"]

    class Wrong(Away):
        def keys(self):
            return ["one", "two"]

        def public(self, key):
            if key == "two":
                raise CryptoRefused(Fault.UNKNOWN_KEY)
            return PublicKey(KeyKind.SM2, b"")

        def sm2_sign(self, key, message):
            return b""

        def sm2_verify(self, public, message, signature):
            return False

    assert [one.result for one in try_keys(Wrong())] == ["failed", "failed"]


def _own_key():
    from base64 import b64decode

    return b64decode(VECTORS["x509"]["ee_private_key_pkcs8_pem (test key only)_der_b64"])
