"""Passwords in forms: the policy, the digest, what history tells of them, and what an empty field means."""

import pytest

from engine.documents.passwords import strong
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.accounts import log_in

FILES = {
    "shared/user/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
}
GOOD = "Guiju-2026!"


@pytest.mark.parametrize("password", ["", "short1!A"[:7], "alllower1!", "ALLUPPER1!", "NoDigits!!", "NoSymbol11"])
def test_weak_ones(password):
    assert not strong(password)


def test_strong_one():
    assert strong(GOOD)


@pytest.fixture
def office():
    return Office(FILES)


def test_a_password_is_kept_as_a_digest_and_opens_the_door(office):
    made = office.raise_("clerk", "enter", "user", login="new", name="新", password=GOOD, roles=["clerk"])
    kept = office.values("user", made.record_id)["password"]
    assert GOOD not in str(kept)
    assert log_in(office.runtime, "new", GOOD).id == made.record_id


def test_a_weak_password_is_refused(office):
    with pytest.raises(Refused) as caught:
        office.raise_("clerk", "enter", "user", login="new", name="新", password="12345678", roles=["clerk"])
    assert [(finding.code, finding.at) for finding in caught.value.findings] == [("weak", ("password",))]


def test_an_empty_field_leaves_it_as_it_is_and_history_never_tells_it(office):
    made = office.raise_("clerk", "enter", "user", login="new", name="新", password=GOOD, roles=["clerk"])
    office.raise_("clerk", "change", "user", made.record_id, name="改", password="")
    assert log_in(office.runtime, "new", GOOD).name == "改"
    office.raise_("clerk", "change", "user", made.record_id, password="Other-2026!")
    assert log_in(office.runtime, "new", "Other-2026!").name == "改"
    with office.store.begin(write=False) as unit:
        told = [entry.changes.get("password") for entry in unit.history("user", made.record_id)]
    assert told == [(None, None), None, (None, None)]
