"""Parts of a JSON message signed with SM2 and sealed with SM4, and the way back.

In: an object, the paths of its signature and its sealed key, keys by name and certificates. Out: the object with them,
or what was within. The signature (r and s, base64) is taken of the canonical form (RFC 8785) of an object that holds
the named parts alone; of an answer it covers everything but the part in which it stands. The body is sealed before it
is signed: SM4-GCM with a fresh key, as nonce, cipher text and tag in base64; the key is encrypted with SM2 in the form
of GM/T 0009.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

from engine.envelopes.canonical import canonical
from engine.model.crypto import CryptoRefused, PublicKey
from engine.ports.crypto import CryptoProvider

Tree = dict[str, object]
Path = tuple[str, ...]
_KEY, _NONCE = 16, 12


def signed_parts(tree: Mapping[str, object], over: Sequence[str]) -> bytes:
    """What is signed: the named parts of the message as they stand."""
    return canonical({name: tree[name] for name in over if name in tree})


def whole_but(tree: Mapping[str, object], signature: Path) -> bytes:
    """What is signed of an answer: all of it but the part that holds the signature."""
    return canonical({name: part for name, part in tree.items() if name != signature[0]})


def signature_of(crypto: CryptoProvider, key: str, content: bytes) -> str:
    """A signature as messages carry it. Refuses `unknown_key`."""
    return b64encode(crypto.sm2_sign(key, content)).decode()


def holds(crypto: CryptoProvider, public: PublicKey, content: bytes, signature: object) -> bool:
    """Whether a signature is one of the content; false for what is none."""
    try:
        return crypto.sm2_verify(public, content, b64decode(str(signature), validate=True))
    except (CryptoRefused, binascii.Error, ValueError):
        return False


def sealed(crypto: CryptoProvider, public: PublicKey, content: bytes) -> tuple[str, str]:
    """The key for the owner of a public key, and the content under it."""
    key, nonce = crypto.random(_KEY), crypto.random(_NONCE)
    body = nonce + crypto.sm4_seal(key, nonce, content)
    return b64encode(crypto.sm2_encrypt(public, key)).decode(), b64encode(body).decode()


def unsealed(crypto: CryptoProvider, own: str, sealed_key: object, body: object) -> bytes | None:
    """The content of a sealed body; None, for whatever cause, where it cannot be opened."""
    try:
        key = crypto.sm2_decrypt(own, b64decode(str(sealed_key), validate=True))
        content = b64decode(str(body), validate=True)
        return crypto.sm4_open(key, content[:_NONCE], content[_NONCE:])
    except (CryptoRefused, binascii.Error, ValueError):
        return None


def part_at(tree: Mapping[str, object], path: Path) -> object:
    """What stands at the end of a path; None where nothing does."""
    found: object = tree
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def put_at(tree: Tree, path: Path, value: object) -> None:
    """Put something at the end of a path, or take it away with None."""
    *way, last = path
    for name in way:
        inner = tree.setdefault(name, {})
        assert isinstance(inner, dict)
        tree = inner
    if value is None:
        tree.pop(last, None)
    else:
        tree[last] = value
