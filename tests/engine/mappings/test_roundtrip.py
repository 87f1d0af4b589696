"""Mappings out of schemas are sound, and messages come back as they were or are refused for what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from adapters.xml.documents import LxmlMessages
from engine.checks import CheckedDefinitions, check
from engine.expressions.environment import World
from engine.loading import MemoryTree, load
from engine.mappings.compiled import CompiledMapping, compiled
from engine.mappings.leaves import Surroundings
from engine.mappings.roundtrip import StillWorld, Trip, round_trip
from engine.mappings.scaffold import Scaffold, scaffold
from engine.model.xml_shapes import local_name

SCHEMAS = Path(__file__).parents[3] / "definitions/shared/mappings"
NS = "http://www.chinaport.gov.cn/ceb"
HEAD = f'<ceb:CEB512Message xmlns:ceb="{NS}" guid="{"A" * 36}" version="1.0">'
RETURN = """<ceb:LogisticsReturn><ceb:guid>{guid}</ceb:guid><ceb:logisticsCode>1</ceb:logisticsCode>
<ceb:logisticsNo>L-1</ceb:logisticsNo><ceb:returnStatus>{status}</ceb:returnStatus>
<ceb:returnTime>20260508102646001</ceb:returnTime><ceb:returnInfo>入 &amp; 库</ceb:returnInfo></ceb:LogisticsReturn>
"""


@cache
def scaffolded(schema: str) -> CheckedDefinitions:
    """Every message of a schema as a document type with its mapping, checked."""
    texts = {path.name: path.read_text("utf-8-sig") for path in SCHEMAS.glob("*.xsd")}
    files = {f"shop/mappings/{name}": text for name, text in texts.items()}
    files["shop/system.yaml"] = "system: shop\ntitle: s\nroles: {clerk: {title: c}}\n"
    xml = LxmlMessages(texts)
    for root in xml.roots(schema):
        name = local_name(root).lower()
        shape = xml.shape(schema, root)
        if not name.endswith("message") or name == "extendmessage" or shape is None:
            continue
        document, mapping = scaffold(shape, Scaffold(name, name, schema, "ceb"))
        files |= {f"shop/{name}/document.yaml": document, f"shop/{name}/mappings/{name}.yaml": mapping}
        files[f"shop/{name}/access.yaml"] = "access: {clerk: {read: '*', create: true}}\n"
    return check(load(MemoryTree(files)), xml=LxmlMessages)


@pytest.mark.parametrize("schema", sorted(path.name for path in SCHEMAS.glob("ceb_*.xsd")))
def test_what_a_schema_gives_is_sound(schema: str) -> None:
    checked = scaffolded(schema)
    assert [(one.code, str(one.where)) for one in checked.problems if one.severity == "error"] == []
    assert len(checked.definitions.mappings) >= 19


def mappings() -> tuple[list[CompiledMapping], LxmlMessages]:
    checked = scaffolded("ceb_import_202205.xsd")
    xml = LxmlMessages(checked.schemas)
    around = Surroundings(lambda _hash: b"", {}, exact=True)
    return [compiled(one, around, xml) for one in checked.definitions.mappings.values()], xml


def trip(content: str | bytes) -> Trip:
    known, xml = mappings()
    world = cast("World", StillWorld(datetime(2026, 1, 1), {}))
    return round_trip(content if isinstance(content, bytes) else content.encode(), known, xml, world)


def test_a_receipt_comes_back_as_it_was() -> None:
    one = RETURN.format(guid="B" * 36, status="120")
    found = trip(f"\ufeff<?xml version='1.0' encoding='UTF-8'?>\n{HEAD}\n{one}{one}</ceb:CEB512Message>")
    assert (found.refused, found.differences, found.documents, found.is_ours) == ("", (), 2, False)
    plain = f"{HEAD}{one}</ceb:CEB512Message>".replace("ceb:", "").replace("xmlns:ceb", "xmlns")
    assert not trip(plain.replace(":ceb=", "=")).is_ours


def test_what_breaks_its_schema_is_refused_for_that() -> None:
    found = trip(f"{HEAD}{RETURN.format(guid='short', status='120')}</ceb:CEB512Message>")
    assert (found.refused, found.is_ours) == ("schema", False)
    assert any("guid" in one.text for one in found.schema)


@pytest.mark.parametrize(("content", "refused"), [("<other/>", "unknown"), ("<a>", "broken"), (b"\x00\x01", "broken")])
def test_what_nobody_knows_is_refused(content: str | bytes, refused: str) -> None:
    assert trip(content).refused == refused


def test_a_difference_is_named_at_its_line() -> None:
    known, xml = mappings()
    (one,) = [mapping for mapping in known if mapping.mapping.id == "ceb512message"]
    world = cast("World", StillWorld(datetime(2026, 1, 1), {}))
    content = f"{HEAD}\n{RETURN.format(guid='B' * 36, status='120')}</ceb:CEB512Message>".encode()
    branch = one.mapping.tree[0]
    assert branch.children[-1].name == "ceb:returnInfo"
    forgetful = replace(one.mapping, tree=(replace(branch, children=branch.children[:-1]), *one.mapping.tree[1:]))
    cut = compiled(forgetful, Surroundings(lambda _hash: b"", {}, exact=True), xml)
    assert round_trip(content, [one], xml, world).differences == ()
    assert round_trip(content, [cut], xml, world).differences == ["4: /CEB512Message/LogisticsReturn/returnInfo: + / -"]
