"""Definitions that change under a running node: good ones come into force, broken ones are shown and hurt nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import app
from engine.problems import DefinitionError
from engine.web import WebSettings, create_app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path):
    folder = tmp_path / "definitions"
    shutil.copytree(ROOT / "definitions", folder)
    settings = {"GUIJU_DEFINITIONS": str(folder), "GUIJU_HOME": str(tmp_path / "var")}
    return app.Office(app.Settings.of(settings))


def edited(office, name, before, after):
    path = office.definitions / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    office.reload()


def test_a_new_field_comes_into_force_with_its_column(office):
    office.runtime()
    edited(office, "shared/org/document.yaml", "fields:\n", "fields:\n  motto: {title: 格言, type: text, max: 50}\n")
    assert "motto" in office.runtime().definitions.documents["org"].fields
    assert list(office.store().plan(app.all_storages(office.runtime().force))) == []


def test_broken_definitions_leave_the_last_good_ones_in_force(office):
    before = office.runtime().definitions.version
    edited(office, "shared/org/document.yaml", "type: text, max: 100", "type: txet, max: 100")
    assert office.runtime().definitions.version == before
    assert [(str(one.where), one.suggestion) for one in office.problems] == [("shared/org/document.yaml:6:49", "text")]
    edited(office, "shared/org/document.yaml", "type: txet", "type: text")
    assert office.problems == ()


def test_the_pages_live_on(office):
    office.runtime()
    edited(office, "shared/org/document.yaml", "type: text, max: 100", "type: txet, max: 100")
    web = create_app(office.runtime, WebSettings(secret_key="x" * 32), problems_source=lambda: office.problems)
    assert web.test_client().get("/login").status_code == 200


def test_yaml_that_cannot_be_read_is_a_problem_too(office):
    office.runtime()
    edited(office, "shared/org/document.yaml", "fields:", "fields: [")
    assert office.problems
    assert "org" in office.runtime().definitions.documents


def test_a_node_that_lost_its_file_goes_on_as_it_was(office):
    before = office.runtime().definitions.version
    (office.definitions / "nodes/demo.yaml").rename(office.definitions / "nodes/other.yaml")
    edited(office, "nodes/other.yaml", "node: demo", "node: other")
    assert office.runtime().definitions.version == before
    assert [(one.code, one.values) for one in office.problems] == [("SYS017", {"name": "demo"})]


def test_a_node_that_nobody_declared_is_told_at_the_start(office):
    wrong = app.Office(replace(office.settings, node="dmeo"))
    with pytest.raises(DefinitionError) as told:
        wrong.runtime()
    assert [(one.code, one.suggestion) for one in told.value.problems] == [("SYS017", "demo")]
