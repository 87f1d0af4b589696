"""`guiju messages`: real messages there and back, and what a mapping begins with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import cast

from engine.commands.composition import Composition
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.console import say, spoken
from engine.expressions.environment import World
from engine.loading.nearest import nearest
from engine.mappings.compiled import CompiledMapping, compiled
from engine.mappings.leaves import Surroundings
from engine.mappings.roundtrip import StillWorld, Trip, round_trip
from engine.mappings.scaffold import Scaffold, scaffold
from engine.model.system import Definitions
from engine.model.xml_shapes import local_name
from engine.ports.xml import Xml
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`messages roundtrip FILE…` and `messages scaffold XSD ROOT`."""
    parser = verb(verbs, "messages", say("messages.help"), "guiju messages roundtrip order.xml", _nothing)
    inner = parser.add_subparsers(title=say("verbs"), metavar="VERB")
    trip = verb(inner, "roundtrip", say("messages.roundtrip"), "guiju messages roundtrip *.xml", _roundtrip)
    trip.add_argument("files", nargs="+", type=Path, metavar="FILE")
    made = verb(inner, "scaffold", say("messages.scaffold"), "guiju messages scaffold a.xsd Order", _scaffold)
    made.add_argument("xsd", type=Path, metavar="XSD")
    made.add_argument("root", metavar="ROOT")
    made.add_argument("--system", default="", help=say("messages.system"))
    made.add_argument("--document", default="", help=say("messages.document"))
    made.add_argument("--prefix", default="m", help=say("messages.prefix"))


def _nothing(composition: Composition, options: argparse.Namespace) -> int:
    fault(say("messages.which"))
    return 2


def _roundtrip(composition: Composition, options: argparse.Namespace) -> int:
    """Each file there and back: 0 unless something is wrong that is ours."""
    force, problems, sources = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    xml = composition.xml(sources)
    mappings = list(_compiled(force.definitions, xml))
    parameters = {name: one.value for name, one in force.definitions.parameters.items()}
    world = cast("World", StillWorld(datetime(2000, 1, 1), parameters))
    ours = False
    for path in options.files:
        if not path.is_file():
            fault(say("messages.absent", file=str(path)))
            return 2
        trip = round_trip(path.read_bytes(), mappings, xml, world)
        ours = ours or trip.is_ours
        for text in _told(path, trip):
            line(text)
    return 1 if ours else 0


def _compiled(definitions: Definitions, xml: Xml) -> Iterator[CompiledMapping]:
    codes = {
        name: {code: dict(entries[0].columns) for code, entries in one.by_code.items() if entries}
        for name, one in definitions.codes.items()
    }
    around = Surroundings(lambda _hash: b"", codes, exact=True, xml=xml)
    for mapping in definitions.mappings.values():
        if mapping.format == "xml":
            yield compiled(mapping, around, xml)


def _told(path: Path, trip: Trip) -> Iterator[str]:
    name = str(path)
    if trip.refused:
        yield say(f"messages.{'schema' if trip.refused == 'schema' else 'refused'}", file=name, mapping=trip.mapping)
        if trip.unreadable is not None:
            yield f"  {trip.unreadable[spoken()]}"
        elif trip.refused == "unknown":
            yield "  " + say("messages.unknown")
        for one in trip.schema:
            yield f"  {name}:{one.line}: {one.path}: {one.text}"
    elif trip.is_ours:
        yield say("messages.differs", file=name, mapping=trip.mapping)
        for misread in trip.misread:
            yield f"  {name}:{misread.line}: {misread.text[spoken()]}"
        for difference in trip.differences:
            yield f"  {name}:{difference}"
    else:
        yield say("messages.equal", file=name, mapping=trip.mapping, count=str(trip.documents))


def _scaffold(composition: Composition, options: argparse.Namespace) -> int:
    """Print a document type and a mapping; with `--system` write them into the definitions."""
    if not options.xsd.is_file():
        fault(say("messages.absent", file=str(options.xsd)))
        return 2
    schemas = {path.name: path.read_text("utf-8-sig") for path in options.xsd.parent.glob("*.xsd")}
    xml = composition.xml(schemas)
    try:
        roots = {local_name(root): root for root in xml.roots(options.xsd.name)}
    except ValueError as error:
        fault(str(error))
        return 2
    shape = xml.shape(options.xsd.name, roots[options.root]) if options.root in roots else None
    if shape is None:
        near = nearest(options.root, list(roots))
        fault(say("messages.root", root=options.root, near=say("near", name=near) if near else ""))
        return 2
    document = options.document or options.root.lower()
    document_text, mapping_text = scaffold(shape, Scaffold(document, document, options.xsd.name, options.prefix))
    folder = PurePosixPath(options.system or "SYSTEM", document)
    texts = {
        str(folder / "document.yaml"): document_text,
        str(folder / "mappings" / f"{document}.yaml"): mapping_text,
    }
    return _written(composition, options, texts, schemas)


def _written(
    composition: Composition, options: argparse.Namespace, texts: Mapping[str, str], schemas: Mapping[str, str]
) -> int:
    if not options.system:
        for path, text in texts.items():
            line(f"# {path}\n{text}")
        return 0
    beside = {f"{options.system}/mappings/{name}": text for name, text in schemas.items()}
    taken = [path for path in texts if (composition.definitions / path).exists()]
    if taken:
        fault(say("messages.taken", file=taken[0]))
        return 2
    for path, text in {**beside, **texts}.items():
        target = composition.definitions / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_text(text, "utf-8")
            line(say("messages.written", file=path))
    return 0
