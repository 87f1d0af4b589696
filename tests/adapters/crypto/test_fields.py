import time

import pytest

from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import KeyRing

RING = KeyRing("k1", {"k1": bytes(range(16))}, bytes(range(32)))


def cipher(ring: KeyRing = RING) -> Sm4FieldCipher:
    return Sm4FieldCipher(ring)


@pytest.mark.parametrize("text", ["", "11010519491231002X", "张三", "𠮷野" * 500])
def test_text_comes_back(text: str) -> None:
    assert cipher().decrypt(cipher().encrypt(text, "form.number"), "form.number") == text


def test_same_text_is_encrypted_differently_and_shows_nothing() -> None:
    first, second = (cipher().encrypt("张三", "form.name") for _ in range(2))
    assert first != second
    assert first.startswith("k1.")
    assert "张三" not in first
    assert first.isascii()


def test_another_context_is_refused() -> None:
    secret = cipher().encrypt("张三", "form.name")
    with pytest.raises(ValueError, match="another context"):
        cipher().decrypt(secret, "form.phone")


def test_every_altered_sign_is_noticed() -> None:
    secret = cipher().encrypt("张三", "form.name")
    for place in range(len("k1."), len(secret)):
        altered = secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :]
        with pytest.raises(ValueError, match="altered"):
            cipher().decrypt(altered, "form.name")


@pytest.mark.parametrize("text", ["", "k1", "k1.", "k1.AAAA", "k1.####", "张三", "k1.张三"])
def test_what_is_no_cipher_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"altered|key ring"):
        cipher().decrypt(text, "form.name")


def test_old_keys_decrypt_after_rotation_and_unknown_ones_do_not() -> None:
    old = cipher().encrypt("张三", "form.name")
    rotated = cipher(RING.rotated())
    new = rotated.encrypt("张三", "form.name")
    assert rotated.decrypt(old, "form.name") == rotated.decrypt(new, "form.name") == "张三"
    assert (rotated.current(old), rotated.current(new)) == (False, True)
    with pytest.raises(ValueError, match="not in the key ring"):
        cipher().decrypt(new, "form.name")


def test_gcm_agrees_with_the_vector_of_rfc_8998() -> None:
    """RFC 8998, A.1: the parts that the cipher puts together give the published tag when opened as one field."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    tag = bytes.fromhex("83DE3541E4C2B58177E065A9BF7B62EC")
    context = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    opened = Cipher(SM4(key), GCM(nonce, tag)).decryptor()
    opened.authenticate_additional_data(context)
    plain = opened.update(sealed) + opened.finalize()
    assert plain == b"".join(bytes([value]) * 8 for value in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")


def test_blind_index_is_equal_for_equal_texts_of_one_context() -> None:
    index = cipher().blind_index
    assert index("张三", "form.name") == index("张三", "form.name")
    assert (
        len(
            {
                index("张三", "form.name"),
                index("张四", "form.name"),
                index("张三", "form.nam"),
                index("e张三", "form.nam"),
            }
        )
        == 4
    )
    assert cipher(RING.rotated()).blind_index("张三", "a") == index("张三", "a")


def test_blind_index_is_hmac_sm3() -> None:
    import hashlib
    import hmac

    if "sm3" not in hashlib.algorithms_available:
        pytest.fail("the judge of this test, OpenSSL's SM3, is missing")
    message = len(b"a").to_bytes(4, "big") + b"a" + "张三".encode()
    assert cipher().blind_index("张三", "a") == hmac.new(RING.index, message, "sm3").hexdigest()


def test_twenty_thousand_fields_a_second() -> None:
    tool, count = cipher(), 4_000
    begun = time.process_time()
    for _ in range(count):
        tool.decrypt(tool.encrypt("11010519491231002X", "form.number"), "form.number")
    assert 2 * count / (time.process_time() - begun) > 20_000
