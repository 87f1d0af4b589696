"""The design examples of the language: every one of them has to load."""

from pathlib import Path

from engine.loading import DiskTree, load
from engine.model.actions import Create, Post, Raise

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"


def test_examples_load_without_a_problem() -> None:
    found = load(DiskTree(EXAMPLES))
    assert [f"{one.where} {one.code} {dict(one.values)}" for one in found.problems] == []
    counts = {
        name: len(getattr(found.definitions, name))
        for name in ("systems", "documents", "tables", "queries", "jobs", "ledgers")
    }
    assert counts == {"systems": 13, "documents": 51, "tables": 8, "queries": 12, "jobs": 10, "ledgers": 5}


def test_documents_of_the_same_name_in_several_systems_stay_apart() -> None:
    found = load(DiskTree(EXAMPLES)).definitions.documents
    holders = {name: found[f"{name}.certificate"].fields["holder"].type.of for name in ("central", "cabinet")}
    assert holders == {"central": "central.person", "cabinet": "cabinet.person"}


def test_twenty_documents_share_one_life_by_a_part() -> None:
    found = load(DiskTree(EXAMPLES)).definitions
    lists = found.machines["import_list"]
    assert list(lists.states)[-2:] == ["collecting", "abandoned"]
    posts = [act for act in lists.events["declare"].do if isinstance(act, Post)]
    assert len(lists.events["declare"].do) == 3
    assert posts[0].ledger == "yearly_quota"
    assert found.documents["import_list"].fields["buyerIdNumber"].copied is not None


def test_cascade_over_a_back_reference_is_built() -> None:
    found = load(DiskTree(EXAMPLES)).definitions
    cancel = found.machines["central.person"].events["withdrawn"].do[0]
    assert isinstance(cancel, Raise)
    assert cancel.on is not None
    assert cancel.find is not None
    assert (cancel.event, cancel.on.text, cancel.find.text) == ("cancel", "certificates", "state != 'cancelled'")
    alarm = found.actions["alarm"].do[0]
    assert isinstance(alarm, Create)
    assert alarm.document == "alarm"


def test_extension_of_goods_is_the_same_document() -> None:
    found = load(DiskTree(EXAMPLES)).definitions.documents
    assert {"goods_name", "price", "on_sale"} <= set(found["goods"].fields)
    assert found["sale"].fields["lines"].fields["goods"].type.of == "goods"
