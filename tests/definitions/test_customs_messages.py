"""Official samples of customs messages there and back by the shipped mappings, and every element of their schemas."""

from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from adapters.xml.documents import LxmlMessages
from engine.mappings.compiled import compiled
from engine.mappings.leaves import Surroundings
from engine.mappings.roundtrip import StillWorld, round_trip
from engine.mappings.xml_writing import expanded
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.xml_shapes import XmlShape
from tests.definitions.shipped import force

SAMPLES = Path(__file__).parents[1] / "data" / "customs" / "samples"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
NOT_VALID = {"CEB303Message": "schema", "CEB505Message": "schema", "CEB603Message": "schema"}
NOT_VALID |= {"CEB607Message": "schema", "CEB214Message": "unknown"}


@cache
def xml() -> LxmlMessages:
    return LxmlMessages(force().schemas)


def customs() -> list[MessageMapping]:
    return [one for name, one in force().definitions.mappings.items() if name.startswith("ceb")]


@cache
def mappings():
    """Of all systems: the other end reads the same roots in its own way."""
    every = force().definitions.mappings.values()
    return [compiled(one, Surroundings(lambda _: b"", {}, xml=xml()), xml()) for one in every if one.format == "xml"]


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.xml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sample_comes_back_equal_or_is_refused_for_its_own_fault(path):
    trip = round_trip(path.read_bytes(), mappings(), xml(), StillWorld(datetime(2026, 5, 6), {}))
    wanted = NOT_VALID.get(path.stem, "") if path.parent == SAMPLES else ""
    assert (trip.refused, list(trip.misread), list(trip.differences)) == (wanted, [], [])
    assert trip.documents >= 1 or wanted


OWN = b"""<ceb:ExtendMessage xmlns:ceb="http://www.chinaport.gov.cn/ceb"><ceb:name>own</ceb:name><ceb:version>1
</ceb:version><ceb:Message><o:own xmlns:o="urn:own" a="1"><o:b>\xe7\x94\xb2 &amp; &lt;</o:b> c</o:own></ceb:Message>
</ceb:ExtendMessage>"""


@pytest.mark.parametrize("name", ["CEB311Message", "CEB213Message"])
def test_what_a_firm_puts_into_a_message_of_its_own_comes_back_equal(name):
    content = (SAMPLES / f"{name}.xml").read_bytes()
    at = content.index(b"<ds:Signature") if name == "CEB311Message" else content.rindex(b"</")
    trip = round_trip(content[:at] + OWN + content[at:], mappings(), xml(), StillWorld(datetime(2026, 5, 6), {}))
    assert (trip.refused, list(trip.misread), list(trip.differences)) == ("", [], [])
    assert b"urn:own" in trip.built


def test_every_message_is_mapped():
    roots = {one.root.partition(":")[2] for one in customs()}
    wanted = {name for schema in ("import", "export") for name in _roots(f"ceb_{schema}_202205.xsd")}
    assert wanted == roots
    assert len(roots) == 42


def _roots(schema: str) -> set[str]:
    found = {name.partition("}")[2] for name in xml().roots(f"shared/mappings/{schema}")}
    return {name for name in found if name.startswith("CEB")}


@pytest.mark.parametrize("mapping", customs(), ids=lambda mapping: mapping.id)
def test_every_element_of_the_schema_is_mapped(mapping):
    shape = xml().shape(mapping.schema, expanded(mapping.root, mapping.namespaces))
    assert shape is not None
    assert list(_unmapped(mapping.tree, shape, mapping)) == []


def _unmapped(leaves: tuple[MessageLeaf, ...], shape: XmlShape, mapping: MessageMapping):
    mapped = {expanded(leaf.name, mapping.namespaces): leaf for leaf in leaves}
    for child in shape.children:
        if child.name == SIGNATURE:
            continue
        if (leaf := mapped.get(child.name)) is None:
            yield child.local
        elif leaf.children:
            yield from _unmapped(leaf.children, child, mapping)


def test_former_editions_leave_as_those_in_force_do():
    mappings = force().definitions.mappings
    former = [one for one in customs() if one.edition_of and mappings[one.edition_of].to]
    assert len(former) >= 9
    for one in former:
        base = mappings[one.edition_of]
        assert (one.envelope, bool(one.sign), one.sign.key if one.sign else "") == (
            base.envelope,
            bool(base.sign),
            base.sign.key if base.sign else "",
        )
        assert one.sender is not None
        assert one.receiver is not None


def test_whatever_firms_send_is_taken_at_the_other_end():
    mappings = force().definitions.mappings
    sent = [one for one in customs() if one.to in ("customs_import", "customs_export")]
    assert len(sent) == 19
    for one in sent:
        taken = mappings[f"taken_{one.id}"]
        assert taken.is_strict
        assert taken.accept
        assert taken.refused
        assert (f"taken_{one.id}_2018" in mappings) == (f"{one.id}_2018" in mappings)
