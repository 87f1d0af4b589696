"""Checks of what leaves: channels and ways of notices that some node binds.

In: notices and nodes. Out: problems. What a version of the engine cannot yet carry out is refused here, so that nothing
leaves in another form than the definition says.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.subject import Subject, problem, unknown
from engine.model.system import MESSAGES, NOTICES, Node, Notice
from engine.problems import Problem

SITE = "site"
_ADAPTERS = (MESSAGES, NOTICES)


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
