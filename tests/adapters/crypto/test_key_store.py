"""The key store: what lies in the folder, who opens it, what it does not take."""

import stat

import pytest
from asn1crypto import pem

from adapters.crypto.asn1 import sm2_key_info
from adapters.crypto.batches import LEAST, Place, PooledKeys, sign_there
from adapters.crypto.curve import octets, public_of
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.holders import SoftwareKeys
from adapters.crypto.keys import open_key_file
from adapters.crypto.libraries import library
from adapters.crypto.provider import Provider
from adapters.crypto.store import FileKeys, read_key
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, NewKey
from engine.problems import DeliveryError, Incident
from tests.adapters.crypto.authority import Authority

SECRET = octets(0x1234567890)


def code(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


@pytest.fixture
def ring(tmp_path):
    return tmp_path / "fields.key"


@pytest.fixture
def store(tmp_path, ring):
    return FileKeys(tmp_path / "signing", Sm4FieldCipher(open_key_file(ring)), library())


def test_a_key_is_kept_sealed_for_its_owner_alone(tmp_path, store):
    public = store.take("enterprise", NewKey(KeyKind.SM2, SECRET))
    path = tmp_path / "signing" / "enterprise.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SECRET not in path.read_bytes()
    assert public.data == public_of(SECRET)
    assert (store.names(), store.key("enterprise").secret) == (["enterprise"], SECRET)


def test_a_key_opens_under_its_own_name_and_ring_alone(tmp_path, store):
    store.take("one", NewKey(KeyKind.SM2, SECRET))
    folder = tmp_path / "signing"
    (folder / "other.key").write_bytes((folder / "one.key").read_bytes())
    assert code(store.key, "other") is Fault.KEY
    stranger = FileKeys(folder, Sm4FieldCipher(open_key_file(tmp_path / "another.key")), library())
    assert code(stranger.key, "one") is Fault.KEY


def test_a_name_is_given_once_and_leads_nowhere_else(store):
    store.create("one", KeyKind.SM2)
    assert code(store.create, "one", KeyKind.SM2) is Fault.KEY
    for name in ("../one", "One", "", "one.key", "a" * 61):
        assert code(store.create, name, KeyKind.SM2) is Fault.UNKNOWN_KEY
    assert code(store.key, "two") is Fault.UNKNOWN_KEY


@pytest.mark.parametrize("form", [bytes, lambda der: pem.armor("PRIVATE KEY", der)])
def test_keys_come_in_as_pkcs_8(store, form):
    assert store.bring("one", form(sm2_key_info(SECRET, public_of(SECRET)))).data == public_of(SECRET)


def test_the_public_key_beside_a_key_must_be_its_own(store):
    assert code(store.bring, "one", sm2_key_info(SECRET, public_of(octets(5)))) is Fault.KEY
    assert code(store.bring, "one", b"abc") is Fault.ENCODING
    assert code(read_key, sm2_key_info(bytes(32), public_of(octets(5)))) is Fault.KEY
    assert store.names() == []


def test_a_certificate_belongs_to_its_key(store):
    authority = Authority()
    owner = authority.root()
    store.take("one", NewKey(KeyKind.SM2, owner.secret))
    store.take("two", NewKey(KeyKind.SM2, SECRET))
    store.certify("one", owner.certificate)
    assert (store.certificate("one"), store.certificate("two")) == (owner.certificate, b"")
    assert code(store.certify, "two", owner.certificate) is Fault.CERTIFICATE


def test_rsa_keys_sign_with_what_receivers_take(store):
    store.create("older", KeyKind.RSA)
    provider = Provider(library(), SoftwareKeys(library(), store))
    public = provider.public("older")
    for digest in (Digest.SHA1, Digest.SHA256):
        signature = provider.rsa_sign("older", b"abc", digest)
        assert provider.rsa_verify(public, b"abc", signature, digest)
        assert not provider.rsa_verify(public, b"abd", signature, digest)
        assert not provider.rsa_verify(public, b"abc", b"", digest)
    assert code(provider.rsa_sign, "older", b"abc", Digest.SM3) is Fault.UNABLE
    assert code(provider.sm2_sign, "older", b"abc") is Fault.KEY
    store.create("newer", KeyKind.SM2)
    assert code(provider.rsa_sign, "newer", b"abc") is Fault.KEY
    assert code(provider.rsa_verify, provider.public("newer"), b"abc", b"") is Fault.KEY


# --- batches ---------------------------------------------------------------------------------------------------------


def pooled(tmp_path, store, ring, run):
    here = SoftwareKeys(library(), store)
    return PooledKeys(here, Place(tmp_path / "signing", ring, library().name), run, 2)


def test_large_batches_are_signed_elsewhere_in_order(tmp_path, store, ring):
    public = store.create("one", KeyKind.SM2)
    asked = []

    def run(task, *arguments):
        asked.append(len(arguments[2]))
        return task(*arguments)

    provider = Provider(library(), pooled(tmp_path, store, ring, run))
    messages = [str(number).encode() for number in range(LEAST + 1)]
    signatures = provider.sm2_sign_many("one", messages)
    assert sorted(asked) == [LEAST // 2, LEAST // 2 + 1]
    for message, signature in zip(messages, signatures, strict=True):
        assert provider.sm2_verify(public, message, signature)
    provider.sm2_sign_many("one", messages[: LEAST - 1])
    assert len(asked) == 2


def test_a_process_that_dies_is_a_refusal(tmp_path, store, ring):
    store.create("one", KeyKind.SM2)

    def dies(*_):
        raise DeliveryError(Incident("process", "gone"))

    assert code(pooled(tmp_path, store, ring, dies).sign, "one", [bytes(32)] * LEAST) is Fault.REMOTE


def test_the_other_process_opens_the_store_by_itself(tmp_path, store, ring):
    public = store.create("one", KeyKind.SM2)
    (signature,) = sign_there(Place(tmp_path / "signing", ring, library().name), "one", [bytes(32)])
    assert library().sm2_verify(public.data, bytes(32), signature)
