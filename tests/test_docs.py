"""The manual against the product: its examples load, run and hold; nothing of the language, the commands, the settings
and the problem codes is left untold.
"""

import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
import settings
from engine.checks.flow_names import KEYPADS, PICTURES
from engine.codes import catalogue
from engine.commands.verbs import build_parser, main
from engine.expressions.checking.aggregates import AGGREGATES
from engine.expressions.functions import FUNCTIONS
from engine.model.field_types import FIELD_TYPES
from engine.model.flow_devices import READINGS
from engine.model.flow_devices import commands as device_commands
from engine.usecases.demo import read_steps
from tests.manual import FIRST, GUIDE, LANGUAGES, ROOT, Block, Page, guide, manual, problems_of, run, tree_of

pages = pytest.mark.parametrize("page", guide(), ids=str)
every_page = pytest.mark.parametrize("page", manual(), ids=str)

# Which page tells of which schema: the kind of a file, or a piece that several kinds share.
TOLD_ON = {
    "access": "access.md", "actions": "actions.md", "calendar": "calendars.md", "document": "document.md",
    "jobs": "jobs.md", "mapping": "mappings.md", "node": "nodes.md", "notices": "notices.md", "pages": "pages.md",
    "print": "prints.md", "queries": "queries.md", "rules": "rules.md", "scenarios": "scenarios.md",
    "system": "system.md", "table": "tables.md", "values": "values.md",
    "envelope": "envelopes.md", "flow": "flows.md", "interfaces": "interfaces.md", "ledger": "ledgers.md",
    "page": "free-pages.md", "plugin": "not-yet.md", "sheet": "sheets.md", "watches": "watches.md",
}  # fmt: skip
REFUSING = ("course", "handing", "posting", "repeating", "signing", "vetting", "work")
PIECES_TOLD_ON = {
    "row_source": "fields.md", "field": "fields.md", "body_field": "interfaces.md", "guard": "envelopes.md",
    "action": "actions.md",
    "join": "queries.md", "query": "queries.md", "rule": "rules.md", "component": "free-pages.md", "button": "pages.md",
    "wording": "prints.md", "leaf": "mappings.md", "menu_pages": "system.md",
}  # fmt: skip


def test_every_word_of_a_refusal_is_told():
    """What fields, choices and approvals refuse by; scenarios name it under `expect_refused`."""
    files = [*(ROOT / "engine/documents").glob("*.py"), *(ROOT / "engine/usecases" / f"{n}.py" for n in REFUSING)]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    said = set(re.findall(r'(?:Finding|_finding|_refused|Malformed|_Wording\.of)\(\s*"([a-z_]+)"', text))
    told = (GUIDE / "scenarios.md").read_text(encoding="utf-8").partition("## What refuses")[2].partition("\n## ")[0]
    assert {word for word in said - set(FIELD_TYPES) if f"`{word}`" not in told} == set()


# --- examples --------------------------------------------------------------------------------------------------------


@pages
def test_every_example_names_its_file(page):
    assert [b.text[:60] for b in page.blocks() if b.language in LANGUAGES and not b.file] == []


@pages
def test_examples_load_without_a_problem(page):
    assert problems_of(tree_of(page)) == []


@pages
def test_scenarios_of_the_examples_come_out_as_told(page):
    results = run(tree_of(page)).results
    assert {one.name: one.mistakes for one in results if one.mistakes} == {}


def test_kinds_that_run_are_shown_running():
    shown = {page.path.name for page in guide() if any("/scenarios/" in file for file in page.files())}
    assert shown >= {"machine.md", "approvals.md", "actions.md", "rules.md", "fields.md", "access.md", "jobs.md"}


# --- the first page of all -------------------------------------------------------------------------------------------

README = Page(ROOT / FIRST)


@pytest.fixture
def office(tmp_path):
    """An installation of its own with the shipped definitions."""
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    settings = {"GUIJU_DEFINITIONS": str(tmp_path / "definitions"), "GUIJU_HOME": str(tmp_path / "var")}
    return app.Office(app.Settings.of(settings))


def commands(block: Block) -> Iterator[list[str]]:
    """The arguments of each `guiju` line of a block."""
    for line in re.findall(r"^\$ \.venv/bin/guiju (.*)$", block.text, re.MULTILINE):
        yield shlex.split(line, comments=True)


def test_the_first_document_can_be_made_as_it_is_told(office, capsys):
    for block in README.blocks():
        if block.file:
            path = office.definitions / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        for arguments in commands(block):
            assert main(office, arguments) == 0, capsys.readouterr().out
    found, problems, _ = office.checked()
    assert problems == ()
    assert {"leave", "exit_form"} <= found.definitions.documents.keys()


def test_a_document_can_be_made_from_an_empty_folder_as_it_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    settings = {"GUIJU_DEFINITIONS": str(tmp_path / "definitions"), "GUIJU_HOME": str(tmp_path / "var")}
    (tmp_path / "definitions").mkdir()
    office = app.Office(app.Settings.of(settings))
    for block in Page(GUIDE / "first-document.md").blocks():
        if block.file:
            path = office.definitions / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        for arguments in commands(block):
            if arguments != ["run"]:
                assert main(office, arguments) == 0, capsys.readouterr()
    found, problems, _ = office.checked()
    assert problems == ()
    assert set(found.definitions.documents) == {"leave", "org", "user"}
    assert main(office, ["user", "list", "--json"]) == 0


