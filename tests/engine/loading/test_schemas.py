"""The published schemas: sound, complete, judged alike by the reference, and read by the builders key for key."""

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from engine.loading import DiskTree, load
from engine.loading.entry import Entry
from engine.loading.shape import _validator, kinds, schema
from engine.loading.source import read

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
SAMPLE = Path(__file__).parents[2] / "data" / "every_key"
REGISTRY: Registry[object] = Registry().with_resource(
    "pieces.json", Resource.from_contents(schema("pieces"), default_specification=DRAFT202012)
)

# Top-level keys of each kind, as the language lists them.
KEYS = {
    "system": "system id title uses qualified roles menu kiosk needs",
    "document": "document part extends title takes use number business_date label tree fields rules queries unique"
    " freeze search told_apart_by expect retain was",
    "machine": "machine part states events timers approvals actions late_events",
    "rules": "rules",
    "access": "access ledgers",
    "pages": "pages",
    "page": "page title for roles about open keep frame path static refresh scan keys body drills dialogs offline"
    " count",
    "flow": "flow title device number keep stages idle always start steps restart",
    "queries": "queries",
    "actions": "actions",
    "table": "table title hit inputs outputs rows sheet source",
    "values": "values",
    "calendar": "calendar title days holidays working",
    "ledger": "ledger title per amounts derived never entries closing",
    "watches": "watches",
    "jobs": "jobs",
    "mapping": "mapping title document format edition kind message to sender receiver envelope each tree match event"
    " org with set sign accept seal answers encoding pad unmatched refused",
    "envelope": "envelope title format message sign tree security seal accept codes answer",
    "interfaces": "defaults offers calls listens channels",
    "notices": "notices",
    "print": "print title document template paper anchors qr verify scanned charts bundle raw archive wording",
    "sheet": "sheet title document event columns page tags examples group match found",
    "scenarios": "scenarios",
    "node": "node title systems database accounts channels services devices simulate snapshots kiosk calendar licence"
    " backup updates",
    "plugin": "plugin title functions types calls components channels devices",
}
# Shapes that are judged and not built as a whole: no model, or verbs that are not shown yet.
SHAPE_ALONE = {
    "component",
    "page",
    "plugin",
}
KEPT_OUT = {
    "document": {"document", "part", "extends"},  # read when files are gathered
    "machine": {"machine", "part"},
    "system": {"system"},
    "body_field": {"use"},  # parts bring fields to documents alone
    "page_set": {"body"},  # free components
}


def test_every_kind_of_the_language_has_a_schema() -> None:
    assert set(kinds()) == set(KEYS)


@pytest.mark.parametrize("kind", KEYS)
def test_schema_has_exactly_the_keys_of_its_kind(kind: str) -> None:
    properties = schema(kind)["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(KEYS[kind].split())


@pytest.mark.parametrize("kind", [*KEYS, "pieces"])
def test_schema_is_sound(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize("kind", KEYS)
def test_every_key_is_described_in_both_languages(kind: str) -> None:
    properties = schema(kind)["properties"]
    assert isinstance(properties, dict)
    for key, found in properties.items():
        text = described(found)
        assert any("\u4e00" <= char <= "\u9fff" for char in text), key
        assert any(char.isascii() and char.isalpha() for char in text), key


def described(found: dict[str, object]) -> str:
    text = str(found.get("description", ""))
    if not text and "$ref" in found:
        pieces = schema("pieces")["$defs"]
        assert isinstance(pieces, dict)
        return described(pieces[str(found["$ref"]).rpartition("/")[2]])
    return text


def shapes(node: object) -> Iterator[tuple[str, set[str]]]:
    """Every shape named in a schema, with its keys."""
    if isinstance(node, dict):
        if "x-shape" in node:
            yield node["x-shape"], set(node.get("properties", {}))
        for inner in node.values():
            yield from shapes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from shapes(inner)


def test_builders_read_exactly_the_keys_that_schemas_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    observed: set[tuple[str, str]] = set()
    monkeypatch.setattr(Entry, "observed", observed)
    for folder in (EXAMPLES, SAMPLE):
        load(DiskTree(folder))
    reads: dict[str, set[str]] = defaultdict(set)
    for shape, key in observed:
        reads[shape].add(key)
    allowed: dict[str, set[str]] = defaultdict(set)
    for kind in [*kinds(), "pieces"]:
        for shape, keys in shapes(schema(kind)):
            allowed[shape] |= keys
    for shape in sorted(allowed.keys() - SHAPE_ALONE):
        assert reads[shape] == allowed[shape] - KEPT_OUT.get(shape, set()), shape
    assert not reads.keys() - allowed.keys()


def test_sample_of_every_key_is_without_problems() -> None:
    found = load(DiskTree(SAMPLE))
    assert [f"{one.where} {one.code}" for one in found.problems] == []


# --- the reference judges alike --------------------------------------------------------------------------------------

WRONG = sorted(EXAMPLES.rglob("*.yaml"))


def kind_of(path: Path) -> str:
    parents = {
        "tables": "table", "ledgers": "ledger", "pages": "page", "flows": "flow", "mappings": "mapping",
        "prints": "print", "sheets": "sheet", "scenarios": "scenarios", "values": "values", "envelopes": "envelope",
    }  # fmt: skip
    return parents.get(path.parent.name, path.stem)


def paths_of_reference(kind: str, data: object) -> set[tuple[object, ...]]:
    validator = jsonschema.Draft202012Validator(schema(kind), registry=REGISTRY)
    return {tuple(error.absolute_path) for error in validator.iter_errors(data)}


def paths_of_ours(kind: str, data: object) -> set[tuple[object, ...]]:
    validator: jsonschema_rs.Draft202012Validator = _validator(kind)
    return {tuple(error.instance_path) for error in validator.iter_errors(data)}


def broken(data: object, chance: int) -> object:
    """The same data with one thing changed: a key misspelt, a value of another kind."""
    text = json.dumps(data, default=lambda number: float(number) if isinstance(number, Decimal) else str(number))
    found = json.loads(text)
    places = list(walk(found))
    holder, key = places[chance % len(places)]
    if isinstance(holder, dict) and chance % 3 == 0:
        holder[f"{key}x"] = holder.pop(key)
    else:
        holder[key] = [None, 7, "x", ["y"], {"z": True}][chance % 5]
    return found


def walk(data: object) -> Iterator[tuple[object, object]]:
    if isinstance(data, dict):
        yield from ((data, key) for key in data)
        for inner in data.values():
            yield from walk(inner)
    elif isinstance(data, list):
        yield from ((data, index) for index in range(len(data)))
        for inner in data:
            yield from walk(inner)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(WRONG), st.integers(min_value=0, max_value=10_000))
def test_reference_finds_errors_at_the_same_places(path: Path, chance: int) -> None:
    data = broken(read(path.name, path.read_bytes()).documents[0], chance)
    assert paths_of_ours(kind_of(path), data) == paths_of_reference(kind_of(path), data)
