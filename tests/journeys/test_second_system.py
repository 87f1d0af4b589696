"""A second system with ids of the first: on one database, nothing of the first one moves."""

import shutil
from pathlib import Path

import app

ROOT = Path(__file__).parents[2]
SYSTEM = "system: archive\ntitle: 档案\nuses: [shared]\nqualified: true\nroles: {unit_admin: {title: 经办人}}\n"
PERSON = "document: person\ntitle: 档案人员\nlabel: name\nfields: {name: {title: 姓名, type: text, max: 45}}\n"
ACCESS = 'access: {unit_admin: {read: "*", create: true, edit: "*"}}\n'


def test_tables_and_records_of_the_first_system_stay(tmp_path):
    definitions = tmp_path / "definitions"
    shutil.copytree(ROOT / "definitions", definitions)
    settings = {"GUIJU_DEFINITIONS": str(definitions), "GUIJU_HOME": str(tmp_path / "var")}
    before = app.Office(app.Settings.of(settings))
    before.runtime()
    first = before.in_force().definitions.documents.keys()
    assert "person" in first

    for name, text in {"system": SYSTEM, "person/document": PERSON, "person/access": ACCESS}.items():
        path = definitions / f"archive/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    node = definitions / "nodes/demo.yaml"
    node.write_text(
        node.read_text(encoding="utf-8").replace("systems: [document_issue", "systems: [document_issue, archive"),
        encoding="utf-8",
    )
    after = app.Office(app.Settings.of(settings))
    force = after.in_force()
    assert force.definitions.documents.keys() - first == {"archive.person"}
    plan = after.store().plan(app.all_storages(force))
    assert plan
    assert [step for step in plan if "archive" not in step] == []
    after.store().apply(app.all_storages(force), drop=True)
    assert list(after.store().plan(app.all_storages(force))) == []