def test_the_node_of_the_first_document_is_the_shipped_one_with_one_system_more():
    shipped = (ROOT / "definitions/nodes/demo.yaml").read_text(encoding="utf-8")
    told = README.files()["nodes/demo.yaml"]
    assert told.replace(", office]", "]") == shipped


def test_demo_accounts_are_those_that_are_shipped():
    steps = read_steps(ROOT / "definitions/demo")
    logins = {step["with"]["login"]: step["with"]["password"] for step in steps if step.get("on") == "user"}
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", README.text, re.MULTILINE)))
    assert logins.keys() <= set(named)
    assert all(f"`{password}`" in README.text for password in logins.values())


def test_every_path_that_is_named_exists():
    named = re.findall(r"`((?:engine|adapters|tests|tools|docs|definitions)/[\w./-]*|\w+\.py)`", README.text)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_picture_is_small_enough_to_be_looked_at():
    assert 20_000 < (ROOT / "docs/pictures/form.png").stat().st_size < 300_000


@every_page
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.text)
    wrong = [link for link in links if "://" not in link and not (page.path.parent / link).exists()]
    assert wrong == []


def test_decisions_are_numbered_without_a_gap_and_no_longer_than_a_page():
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    assert [path.name for path in records if len(path.read_text(encoding="utf-8").splitlines()) > 80] == []


# --- nothing is left untold ------------------------------------------------------------------------------------------


def keys(schema: object) -> Iterator[str]:
    """Names of keys in a schema, references to shared pieces not followed."""
    if isinstance(schema, dict):
        yield from (key for key, one in schema.get("properties", {}).items() if one is not False)
        names = schema.get("propertyNames", {})
        yield from names.get("enum", ()) if isinstance(names, dict) else ()
        for key, inner in schema.items():
            if key != "$defs":
                yield from keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys(inner)


def schema_of(kind: str) -> dict[str, object]:
    return json.loads((ROOT / f"engine/schemas/{kind}.json").read_text(encoding="utf-8"))


def kinds() -> list[str]:
    return sorted(path.stem for path in (ROOT / "engine/schemas").glob("*.json"))


def test_every_kind_has_its_page():
    assert {*kinds()} - {"pieces", "machine"} == TOLD_ON.keys()


@pytest.mark.parametrize("kind", sorted(TOLD_ON))
def test_every_key_of_a_kind_is_told(kind):
    assert set(keys(schema_of(kind))) - Page(GUIDE / TOLD_ON[kind]).told() == set()


def test_every_key_of_a_machine_is_told():
    told = Page(GUIDE / "machine.md").told() | Page(GUIDE / "approvals.md").told()
    assert set(keys(schema_of("machine"))) - told == set()


def pieces() -> dict[str, set[str]]:
    found = {name: set(keys(piece)) for name, piece in schema_of("pieces")["$defs"].items()}
    return {name: names - {"zh", "en"} for name, names in found.items() if names - {"zh", "en"}}


def test_every_shared_piece_has_its_page():
    assert pieces().keys() == PIECES_TOLD_ON.keys()


@pytest.mark.parametrize("piece", sorted(PIECES_TOLD_ON))
def test_every_key_of_a_shared_piece_is_told(piece):
    told = Page(GUIDE / PIECES_TOLD_ON[piece]).told() | Page(GUIDE / "fields.md").told()
    assert pieces()[piece] - told == set()


def test_every_field_type_is_told():
    assert FIELD_TYPES.keys() - Page(GUIDE / "fields.md").told() == set()


def test_everything_that_a_flow_may_ask_is_told():
    told = (GUIDE / "flows.md").read_text(encoding="utf-8")
    assert [command for command in device_commands() if f"`{command}`" not in told] == []
    columns = {name for shape in READINGS.values() for name in shape.fields}
    pictures = {*READINGS, *PICTURES, *KEYPADS, *columns}
    assert pictures - Page(GUIDE / "flows.md").told() == set()


def test_every_function_is_told():
    assert {*FUNCTIONS, *AGGREGATES} - Page(ROOT / "docs/expressions.md").told() == set()


def test_every_verb_of_the_command_is_told():
    verbs = build_parser()._subparsers._group_actions[0].choices
    told = Page(ROOT / "docs/operations.md").text
    assert [verb for verb in verbs if f"`guiju {verb}" not in told] == []


def test_every_setting_is_told():
    wanted = set(re.findall(r"GUIJU_[A-Z_]+", Path(settings.__file__).read_text(encoding="utf-8")))
    assert wanted - Page(ROOT / "docs/operations.md").told() == set()


def test_every_problem_code_is_told():
    told = (ROOT / "docs/problems.md").read_text(encoding="utf-8")
    assert [code for code in catalogue() if f"\n## {code}\n" not in told] == []
