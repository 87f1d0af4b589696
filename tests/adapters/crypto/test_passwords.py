import pytest

from adapters.crypto.passwords import Argon2Passwords

QUICK = Argon2Passwords(passes=1, memory_kib=64, lanes=1)


def test_password_is_known_again() -> None:
    digest = QUICK.hash("规矩 compass")
    assert digest.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert QUICK.verify(digest, "规矩 compass")
    assert not QUICK.verify(digest, "规矩 Compass")


def test_salt_is_fresh() -> None:
    assert QUICK.hash("same") != QUICK.hash("same")


def test_standard_parameters_are_those_of_rfc_9106() -> None:
    assert "m=65536,t=3,p=4" in Argon2Passwords().hash("x")


def test_digest_of_other_parameters_is_understood() -> None:
    assert Argon2Passwords().verify(QUICK.hash("x"), "x")


@pytest.mark.parametrize("digest", ["", "plain", "$argon2id$", "$2b$12$abc"])
def test_what_is_no_digest_belongs_to_no_password(digest: str) -> None:
    assert not QUICK.verify(digest, "x")


def test_endless_password_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="1024"):
        QUICK.hash("x" * 1025)
    assert not QUICK.verify(QUICK.hash("x"), "x" * 1025)
