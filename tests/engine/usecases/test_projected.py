"""The world as one person sees it: hidden fields are null, counts by them tell nothing, references stop at them."""

import pytest

from engine.model.criteria import ALWAYS, Compare, CompareFields, Every, HasRow, Like, Not, Some
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.acting import Performer
from engine.usecases.projected import ProjectedWorld
from engine.usecases.work import Work

ACCESS = """access:
  clerk: {rows: org == user.org, read: "*", create: true, edit: "*", events: "*"}
  leader: {rows: org == user.org, read: "*", mask: [secret]}
  boss: {read: "*", hide: [secret, lines, customer, customer_name]}
"""


ITEM = "item: {title: 品名, type: text, required: true}"
FILES = {
    **ORDER,
    "desk/order/access.yaml": ACCESS,
    "desk/order/document.yaml": ORDER["desk/order/document.yaml"].replace(
        ITEM, ITEM + "\n      maker: {title: 制造人, type: ref, to: user}"
    ),
    "shared/org/access.yaml": 'access:\n  clerk: {read: "*"}\n  leader: {read: [parent]}\n',
}


@pytest.fixture
def office(store):
    made = Office(FILES, store=store)
    line = {"item": "笔", "qty": "1", "price": "10", "maker": made.people["leader"].id}
    for who, name in (("clerk", "甲"), ("stranger", "乙")):
        customer = made.people["leader"].id
        made.raise_(who, "enter", "order", name=name, secret="12345678", customer=customer, lines=[line])
    return made


@pytest.fixture
def seen(office):
    """Names of orders that somebody sees under a condition."""

    def ask(who, where=ALWAYS, column="name", document="order"):
        with office.store.begin(write=False) as unit:
            world = ProjectedWorld(Work(office.runtime, unit, office.people[who], Performer()).world)
            return sorted(row[column] or "" for row in world.select(document, where, (), 100))

    return ask


def test_rows_of_others_are_left_out(seen):
    assert seen("clerk") == ["甲"]
    assert seen("boss") == ["乙", "甲"]


def test_hidden_and_masked_fields(seen):
    assert seen("clerk", column="secret") == ["12345678"]
    assert seen("leader", column="secret") == ["12****78"]
    assert seen("boss", column="secret") == ["", ""]


SECRET = Compare(("secret",), "==", "12345678")


@pytest.mark.parametrize(
    "where",
    [
        SECRET,
        Not(Compare(("secret",), "==", "x")),
        Every((SECRET,)),
        Some((SECRET, Compare(("name",), "==", "无"))),
        Like(("customer_name",), "lead"),
        CompareFields(("customer_name",), "!=", ("name",)),
        HasRow("lines", Compare(("item",), "==", "笔")),
        Compare(("customer", "name"), "==", "leader"),
    ],
)
def test_counts_by_what_is_hidden_tell_nothing(seen, where):
    assert seen("boss", where) == []


@pytest.mark.parametrize("where", [SECRET, HasRow("lines", Compare(("item",), "==", "笔"))])
def test_who_sees_the_field_may_count_by_it(seen, where):
    assert seen("clerk", where) == ["甲"]


def test_a_mask_is_no_way_to_guess(seen):
    assert seen("leader", SECRET) == []


def test_references_stop_at_hidden_fields_of_their_target(seen):
    assert seen("clerk", Compare(("customer", "login"), "==", "leader")) == []
    assert seen("clerk", Compare(("customer", "name"), "==", "leader")) == ["甲"]


def test_references_stop_at_records_of_others(office, seen):
    for who, name in (("clerk", "甲"), ("stranger", "乙")):
        office.raise_(who, "write", "letter", order=office.all("order", name=name)[0]["id"])
    assert seen("clerk", document="letter", column="title") == ["乙", "甲"]
    by_name = [Compare(("order", "name"), "==", name) for name in ("甲", "乙")]
    assert [seen("clerk", where, "number", "letter") for where in by_name] == [["H001"], []]
    assert seen("clerk", Not(by_name[0]), "number", "letter") == []


@pytest.mark.parametrize(
    ("path", "found"), [(("parent", "name"), ["甲"]), (("parent", "secret"), []), (("parent", "customer", "login"), [])]
)
def test_rows_are_no_way_to_what_is_hidden_of_their_record(seen, path, found):
    assert seen("leader", HasRow("lines", Not(Compare(path, "==", "x")))) == found


def test_references_in_rows_stop_at_hidden_fields(seen):
    assert seen("clerk", HasRow("lines", Compare(("maker", "name"), "==", "leader"))) == ["甲"]
    assert seen("clerk", HasRow("lines", Compare(("maker", "login"), "==", "leader"))) == []


def test_the_own_unit_is_known_its_hidden_fields_are_not(office):
    with office.store.begin(write=False) as unit:
        for who, name in (("clerk", "甲局"), ("leader", None), ("boss", None)):
            world = ProjectedWorld(Work(office.runtime, unit, office.people[who], Performer()).world)
            assert world.org["id"] == office.people[who].org
            assert (world.org["name"] is None) is (name is None)


def test_following_and_history(office):
    record = office.all("order", name="乙")[0]["id"]
    with office.store.begin(write=False) as unit:
        world = ProjectedWorld(Work(office.runtime, unit, office.people["clerk"], Performer()).world)
        assert world.follow("order", record) is None
        assert world.history("order", record) == ()
        whole = ProjectedWorld(Work(office.runtime, unit, office.people["boss"], Performer()).world)
        assert whole.follow("order", record)["secret"] is None
        assert whole.follow("order", record)["lines"] == ()
        assert [step["event"] for step in whole.history("order", record)] == ["enter"]
        assert whole.as_of(whole.day) is whole


def test_what_several_parts_of_a_page_ask_for_is_read_once(office):
    with office.store.begin(write=False) as unit:
        world = ProjectedWorld(Work(office.runtime, unit, office.people["clerk"], Performer()).world)
        named = Compare(("name",), "==", "甲")
        assert world.select("order", named, (), 100) is world.select("order", named, (), 100)
        assert world.select("order", named, (), 99) is not world.select("order", named, (), 100)
