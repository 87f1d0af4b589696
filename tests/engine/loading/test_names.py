"""Ids: registry keys, reach of a system, what stands twice, files where they belong."""

import pytest

from engine.loading import MemoryTree, load
from engine.loading.folder import DefinitionFile, classify
from engine.loading.nearest import nearest
from tests.engine.loading.trees import NOTE, problems, said, tree

TWO = {
    "shop/system.yaml": "system: shop\ntitle: 店\nuses: [office]\nqualified: true\n",
    "shop/note/document.yaml": NOTE,
    "shop/sale/document.yaml": "document: sale\ntitle: 销售\nfields:\n  of: {title: 便条, type: ref, to: shop.note}\n",
}


def test_key_is_the_id_or_the_id_with_its_system_where_that_is_qualified() -> None:
    found = load(tree(TWO, note=NOTE))
    assert not found.problems
    assert set(found.definitions.documents) == {"note", "shop.note", "shop.sale"}
    assert found.definitions.documents["shop.sale"].fields["of"].type.of == "shop.note"
    assert found.definitions.documents["shop.note"].shape.document == "shop.note"
    assert found.definitions.machines["shop.note"].document == "shop.note"


def test_id_with_two_meanings_has_to_name_its_system() -> None:
    files = TWO | {"shop/sale/document.yaml": TWO["shop/sale/document.yaml"].replace("shop.note", "note")}
    (problem,) = load(tree(files, note=NOTE)).problems
    assert (problem.code, problem.values["choices"], problem.suggestion) == (
        "NAM001",
        "shop.note, office.note",
        "shop.note",
    )
    assert str(problem.where) == "shop/sale/document.yaml:4:34"


def test_a_second_system_changes_no_key_of_the_first() -> None:
    before = load(tree(note=NOTE)).definitions
    found = load(tree(TWO, note=NOTE))
    assert before.documents.keys() == {"note"} == found.definitions.documents.keys() - {"shop.note", "shop.sale"}
    assert found.definitions.documents["note"].system == "office"


def test_an_id_that_is_kept_belongs_to_one_system() -> None:
    plain = {file: text.replace("qualified: true\n", "") for file, text in TWO.items()}
    (problem,) = load(tree(plain, note=NOTE)).problems
    assert (problem.code, str(problem.where), problem.values["other"]) == (
        "NAM015",
        "shop/note/document.yaml:1:11",
        "office",
    )


def test_only_systems_that_are_used_are_in_reach() -> None:
    found = load(tree(TWO, note=NOTE))
    assert found.names.key("document", "sale", "shop") == "shop.sale"
    assert found.names.key("document", "sale", "office") is None
    assert found.names.key("document", "shop.note", "office") == "shop.note"
    assert found.names.known("document", "office") == ["note"]
    assert found.names.known("document", "shop") == ["note", "sale"]


def test_id_stands_once_for_its_kind() -> None:
    files = {
        "office/values/a.yaml": "values: {limit: {type: money, value: 1}}\n",
        "office/values/b.yaml": "values: {limit: {type: money, value: 2}}\n",
        "office/tables/limit.yaml": "table: limit\ninputs: {a: text}\noutputs: {b: text}\nrows: []\n",
    }
    (problem,) = problems(files)
    assert (problem.code, str(problem.where)) == ("NAM002", "office/values/b.yaml:1:10")
    assert [str(place) for place in problem.related] == ["office/values/a.yaml:1:10"]


def test_several_elements_may_stand_in_one_file_of_single_kinds() -> None:
    one = "table: {}\ninputs: {{a: text}}\noutputs: {{b: text}}\nrows: []\n"
    found = load(tree({"office/tables/all.yaml": one.format("x") + "---\n" + one.format("y")}))
    assert set(found.definitions.tables) == {"x", "y"}
    assert found.definitions.tables["y"].where.line == 6


def test_folder_and_id_are_the_same() -> None:
    assert said(problems(note=NOTE.replace("document: note", "document: memo"))) == [
        "office/note/document.yaml:1:11 NAM012 note"
    ]
    assert said(problems({"office/note/rules.yaml": "rules: {}\n"})) == ["office/note/rules.yaml:1:1 NAM011"]
    assert said(problems({"office/system.yaml": "system: bureau\ntitle: B\n"})) == [
        "office/system.yaml:1:9 NAM012 office"
    ]


def test_system_without_a_file_of_its_own_is_told_once_and_kept() -> None:
    found = load(
        MemoryTree({"shop/sale/document.yaml": NOTE.replace("note", "sale"), "shop/queries.yaml": "queries: {}\n"})
    )
    assert said(found.problems) == ["shop/sale/document.yaml:1:1 NAM014"]
    assert set(found.definitions.systems) == {"shop"}


def test_same_file_in_two_formats_or_rule_in_two_files_is_twice() -> None:
    assert [one.code for one in problems({"office/note/document.json": NOTE}, note=NOTE)] == ["NAM002"]
    rules = "rules:\n  r: {check: a, message: x}\n"
    assert said(problems({"office/note/rules.yaml": rules}, note=NOTE + rules)) == ["office/note/rules.yaml:2:6 NAM002"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nodes/main.yaml", DefinitionFile("nodes/main.yaml", "node")),
        ("a/system.yaml", DefinitionFile("a/system.yaml", "system", "a")),
        ("a/codes/x.csv", DefinitionFile("a/codes/x.csv", "codes", "a")),
        ("a/flows/x.yaml", DefinitionFile("a/flows/x.yaml", "flow", "a")),
        ("a/b/machine.yaml", DefinitionFile("a/b/machine.yaml", "machine", "a", "b")),
        ("a/b/machine.json", DefinitionFile("a/b/machine.json", "machine", "a", "b")),
        ("a/b/prints/p.html", DefinitionFile("a/b/prints/p.html", "print", "a", "b", asset=True)),
        ("a/parts/p/rules.yaml", DefinitionFile("a/parts/p/rules.yaml", "rules", "a", "", "p")),
        ("a/b/scenarios/m.xml", DefinitionFile("a/b/scenarios/m.xml", "scenarios", "a", "b", asset=True)),
        ("README.md", None),
    ],
)
def test_file_is_known_by_its_place(path: str, expected: DefinitionFile | None) -> None:
    assert classify(path) == expected


@pytest.mark.parametrize(
    "path", ["a.yaml", "a/codes/x.yaml", "a/tables/deep/x.yaml", "a/b/prints/p.exe", "a/system.txt"]
)
def test_other_files_are_told(path: str) -> None:
    assert [problem.code for problem in load(MemoryTree({path: "a: 1"})).problems] == ["SHP020"]


@pytest.mark.parametrize(
    ("word", "names", "expected"),
    [
        ("requierd", ["required", "rows"], "required"),
        ("feilds", ["fields", "find"], "fields"),
        ("maximum", ["min", "max"], "max"),
        ("reason", ["reason_code", "other"], "reason_code"),
        ("xyz", ["title", "type"], ""),
        ("Title", ["title"], "title"),
        ("to", ["do", "on"], "do"),
    ],
)
def test_nearest_name(word: str, names: list[str], expected: str) -> None:
    assert nearest(word, names) == expected
