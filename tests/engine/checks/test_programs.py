"""Programs: the order of computing, what depends on what, what is watched elsewhere, what is stored."""

from engine.checks import CheckedDefinitions, check
from engine.loading import MemoryTree, load
from engine.model.criteria import Compare
from engine.model.program import DocumentProgram, Watch
from tests.definitions.wrong import office

NOTE = """document: note
title: 便条
fields:
  last:   {title: 末, type: integer, value: middle + 1}
  middle: {title: 中, type: integer, value: "sum(items, size) + first"}
  first:  {title: 首, type: integer, value: 1}
  who:    {title: 谁, type: ref, to: user, back: notes}
  named:  {title: 名, type: text, from: who.name}
  same:   {title: 同名, type: ref, to: user, find: name == this.named and enabled, newest: changed_at}
  items:
    title: 项
    type: table
    fields:
      word:  {title: 词, type: text, max: 20}
      size:  {title: 长, type: integer, value: len(word)}
      part:  {title: 份, type: money, value: "share(parent.middle, by=size)"}
      owner: {title: 主, type: ref, to: user, find: login == up.word and org == this.who.org}
  secret: {title: 密, type: text, max: 30, protect: encrypt, mask: "3****"}
unique: [[named, {when: state == 'open'}]]
search: [named]
"""
MACHINE = """machine: note
states: {open: {title: 开}, gone: {title: 去, final: true}}
events:
  enter: {from: new, to: open, by: clerk}
  end:   {from: open, to: gone, by: itself, when: GUARD}
"""
ACCESS = 'access:\n  clerk: {read: "*", create: true}\n  leader: {read: [named]}\n'


def checked(guard: str = "who.enabled == false", document: str = NOTE) -> CheckedDefinitions:
    files = {"document": document, "machine": MACHINE.replace("GUARD", f'"{guard}"'), "access": ACCESS}
    tree = {**office(), **{f"desk/note/{name}.yaml": text for name, text in files.items()}}
    found = check(load(MemoryTree(tree)))
    assert found.is_sound, found.problems
    return found


def program(guard: str = "who.enabled == false") -> DocumentProgram:
    return checked(guard).programs["note"]


def test_each_field_is_computed_after_all_that_it_reads() -> None:
    order = program().order
    for before, after in [
        (("first",), ("middle",)),
        (("items", "size"), ("middle",)),
        (("middle",), ("last",)),
        (("middle",), ("items", "part")),
        (("named",), ("same",)),
    ]:
        assert order.index(before) < order.index(after)


def test_every_given_field_is_computed_once() -> None:
    order = program().order
    assert len(order) == len(set(order))
    assert set(order) == {
        ("first",), ("middle",), ("last",), ("named",), ("same",),
        ("items", "size"), ("items", "part"), ("items", "owner"),
    }  # fmt: skip


def test_dependents_lead_from_what_is_read_to_what_reads_it() -> None:
    dependents = program().dependents
    assert dependents[("items", "word")] == {("items", "size"), ("items", "owner")}
    assert dependents[("first",)] == {("middle",)}
    assert dependents[("who",)] == {("named",), ("items", "owner")}


def test_finds_watch_what_they_look_for() -> None:
    assert Watch("user", ((("named",), "name"),)) in program().find_watches
    assert Watch("user", ((("who", "org"), "org"),)) in program().find_watches


def test_guard_watches_the_record_that_it_reads() -> None:
    assert program().itself_events == ("end",)
    assert program().itself_watches == (Watch("user", ((("who",), "id"),)),)


def test_guard_over_a_type_watches_by_its_equalities() -> None:
    watches = program("any(order, customer == up.named and total > 3)").itself_watches
    assert watches == (Watch("order", ((("named",), "customer"),)),)


def test_guard_over_back_references_watches_those_that_refer() -> None:
    referring = NOTE.replace(
        "fields:\n  last", "fields:\n  above: {title: 上, type: ref, to: note, back: below}\n  last", 1
    )
    watches = checked("all(below, state == 'gone')", referring).programs["note"].itself_watches
    assert watches == (Watch("note", ((("id",), "above"),)),)


def test_storage_has_columns_keys_and_indexes() -> None:
    storage = program().storage
    columns = {column.name: column for column in storage.columns}
    assert columns["secret"].encrypted
    assert columns["secret"].length == 30
    assert "items" not in columns
    assert [(table.name, len(table.columns)) for table in storage.tables] == [("items", 4)]
    (unique,) = storage.uniques
    assert unique.fields == ("named",)
    assert unique.when == Compare(("state",), "==", "open")
    assert storage.search == ("named",)
    assert ("who", "changed_at") in storage.indexes
    assert ("changed_at",) in storage.indexes


def test_readers_want_indexes_of_others() -> None:
    storage = checked().programs["user"].storage
    assert ("login", "org") in storage.indexes or ("org", "login") in storage.indexes


def test_back_references_lead_to_the_field_that_refers() -> None:
    assert checked().backs["user", "notes"] == ("note", "who")
