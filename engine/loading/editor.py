"""For editors: which schema a file follows, and the comment that tells an editor so.

In: the path of a definition file. Out: the path of its schema, the line for a new file's head. Knows the layout of the
tree and nothing of its content.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from os.path import relpath
from pathlib import Path

from engine.loading.folder import DefinitionFile, classify


def schema_folder() -> Path:
    """Where the published schemas stand."""
    with as_file(files("engine.schemas")) as folder:
        return folder


def schema_name(path: str) -> str | None:
    """File name of the schema that a definition file follows; None for what has none (csv, templates)."""
    file = classify(path)
    if not isinstance(file, DefinitionFile) or file.asset or file.kind == "codes":
        return None
    return f"{file.kind}.json"


def modeline(path: str, root: Path, schemas: Path | None = None) -> str:
    """The first line of a new YAML file; `path` is relative to the tree's `root`. Empty for a file without a schema."""
    name = schema_name(path)
    if name is None:
        return ""
    target = relpath((schemas or schema_folder()) / name, (root / path).parent)
    return f"# yaml-language-server: $schema={Path(target).as_posix()}\n"


def associations() -> dict[str, list[str]]:
    """Schema file to the patterns of paths that follow it, as editors want it in their settings."""
    patterns = {
        "system.json": ["*/system.yaml"],
        "document.json": ["*/*/document.yaml", "*/parts/*/document.yaml"],
        "machine.json": ["*/*/machine.yaml", "*/parts/*/machine.yaml"],
        "rules.json": ["*/*/rules.yaml", "*/parts/*/rules.yaml"],
        "access.json": ["*/access.yaml", "*/*/access.yaml", "*/parts/*/access.yaml"],
        "pages.json": ["*/*/pages.yaml", "*/parts/*/pages.yaml"],
        "node.json": ["nodes/*.yaml"],
    }
    singles = ("queries", "actions", "notices", "interfaces", "watches", "jobs")
    folders = {
        "tables": "table", "ledgers": "ledger", "pages": "page", "flows": "flow", "mappings": "mapping",
        "prints": "print", "sheets": "sheet", "scenarios": "scenarios", "values": "values",
        "calendars": "calendar", "envelopes": "envelope",
    }  # fmt: skip
    patterns |= {f"{name}.json": [f"*/{name}.yaml"] for name in singles}
    for folder, kind in folders.items():
        patterns[f"{kind}.json"] = [f"*/{folder}/*.yaml", f"*/*/{folder}/*.yaml"]
    return {schema: [f"definitions/{pattern}" for pattern in found] for schema, found in patterns.items()}
