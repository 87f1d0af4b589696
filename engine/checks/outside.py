"""Checks of what leaves: messages that can be written, channels and ways of notices that some node binds.

In: mappings, notices and nodes. Out: problems. What a version of the engine cannot yet carry out is refused here, so
that nothing leaves in another form than the definition says.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.subject import Subject, problem, unknown
from engine.model.system import MESSAGES, NOTICES, MessageLeaf, MessageMapping, Node, Notice
from engine.problems import Problem

SITE = "site"
_ADAPTERS = (MESSAGES, NOTICES)
_FORMATS = ("json",)


def check_message(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    """Form and channel of what goes out; a mapping of what comes in alone has no channel."""
    if mapping.format not in _FORMATS:
        yield problem("SYS011", subject.places.value(mapping.where, "format"), format=mapping.format)
    for key, said in (("envelope", mapping.envelope), ("sign", mapping.sign)):
        if said:
            yield problem("SYS012", subject.places.key(mapping.where, key), key=key)
    yield from _leaves(subject, mapping.tree)
    nodes = subject.definitions.nodes.values()
    if mapping.to and nodes and mapping.to in subject.known("channel", mapping.system):
        bound = sorted({name for node in nodes for name in node.channels})
        if mapping.to not in bound:
            place = subject.places.value(mapping.where, "to")
            yield Problem("SYS013", place, {"name": mapping.to}, related=tuple(node.where for node in nodes))


def _leaves(subject: Subject, leaves: tuple[MessageLeaf, ...]) -> Iterator[Problem]:
    for leaf in leaves:
        said = {"wrap": leaf.wrap, "mapping": leaf.mapping, "attributes": leaf.attributes, "size": leaf.size}
        for key, value in said.items():
            if value:
                yield problem("SYS012", subject.places.key(leaf.where, key), key=key)
        yield from _leaves(subject, leaf.children)


def check_ways(subject: Subject, notice: Notice) -> Iterator[Problem]:
    """Ways that some node binds; people's own pages are always there."""
    nodes = subject.definitions.nodes.values()
    bound = {SITE, *(name for node in nodes for name in node.ways)}
    for way, place in subject.listed(notice.where, "via", names=notice.via):
        if nodes and way not in bound:
            yield Problem("SYS014", place, {"way": way}, related=tuple(node.where for node in nodes))


def check_channels(subject: Subject, node: Node) -> Iterator[Problem]:
    """Adapters that there are, and folders that stay within the node's own."""
    for name, settings in node.channels.items():
        place = subject.places.value(node.where, "channels", name)
        adapter, folder = settings.get("adapter", MESSAGES), settings.get("folder", name)
        if adapter not in _ADAPTERS:
            inner = subject.places.value(place, "adapter")
            yield unknown("SYS015", adapter, _ADAPTERS, inner)
        if not folder.replace("_", "").replace("-", "").isalnum():
            inner = subject.places.value(place, "folder")
            yield problem("SYS016", inner, folder=folder)
