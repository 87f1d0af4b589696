"""Arithmetic on a curve, for what is public: whether a point is one, which point a compressed one stands for.

In: parameters and coordinates. Out: coordinates. SM2's own curve is that of GB/T 32918.5. Plain integers, not in
constant time: the one private scalar that comes here is that of a key being put into a store, on the machine of whoever
has it in hand; signing and decrypting belong to the libraries.
"""

from __future__ import annotations

from engine.model.crypto import CryptoRefused, CurveParameters, Fault

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
SIZE = 32

SM2_CURVE = CurveParameters(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    gx=0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    gy=0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def octets(number: int) -> bytes:
    """32 bytes, big-endian."""
    return number.to_bytes(SIZE, "big")


def scalar(secret: bytes, curve: CurveParameters = SM2_CURVE) -> int:
    """A private key as a number from 1 to n-2: 1 + d must have an inverse. Refuses `key`."""
    number = int.from_bytes(secret, "big")
    if len(secret) != SIZE or not 1 <= number <= curve.n - 2:
        raise CryptoRefused(Fault.KEY, "no private key of this curve")
    return number


def point(data: bytes, curve: CurveParameters = SM2_CURVE) -> Point:
    """Coordinates of 64 bytes. Refuses `point` for one that is not on the curve."""
    if len(data) != 2 * SIZE:
        raise CryptoRefused(Fault.POINT, "a point has 64 bytes")
    x, y = int.from_bytes(data[:SIZE], "big"), int.from_bytes(data[SIZE:], "big")
    # The point at infinity has no coordinates; 0, 0 is not on a curve with b other than 0.
    if not (x < curve.p and y < curve.p and (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p == 0):
        raise CryptoRefused(Fault.POINT, "not on the curve")
    return x, y


def unpacked(data: bytes, curve: CurveParameters = SM2_CURVE) -> bytes:
    """64 bytes of a point written as 64, as 65 that begin with 04, or as 33 that begin with 02 or 03.

    By length, never by the first byte: x itself may begin with 04. Refuses `encoding`, `point`."""
    if len(data) == 2 * SIZE:
        found = data
    elif len(data) == 2 * SIZE + 1 and data[0] == 4:
        found = data[1:]
    elif len(data) == SIZE + 1 and data[0] in (2, 3):
        found = _decompressed(int.from_bytes(data[1:], "big"), data[0] & 1, curve)
    else:
        raise CryptoRefused(Fault.ENCODING, "no point is written so")
    point(found, curve)
    return found


def _decompressed(x: int, odd: int, curve: CurveParameters) -> bytes:
    square = (x * x * x + curve.a * x + curve.b) % curve.p
    y = pow(square, (curve.p + 1) // 4, curve.p)  # p = 3 mod 4
    if x >= curve.p or y * y % curve.p != square:
        raise CryptoRefused(Fault.POINT, "not on the curve")
    return octets(x) + octets(y if y & 1 == odd else curve.p - y)


def multiply(factor: int, of: Point, curve: CurveParameters = SM2_CURVE) -> Point:
    """The point added up so many times, for a factor from 1 to n-1 and a point of the curve."""
    found: _Jacobian = (1, 1, 0)
    one = (*of, 1)
    for bit in f"{factor:b}":
        found = _doubled(found, curve)
        if bit == "1":
            found = _added(found, one, curve)
    x, y, z = found
    inverse = pow(z, -1, curve.p)
    square = inverse * inverse % curve.p
    return x * square % curve.p, y * square * inverse % curve.p


def public_of(secret: bytes) -> bytes:
    """The public key of a private one, 64 bytes."""
    x, y = multiply(scalar(secret), (SM2_CURVE.gx, SM2_CURVE.gy))
    return octets(x) + octets(y)


def _doubled(one: _Jacobian, curve: CurveParameters) -> _Jacobian:
    x, y, z = one
    if z == 0:
        return one
    square = y * y % curve.p
    s = 4 * x * square % curve.p
    slope = (3 * x * x + curve.a * z**4) % curve.p
    across = (slope * slope - 2 * s) % curve.p
    return across, (slope * (s - across) - 8 * square * square) % curve.p, 2 * y * z % curve.p


def _added(one: _Jacobian, other: _Jacobian, curve: CurveParameters) -> _Jacobian:
    if one[2] == 0:
        return other
    (x1, y1, z1), (x2, y2, _) = one, other
    square = z1 * z1 % curve.p
    width, height = (x2 * square - x1) % curve.p, (y2 * square * z1 - y1) % curve.p
    if width == 0:
        return _doubled(one, curve) if height == 0 else (1, 1, 0)
    w2 = width * width % curve.p
    w3, middle = w2 * width % curve.p, x1 * w2 % curve.p
    across = (height * height - w3 - 2 * middle) % curve.p
    return across, (height * (middle - across) - y1 * w3) % curve.p, z1 * width % curve.p
