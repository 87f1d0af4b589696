"""A signature server and who asks it: over real HTTP, and what neither side takes."""

import io
import json
import threading
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from adapters.crypto.curve import octets
from adapters.crypto.holders import MemoryKeys, SoftwareKeys
from adapters.crypto.libraries import library
from adapters.crypto.openssl import rsa_generate
from adapters.crypto.provider import Provider
from adapters.crypto.remote import RemoteKeys
from adapters.crypto.service import MOST, NonceFile, SignatureService, wsgi
from adapters.crypto.wire import (
    CLIENT,
    LARGEST,
    NONCE,
    SEAL,
    TIME,
    WINDOW,
    Client,
    Request,
    answered,
    request,
    unpacked,
)
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, NewKey

NOW = 1_800_000_000_000
NONCE_1 = "0" * 31 + "1"
DESK = Client("desk", bytes(32), frozenset({"enterprise", "older"}))
STRANGER = Client("desk", b"\x01" * 32)
ONE = {"key": "enterprise", "digests": ["A" * 43 + "="]}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Nothing: tests have no log."""


@pytest.fixture(scope="module")
def holder():
    keys = {
        "enterprise": NewKey(KeyKind.SM2, octets(77)),
        "hidden": NewKey(KeyKind.SM2, octets(78)),
        "older": NewKey(KeyKind.RSA, rsa_generate()),
    }
    return SoftwareKeys(library(), MemoryKeys(keys))


@pytest.fixture
def service(holder, tmp_path):
    nonces = NonceFile(tmp_path / "nonces.db", lambda: NOW)
    return SignatureService(holder, {"desk": DESK, "other": Client("other", b"\x02" * 32)}, nonces.fresh)


@contextmanager
def listening(service):
    server = make_server("127.0.0.1", 0, wsgi(service, lambda: NOW), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def remote(*addresses, client=DESK, now=NOW):
    return Provider(library(), RemoteKeys(addresses, client, seconds=5, now=lambda: now), "remote")


def code(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


def test_a_node_signs_with_keys_that_it_does_not_have(service, holder):
    with listening(service) as address:
        provider = remote(address)
        assert provider.keys() == ["enterprise", "older"]
        public = provider.public("enterprise")
        assert public == holder.public("enterprise")
        assert provider.sm2_verify(public, b"abc", provider.sm2_sign("enterprise", b"abc"))
        assert provider.sm2_decrypt("enterprise", provider.sm2_encrypt(public, b"secret")) == b"secret"
        signature = provider.rsa_sign("older", b"abc", Digest.SHA256)
        assert provider.rsa_verify(provider.public("older"), b"abc", signature)
        many = provider.sm2_sign_many("enterprise", [b"abc"] * (MOST + 1))
        assert len(set(many)) == MOST + 1
        assert code(provider.sm2_sign, "hidden", b"abc") is Fault.UNKNOWN_KEY
        cipher = bytearray(provider.sm2_encrypt(public, b"secret"))
        cipher[-1] ^= 1
        assert code(provider.sm2_decrypt, "enterprise", bytes(cipher)) is Fault.CIPHER
        assert code(remote(address, client=STRANGER).keys) is Fault.REMOTE
        assert code(remote(address, now=NOW + WINDOW + 1).keys) is Fault.REMOTE
        # The first of two is away.
        assert remote("http://127.0.0.1:1", address).keys() == ["enterprise", "older"]
    assert code(provider.sm2_sign, "enterprise", b"abc") is Fault.REMOTE


@pytest.mark.parametrize("address", ["", "ftp://a", "a.example", "http://"])
def test_other_addresses_are_none(address):
    with pytest.raises(ValueError, match="an address begins"):
        remote(address)


# --- what the server refuses -----------------------------------------------------------------------------------------


def asked(client=DESK, what="sign", content=ONE, now=NOW, nonce=NONCE_1):
    return request(client, what, content, now, nonce)


def changed(one, **headers):
    return Request(one.path, one.body, {**one.headers, **headers})


def test_a_request_counts_once(service):
    assert service.answer(asked(), NOW)[0] == 200
    assert service.answer(asked(), NOW)[0] == 401
    assert service.answer(asked(nonce="0" * 31 + "2"), NOW)[0] == 200


def test_processes_share_what_they_have_seen(tmp_path):
    first, second = (NonceFile(tmp_path / "nonces.db", lambda: NOW) for _ in range(2))
    assert [first.fresh("a", NOW), second.fresh("a", NOW), second.fresh("b", NOW)] == [True, False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        asked(STRANGER),
        asked(Client("nobody", bytes(32))),
        asked(now=NOW - WINDOW - 1),
        asked(now=NOW + WINDOW + 1),
        asked(nonce="0" * 31),
        asked(nonce="Z" * 32),
        changed(asked(), **{TIME: str(NOW + 1)}),
        changed(asked(), **{TIME: "now"}),
        changed(asked(), **{NONCE: "1" * 32}),
        changed(asked(), **{CLIENT: "other"}),
        changed(asked(), **{SEAL: ""}),
        Request("/v1/decrypt", asked().body, asked().headers),
        Request(asked().path, asked().body + b" ", asked().headers),
        Request(asked().path, asked().body, {}),
    ],
)
def test_strangers_hear_the_same_whatever_is_wrong(service, wrong):
    status, body, headers = service.answer(wrong, NOW)
    assert (status, json.loads(body)["about"], SEAL in headers) == (401, "not authenticated", False)
    # What was refused has used up no nonce.
    assert service.answer(asked(), NOW)[0] == 200


@pytest.mark.parametrize(
    ("what", "content", "expected"),
    [
        ("sign", {"key": "hidden", "digests": ONE["digests"]}, Fault.UNKNOWN_KEY),
        ("sign", {"key": "enterprise", "digests": []}, Fault.ENCODING),
        ("sign", {"key": "enterprise", "digests": ["AAAA"]}, Fault.ENCODING),
        ("sign", {"key": "enterprise", "digests": ["#"]}, Fault.ENCODING),
        ("sign", {"key": "enterprise", "digests": ONE["digests"] * (MOST + 1)}, Fault.ENCODING),
        ("sign", {"key": "enterprise"}, Fault.ENCODING),
        ("sign", {"key": "older", "digests": ONE["digests"]}, Fault.KEY),
        ("decrypt", {"key": "enterprise"}, Fault.ENCODING),
        ("decrypt", {"key": "hidden", "point": "", "digest": "", "body": ""}, Fault.ENCODING),
        ("decrypt", {"key": "enterprise", "point": "AAAA", "digest": "AAAA", "body": "AAAA"}, Fault.ENCODING),
        (
            "decrypt",
            {"key": "enterprise", "point": "A" * 86 + "==", "digest": "A" * 43 + "=", "body": "AAAA"},
            Fault.POINT,
        ),
        ("rsa", {"key": "older", "algorithm": "md5", "message": ""}, Fault.ENCODING),
        ("rsa", {"key": "enterprise", "algorithm": "sha1", "message": ""}, Fault.KEY),
        ("export", {"key": "enterprise"}, Fault.UNABLE),
    ],
)
def test_what_a_client_may_not_or_cannot_ask_is_refused_with_a_code(service, what, content, expected):
    status, body, headers = service.answer(asked(what=what, content=content), NOW)
    assert status == 422
    assert code(answered, DESK, NONCE_1, status, body, headers[SEAL]) is expected


def test_a_client_hears_its_server_alone(service):
    status, body, headers = service.answer(asked(), NOW)
    assert len(answered(DESK, NONCE_1, status, body, headers[SEAL])["signatures"]) == 1
    for nonce, told, content, seal in (
        ("0" * 32, status, body, headers[SEAL]),
        (NONCE_1, 422, body, headers[SEAL]),
        (NONCE_1, status, body.replace(b"signatures", b"Signatures"), headers[SEAL]),
        (NONCE_1, status, body, ""),
    ):
        assert code(answered, DESK, nonce, told, content, seal) is Fault.REMOTE


def test_a_body_that_is_too_large_is_not_read(service):
    begun = []
    environ = {"CONTENT_LENGTH": str(LARGEST + 1), "wsgi.input": io.BytesIO(), "PATH_INFO": "/v1/sign"}
    wsgi(service, lambda: NOW)(environ, lambda status, headers: begun.append(status))
    assert begun == ["413 Content Too Large"]


def test_secrets_are_long_and_never_shown():
    assert code(Client, "desk", b"short") is Fault.KEY
    assert "x00" not in repr(DESK)
    assert code(unpacked, "#") is Fault.ENCODING
