"""Passwords as Argon2id digests: the port `PasswordHasher`.

In: a password. Out: a digest in PHC text form that carries its own parameters, so that they can be raised later; a key
made of a passphrase, by the same way.
"""

from __future__ import annotations

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

_LONGEST = 1024  # characters: the digest is slow on purpose, a megabyte sent as a password must not be


class Argon2Passwords:
    """Argon2id of RFC 9106; the standard parameters are its second recommended set (64 MiB, 3 passes, 4 lanes)."""

    def __init__(self, *, passes: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> None:
        self._argon2 = Argon2(time_cost=passes, memory_cost=memory_kib, parallelism=lanes, type=Type.ID)

    def hash(self, password: str) -> str:
        """A digest with its parameters and a fresh salt. Raises ValueError for a password beyond 1,024 characters."""
        if len(password) > _LONGEST:
            raise ValueError(f"a password has at most {_LONGEST} characters")
        return self._argon2.hash(password)

    def verify(self, digest: str, password: str) -> bool:
        """Whether the password is the one; a digest that is none belongs to no password."""
        if len(password) > _LONGEST:
            return False
        try:
            return self._argon2.verify(digest, password)
        except (VerificationError, InvalidHashError):
            return False


def passphrase_key(passphrase: str, salt: bytes) -> bytes:
    """A key of 32 bytes by Argon2id (RFC 9106, its second recommended set). The parameters are part of what was sealed
    with it: they never change."""
    secret = passphrase[:_LONGEST].encode()
    return hash_secret_raw(secret, salt, time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, type=Type.ID)
