"""Digests and fresh identifiers. Digest algorithms are a small table that a composition root may add to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from engine.expressions.environment import World
from engine.expressions.functions.registry import function

Digest = Callable[[bytes], bytes]


def _hashlib(name: str) -> Digest:
    return lambda data: hashlib.new(name, data).digest()


DIGESTS: dict[str, Digest] = {
    name: _hashlib(name) for name in ("sm3", "sha256", "sha384", "sha512") if name in hashlib.algorithms_available
}
"""By name. SM3 (GB/T 32905) comes with OpenSSL; a build without it gets it from `DIGESTS["sm3"] = …` at start-up."""


@function(
    "hash(algorithm: text, *parts: text) -> text",
    "摘要（十六进制）：sm3、sha256 等；多个文本首尾相接",
    "A digest in hexadecimal: sm3, sha256 and so on; several texts are taken as one",
    browser=False,
)
def digest(algorithm: str, *parts: str) -> str | None:
    made = DIGESTS.get(algorithm.lower())
    return None if made is None else made("".join(parts).encode()).hex()


@function(
    "uuid() -> text!",
    "新的标识，形如 8-4-4-4-12 的十六进制",
    "A fresh identifier, hexadecimal in groups of 8-4-4-4-12",
    world=True,
    browser=False,
)
def uuid(world: World) -> str:
    new = world.new_id()
    return f"{new[:8]}-{new[8:12]}-{new[12:16]}-{new[16:20]}-{new[20:]}"
