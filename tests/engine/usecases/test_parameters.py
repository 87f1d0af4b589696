"""Parameters set in the administration: who may, typed values, per unit, history, what rules then see."""

from decimal import Decimal

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.acting import Performer
from engine.usecases.parameters import history, reset_parameter, set_parameter, settable
from engine.usecases.work import Work

VALUES = """values:
  most: {title: 上限, type: money, value: 500, set_by: boss, source: 办法}
  days: {title: 天数, type: integer, value: 3, min: 1, max: 30, set_by: leader, per: [org]}
  open: {title: 开放, type: boolean, value: false, set_by: [boss, leader]}
  fixed: {title: 固定, type: integer, value: 1}
"""
ACCOUNTS = 'access:\n  clerk: {read: [name]}\n  leader: {read: [name]}\n  boss: {read: "*", create: true, edit: "*"}\n'
ORGS = "access:\n  clerk: {read: '*'}\n  leader: {rows: id == user.org, read: '*'}\n  boss: {read: '*'}\n"


@pytest.fixture
def office(store):
    files = {"shared/user/access.yaml": ACCOUNTS, "shared/org/access.yaml": ORGS, "desk/values/desk.yaml": VALUES}
    return Office({**ORDER, **files}, store=store)


def worth(office, who, name):
    with office.store.begin(write=False) as unit:
        return Work(office.runtime, unit, office.people[who], Performer()).world.parameter(name)


def names(office, who):
    return [one.id for one in settable(office.runtime, office.people[who])]


def test_people_see_what_they_may_set(office):
    assert names(office, "boss") == ["most", "open"]
    assert names(office, "leader") == ["days", "open"]
    assert names(office, "clerk") == []


def test_a_setting_holds_for_everybody_in_its_own_type(office):
    assert worth(office, "clerk", "most") == Decimal(500)
    set_parameter(office.runtime, office.people["boss"], "most", "1,250.5")
    set_parameter(office.runtime, office.people["boss"], "open", "true")
    assert worth(office, "clerk", "most") == Decimal("1250.5")
    assert worth(office, "stranger", "open") is True
    view = settable(office.runtime, office.people["boss"])[0]
    assert (view.declared, [(one.name, one.text, one.by) for one in view.settings]) == ("500", [("", "1250.5", "boss")])


def test_units_may_differ(office):
    set_parameter(office.runtime, office.people["leader"], "days", "7", office.org)
    assert worth(office, "clerk", "days") == 7
    assert worth(office, "stranger", "days") == 3


def test_settings_of_units_are_seen_by_those_who_see_the_unit(office):
    office.account("other leader", "leader", office.other_org)
    set_parameter(office.runtime, office.people["leader"], "days", "7", office.org)
    for who, seen in (("leader", ["7"]), ("other leader", [])):
        view = settable(office.runtime, office.people[who])[0]
        assert [one.text for one in view.settings] == seen
        assert [after for *_, after in history(office.runtime, office.people[who], "days")] == seen


def test_what_was_set_can_be_taken_back_and_is_told(office):
    boss = office.people["boss"]
    for value in ("600", "700"):
        set_parameter(office.runtime, boss, "most", value)
        office.clock.move(minutes=1)
    reset_parameter(office.runtime, boss, settable(office.runtime, boss)[0].settings[0].id)
    assert worth(office, "boss", "most") == Decimal(500)
    office.clock.move(minutes=1)
    set_parameter(office.runtime, boss, "most", "800")
    steps = history(office.runtime, boss, "most")
    assert [(who, before, after) for _, who, _, before, after in steps] == [
        ("boss", "", "800"), ("boss", "700", ""), ("boss", "600", "700"), ("boss", "", "600"),
    ]  # fmt: skip
    kept = [entry.detail for entry in office.store.audit(limit=10) if entry.action in {"set", "reset"}]
    assert kept == [{"parameter": "most", "scope": ""}] * 4


@pytest.mark.parametrize(
    ("who", "name", "raw", "org", "kind"),
    [
        ("clerk", "most", "1", "", "not_found"),
        ("boss", "fixed", "1", "", "not_found"),
        ("boss", "nothing", "1", "", "not_found"),
        ("boss", "most", "viel", "", "findings"),
        ("boss", "most", " ", "", "findings"),
        ("boss", "most", "1", "own", "findings"),
        ("leader", "days", "0", "own", "findings"),
        ("leader", "days", "31", "own", "findings"),
        ("leader", "days", "1", "", "findings"),
        ("leader", "days", "1", "other", "findings"),
        ("leader", "days", "1", "nowhere", "findings"),
    ],
)
def test_what_may_not_be_set_changes_nothing(office, who, name, raw, org, kind):
    unit = {"own": office.org, "other": office.other_org}.get(org, org)
    with pytest.raises(Refused) as refused:
        set_parameter(office.runtime, office.people[who], name, raw, unit)
    assert refused.value.kind == kind
    assert office.all("_setting") == []


def test_settings_of_others_cannot_be_taken_back(office):
    set_parameter(office.runtime, office.people["boss"], "most", "1")
    setting = office.all("_setting")[0]["id"]
    for who in ("leader", "clerk"):
        with pytest.raises(Refused):
            reset_parameter(office.runtime, office.people[who], setting)
    with pytest.raises(Refused):
        reset_parameter(office.runtime, office.people["boss"], "0" * 32)
    assert worth(office, "boss", "most") == Decimal(1)
