"""What grants come to: sums, denials, and what is seen whatever the record."""

import pytest

from engine.access.masks import masked
from engine.access.rights import EVERYTHING, rights_of
from engine.model.access import EditGrant, Grant
from engine.model.criteria import ALWAYS, NEVER, Every, Not
from engine.model.documents import Document, Field
from engine.model.formula import Formula, Title
from engine.model.types import TEXT, Kind, Shape, Type

FIELDS = {name: Field(name, Title(name), "text", Type(Kind.TEXT)) for name in ("a", "b", "c")}
DOCUMENT = Document("thing", "desk", Title("thing"), FIELDS, Shape("thing", {"a": TEXT}))
GRANTS = {
    "reader": Grant("reader", read=("*",)),
    "masked": Grant("masked", read=("*",), mask=("b",), hide=("c", "created_by", "id")),
    "denied": Grant("denied", read=("a",), deny=("b", "go", "changed_by"), events=("*",)),
    "writer": Grant("writer", edit=EditGrant(("*",)), events=("*",), create=True),
    "outside": Grant("outside"),
}


def rights(*roles):
    return rights_of(DOCUMENT, GRANTS, frozenset(roles))


def test_nothing_is_granted_unless_written():
    for held in (rights(), rights("outside"), rights("nobody")):
        general = held.in_general()
        assert not general.any
        assert not general.reads("a")
        assert not general.reads("number")
        assert not general.raises("go")
        assert held.rows(None) == NEVER
        assert held.rows_showing(None, "a", clear=False) == NEVER
        assert not held.sees_everywhere("a")


def test_writing_is_not_reading():
    general = rights("writer").in_general()
    assert not general.any
    assert not general.edits("a")
    assert rights("writer").rows(None) == NEVER


def test_grants_add_up_and_masks_fall_where_another_sees_clearly():
    general = rights("masked").in_general()
    assert (general.reads("b"), "b" in general.masked, general.reads("c")) == (True, True, False)
    both = rights("masked", "reader").in_general()
    assert (both.masked, both.reads("c")) == (frozenset(), True)
    assert rights("masked", "writer").in_general().edits("b")
    assert not rights("masked", "writer").in_general().edits("c")


def test_what_is_denied_stays_denied():
    general = rights("reader", "denied").in_general()
    assert (general.reads("a"), general.reads("b"), general.raises("go"), general.raises("stay")) == (
        True, False, False, True,
    )  # fmt: skip
    assert not general.reads("changed_by")
    assert not rights("reader", "denied").sees_everywhere("b")
    shown = rights("reader", "denied").rows_showing(None, "b", clear=True)
    assert shown == Every((ALWAYS, Not(ALWAYS)))


def test_system_fields_can_be_hidden_but_for_those_that_all_work_needs():
    general = rights("masked").in_general()
    assert not general.reads("created_by")
    assert general.reads("created_at")
    assert general.reads("id")
    assert not general.reads("deleted")
    assert rights("masked", "reader").in_general().reads("created_by")


@pytest.mark.parametrize(
    ("roles", "name", "everywhere"),
    [
        (("reader",), "a", True),
        (("masked",), "a", True),
        (("masked",), "b", False),
        (("masked",), "c", False),
        (("masked", "reader"), "c", True),
        (("denied",), "b", False),
        (("reader",), "nothing", False),
        (("masked",), "created_by", False),
    ],
)
def test_what_is_seen_everywhere(roles, name, everywhere):
    assert rights(*roles).sees_everywhere(name) is everywhere


def test_the_engine_may_do_everything():
    held = rights_of(DOCUMENT, GRANTS, frozenset(), everything=True)
    assert held.in_general() == EVERYTHING
    assert held.rows_showing(None, "a", clear=True) == ALWAYS
    assert held.sees_everywhere("c")


@pytest.mark.parametrize(
    ("text", "mask", "shown"),
    [
        ("110101199001011234", "6****4", "110101****1234"),
        ("12345678", "2****2", "12****78"),
        ("123", "2****2", "****"),
        ("", "2****2", "****"),
        ("abc", "", "****"),
        ("abc", "nonsense", "****"),
        ("abcdef", "****2", "****ef"),
        ("abcdef", "2**", "ab**"),
    ],
)
def test_masks(text, mask, shown):
    assert masked(text, mask) == shown


def test_what_is_seen_is_taken_away_together_only_where_all_of_it_may_be():
    own = Formula("a == '1'")
    grants = {
        "sees": Grant("sees", read=("*",)),
        "takes": Grant("takes", read=("*",), export=True),
        "takes_own": Grant("takes_own", rows=own, read=("*",), export=True),
        "sees_own": Grant("sees_own", rows=own, read=("*",)),
    }

    def together(*roles):
        return rights_of(DOCUMENT, grants, frozenset(roles)).exports_everywhere

    assert together("takes")
    assert together("takes_own")
    assert together("takes", "sees_own")
    assert not together()
    assert not together("sees")
    assert not together("takes_own", "sees"), "others' records are seen and not taken"
    assert rights_of(DOCUMENT, {}, frozenset(), everything=True).exports_everywhere
