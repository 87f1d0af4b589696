"""How SM2 signatures and cipher texts are written: DER after GM/T 0009 and the bare parts, there and back.

In: bytes of one form. Out: bytes of another, or parts. Only the one right DER is taken (X.690, 10 and 11): shortest
lengths, shortest and positive integers, nothing behind. Written out here and not by the ASN.1 library, whose reading of
two integers takes a tenth of the time of a signature. Knows no key.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.crypto.curve import SIZE, octets
from engine.model.crypto import CipherForm, CryptoRefused, Fault, SignatureForm

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_SIGNATURE = 2 * SIZE
_HEAD = 3 * SIZE


@dataclass(frozen=True, slots=True)
class Sm2Cipher:
    """A cipher text in its parts: the point C1 as 64 bytes, the digest C3, the enciphered text C2."""

    point: bytes
    digest: bytes
    body: bytes

    def __post_init__(self) -> None:
        """Refuses `encoding` for parts of another length."""
        if len(self.point) != _SIGNATURE or len(self.digest) != SIZE or not self.body:
            raise CryptoRefused(Fault.ENCODING, "the parts of a cipher text have other lengths")


def signature_to(form: SignatureForm, raw: bytes) -> bytes:
    """R and s of 32 bytes each in another form."""
    if form is SignatureForm.RAW:
        return raw
    return _wrapped(_SEQUENCE, _integer(raw[:SIZE]) + _integer(raw[SIZE:]))


def signature_from(form: SignatureForm, signature: bytes) -> bytes:
    """R and s of 32 bytes each. Refuses `encoding`."""
    if form is SignatureForm.DER:
        reader = _Reader(_inside(signature))
        signature = reader.integer() + reader.integer()
        reader.end()
    if len(signature) != _SIGNATURE:
        raise CryptoRefused(Fault.ENCODING, "a signature has 64 bytes")
    return signature


def cipher_to(form: CipherForm, cipher: Sm2Cipher) -> bytes:
    """A cipher text in one of its forms; the bare ones begin with 04."""
    if form is CipherForm.DER:
        x, y = _integer(cipher.point[:SIZE]), _integer(cipher.point[SIZE:])
        return _wrapped(_SEQUENCE, x + y + _wrapped(_OCTETS, cipher.digest) + _wrapped(_OCTETS, cipher.body))
    if form is CipherForm.C1C3C2:
        return b"\x04" + cipher.point + cipher.digest + cipher.body
    return b"\x04" + cipher.point + cipher.body + cipher.digest


def cipher_from(form: CipherForm, data: bytes) -> Sm2Cipher:
    """The parts. The bare forms are taken with 04 before them. Refuses `encoding`."""
    if form is CipherForm.DER:
        reader = _Reader(_inside(data))
        found = Sm2Cipher(reader.integer() + reader.integer(), reader.octets(), reader.octets())
        reader.end()
    else:
        # The 04 must be there: x itself may begin with it, and no length tells the two apart.
        if data[:1] != b"\x04":
            raise CryptoRefused(Fault.ENCODING, "a cipher text begins with 04")
        rest = data[1:]
        if form is CipherForm.C1C3C2:
            found = Sm2Cipher(rest[:_SIGNATURE], rest[_SIGNATURE:_HEAD], rest[_HEAD:])
        else:
            found = Sm2Cipher(rest[:_SIGNATURE], rest[-SIZE:], rest[_SIGNATURE:-SIZE])
    return found


def _wrapped(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _integer(number: bytes) -> bytes:
    short = number.lstrip(b"\0") or b"\0"
    return _wrapped(_INTEGER, b"\0" + short if short[0] & 0x80 else short)


def _inside(data: bytes) -> bytes:
    reader = _Reader(data)
    content = reader.take(_SEQUENCE)
    reader.end()
    return content


class _Reader:
    """Reads one value after the other. Refuses `encoding` for anything but DER."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, tag: int) -> bytes:
        """The content of the next value."""
        head = self._data[self._at : self._at + 2]
        if len(head) < 2 or head[0] != tag:
            raise _strange()
        size, self._at = head[1], self._at + 2
        if size >= 0x80:
            size = self._long(size & 0x7F)
        content = self._data[self._at : self._at + size]
        self._at += size
        if len(content) != size:
            raise _strange()
        return content

    def _long(self, count: int) -> int:
        length = self._data[self._at : self._at + count]
        self._at += count
        size = int.from_bytes(length, "big")
        if not 1 <= count <= 4 or len(length) != count or length[0] == 0 or size < 0x80:
            raise _strange()
        return size

    def integer(self) -> bytes:
        """A number of 32 bytes."""
        content = self.take(_INTEGER)
        padded = len(content) > 1 and content[0] == 0
        if not content or content[0] & 0x80 or (padded and not content[1] & 0x80) or len(content) - padded > SIZE:
            raise _strange()
        return octets(int.from_bytes(content, "big"))

    def octets(self) -> bytes:
        """An OCTET STRING."""
        return self.take(_OCTETS)

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise _strange()


def _strange() -> CryptoRefused:
    return CryptoRefused(Fault.ENCODING, "not DER of this form")
