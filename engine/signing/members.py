"""Signatures over members of a JSON object, which stand in the object itself beside the number of a certificate.

In: JSON in bytes, the names of members in the order in which they are signed, keys. Out: the JSON with two members
more, or what the signature in it is worth. What is signed is the text of each member as it stands in the message, a
string without its quotes: `"name":"value"` each, joined by `||`, nothing escaped (GACC announcement 2018 No. 179).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from engine.ports.crypto import CryptoProvider
from engine.signing.profiles import AUTOMATIC
from engine.signing.values import joined_members, sign_value

_SPACE = " \t\r\n"


def signed_text(content: bytes, over: Sequence[str]) -> str:
    """The text that is signed. Raises ValueError for what is no such object, and for a member that is missing."""
    found = raw_members(content.decode("utf-8"))
    missing = [name for name in over if name not in found]
    if missing:
        raise ValueError(f"no member {missing[0]}")
    return joined_members((name, found[name]) for name in over)


def sign_members(
    content: bytes,
    over: Sequence[str],
    key: str,
    crypto: CryptoProvider,
    *,
    value: str,
    number: str = "",
    profile: str = AUTOMATIC,
) -> bytes:
    """The object with its signature under `value`, and the certificate's number under `number` where one is named.
    Raises ValueError; refuses `unknown_key`, `unable`."""
    made = sign_value(signed_text(content, over).encode(), key, crypto, profile=profile)
    more = {**({number: made.number} if number else {}), value: made.value}
    text = content.decode("utf-8").rstrip()
    inner = json.dumps(more, ensure_ascii=False, separators=(",", ":"))
    return f"{text[:-1].rstrip()},{inner[1:]}".encode()


def raw_members(text: str) -> Mapping[str, str]:
    """The members of an object as they are written; of strings what they say. Raises ValueError."""
    decoder, found = json.JSONDecoder(), dict[str, str]()
    at = _wanted(text, 0, "{")
    while True:
        _wanted(text, at, '"')
        name, at = decoder.raw_decode(text, _past(text, at))
        begin = _past(text, _wanted(text, at, ":"))
        value, at = decoder.raw_decode(text, begin)
        found[name] = value if isinstance(value, str) else text[begin:at]
        at = _past(text, at)
        if text[at : at + 1] == "}":
            return found
        at = _wanted(text, at, ",")


def _past(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _SPACE:
        at += 1
    return at


def _wanted(text: str, at: int, sign: str) -> int:
    at = _past(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"{sign} is wanted")
    return at + 1
