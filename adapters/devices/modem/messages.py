"""Short messages as a module takes them: SMS-SUBMIT (3GPP TS 23.040, 9.2.2.2) in UCS-2.

In: a number and a text. Out: one PDU for each part, and what AT+CMGS has to be told of it. Parts of a long text are
joined again by the telephone (concatenation, 9.2.3.24.1). A sign outside the basic plane is never torn apart.
"""

from __future__ import annotations

from dataclasses import dataclass

_SUBMIT, _WITH_HEADER = 0x01, 0x40
_INTERNATIONAL, _UNKNOWN = 0x91, 0x81
_UCS2 = 0x08
_ALONE, _PART = 140, 134
"""Bytes of text in a message of one part, and in one part of several."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One part: what AT+CMGS is told, and what follows its prompt."""

    length: int
    pdu: str


def submissions(number: str, text: str, reference: int) -> list[Submission]:
    """The parts of a message. Raises ValueError for what is no telephone number, or is too long for 255 parts."""
    parts = _parts(text)
    if len(parts) > 255:
        raise ValueError(len(text))
    address = _address(number)
    return [_submission(address, part, reference & 0xFF, at, len(parts)) for at, part in enumerate(parts, 1)]


def _submission(address: bytes, text: bytes, reference: int, at: int, of: int) -> Submission:
    header = bytes([5, 0, 3, reference, of, at]) if of > 1 else b""
    first = _SUBMIT | (_WITH_HEADER if header else 0)
    body = bytes([first, 0]) + address + bytes([0, _UCS2, len(header) + len(text)]) + header + text
    return Submission(len(body), (b"\x00" + body).hex().upper())


def _parts(text: str) -> list[bytes]:
    if len(text.encode("utf-16-be")) <= _ALONE:
        return [text.encode("utf-16-be")]
    parts = [b""]
    for sign in text:
        code = sign.encode("utf-16-be")
        if len(parts[-1]) + len(code) > _PART:
            parts.append(b"")
        parts[-1] += code
    return parts


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 20):
        raise ValueError(number)
    kind = _INTERNATIONAL if number.startswith("+") else _UNKNOWN
    even = digits + "F" * (len(digits) % 2)
    return bytes([len(digits), kind]) + bytes.fromhex("".join(even[at + 1] + even[at] for at in range(0, len(even), 2)))


def told(pdu: str) -> tuple[str, str]:
    """Number and text of a part, as a simulator needs them. Raises ValueError for anything but our own PDUs."""
    data = bytes.fromhex(pdu)[1:]
    count = data[2]
    end = 4 + (count + 1) // 2
    swapped = "".join(one[::-1] for one in (data[at : at + 1].hex() for at in range(4, end)))
    number = ("+" if data[3] == _INTERNATIONAL else "") + swapped[:count]
    text = data[end + 3 :]
    if data[0] & _WITH_HEADER:
        text = text[text[0] + 1 :]
    return number, text.decode("utf-16-be")
