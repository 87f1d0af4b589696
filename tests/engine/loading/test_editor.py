"""What editors need: which schema a file follows, and that every file of the examples has one."""

from pathlib import Path

import pytest

from engine.loading import DiskTree
from engine.loading.editor import associations, modeline, schema_folder, schema_name
from engine.loading.shape import kinds

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("office/note/document.yaml", "document.json"),
        ("office/parts/dated/machine.yaml", "machine.json"),
        ("office/tables/t.yaml", "table.json"),
        ("nodes/main.yaml", "node.json"),
        ("office/codes/levels.csv", None),
        ("office/note/prints/p.html", None),
        ("README.md", None),
    ],
)
def test_schema_of_a_file(path: str, expected: str | None) -> None:
    assert schema_name(path) == expected


def test_modeline_leads_from_the_file_to_the_schema() -> None:
    root, schemas = Path("/p/definitions"), Path("/p/engine/schemas")
    assert modeline("office/note/document.yaml", root, schemas) == (
        "# yaml-language-server: $schema=../../../engine/schemas/document.json\n"
    )
    assert modeline("README.md", root, schemas) == ""


def test_published_schemas_are_where_editors_are_sent() -> None:
    assert {path.stem for path in schema_folder().glob("*.json")} == {*kinds(), "pieces"}


def test_associations_agree_with_the_loader() -> None:
    patterns = associations()
    for path in DiskTree(EXAMPLES).files():
        name = schema_name(path)
        if name is not None:
            assert any(Path(f"definitions/{path}").match(pattern) for pattern in patterns[name]), path
