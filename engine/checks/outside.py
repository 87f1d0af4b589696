"""Checks of the ways out of a node and into it: channels and ways of notices that it binds.

In: notices and nodes. Out: problems. What an adapter needs is asked for and what it does not know is refused here, so
that nothing leaves in another form, or by another way, than the node file says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.checks.subject import Subject, problem, unknown
from engine.loading.nearest import nearest
from engine.model.system import Node, Notice
from engine.model.traffic import NOTICES, ChannelBinding
from engine.problems import Problem, Span

SITE = "site"


@dataclass(frozen=True, slots=True)
class _Adapter:
    """What an adapter understands: keys, those it cannot be without (one of a group), and which ways it goes."""

    knows: frozenset[str]
    needs: tuple[tuple[str, ...], ...] = ()
    listens: bool = True
    needs_to_send: tuple[str, ...] = ()
    needs_to_listen: tuple[str, ...] = ()


_PARTNERS = frozenset(
    {
        "own", "partner", "key", "certificate", "sign", "encrypt", "compress", "url_from", "timeout", "receipts_to",
        "receipts_within",
    }
)  # fmt: skip
"""What channels by AS2 and AS3 share."""
_ADAPTERS = {
    "file": _Adapter(frozenset({"folder", "name", "checksum", "quiet", "keep_done", "poll"})),
    "database": _Adapter(frozenset({"queue", "url_from"})),
    "rabbitmq": _Adapter(
        frozenset({"url_from", "queue", "exchange", "routing", "prefetch", "priorities", "declare"}), (("url_from",),)
    ),
    "ibm_mq": _Adapter(
        frozenset({"url_from", "queue", "manager", "mq_channel"}), (("url_from",), ("manager",), ("mq_channel",))
    ),
    "rocketmq": _Adapter(frozenset({"url_from", "queue", "group"}), (("url_from",),)),
    "http": _Adapter(frozenset({"url", "url_from", "token_from", "timeout"}), (("url", "url_from"),), listens=False),
    "as2": _Adapter(
        _PARTNERS | {"path", "receipts_by"},
        (("own",), ("partner",), ("key",), ("certificate",)),
        needs_to_send=("url_from",),
    ),
    "as3": _Adapter(
        _PARTNERS | {"folder", "receipts", "done", "poll", "quiet", "authority"},
        (("own",), ("partner",), ("key",), ("certificate",), ("url_from",), ("folder",)),
        needs_to_send=("receipts_to",),
        needs_to_listen=("receipts",),
    ),
    NOTICES: _Adapter(frozenset(), listens=False),
}


def check_ways(subject: Subject, notice: Notice) -> Iterator[Problem]:
    """Ways that some node binds; people's own pages are always there."""
    nodes = subject.definitions.nodes.values()
    bound = {SITE, *(name for node in nodes for name in node.ways)}
    for way, place in subject.listed(notice.where, "via", names=notice.via):
        if nodes and way not in bound:
            yield Problem("SYS014", place, {"way": way}, related=tuple(node.where for node in nodes))


def check_channels(subject: Subject, node: Node) -> Iterator[Problem]:
    """Adapters that there are, with what they need; folders that stay within the node's own."""
    for name, bound in node.channels.items():
        place = subject.places.value(node.where, "channels", name)
        adapter = _ADAPTERS.get(bound.adapter)
        if adapter is None:
            yield unknown("SYS015", bound.adapter, tuple(_ADAPTERS), subject.places.value(place, "adapter"))
            continue
        yield from _keys(subject, place, bound, adapter)
        folder = bound.settings.get("folder", name)
        parts = folder.split("/") if bound.adapter == "as3" else [folder]  # one of a server of the partner's
        if not all(one.replace("_", "").replace("-", "").isalnum() for one in parts):
            yield problem("SYS016", subject.places.value(place, "folder"), folder=folder)
        yield from _receipts(subject, place, node, bound)


def _receipts(subject: Subject, place: Span, node: Node, bound: ChannelBinding) -> Iterator[Problem]:
    """Receipts leave by a channel of the same kind."""
    name = bound.settings.get("receipts_by", "")
    able = [other for other, one in node.channels.items() if one.sends and one.adapter == bound.adapter]
    if name and name not in able:
        yield unknown("REF019", name, able, subject.places.value(place, "receipts_by"))


def check_services(subject: Subject, node: Node) -> Iterator[Problem]:
    """Services have an address, and no password in it."""
    for name, bound in node.services.items():
        place = subject.places.value(node.where, "services", name)
        if not (bound.url or bound.url_from):
            yield problem("SYS030", place, adapter="http", key="url_from")
        if _has_password(bound.url):
            yield problem("SYS033", subject.places.value(place, "url"))


def _keys(subject: Subject, place: Span, bound: ChannelBinding, adapter: _Adapter) -> Iterator[Problem]:
    alone = tuple((key,) for key in (adapter.needs_to_send if bound.sends else adapter.needs_to_listen))
    for group in (*adapter.needs, *alone):
        if not any(key in bound.settings for key in group):
            yield problem("SYS030", place, adapter=bound.adapter, key=group[-1])
    for key in sorted(bound.settings.keys() - adapter.knows):
        where = subject.places.key(place, key)
        yield Problem("SYS031", where, {"adapter": bound.adapter, "key": key}, nearest(key, adapter.knows))
    if bound.listens and not adapter.listens:
        yield problem("SYS032", subject.places.value(place, "direction"), adapter=bound.adapter)
    if _has_password(bound.settings.get("url", "")):
        yield problem("SYS033", subject.places.value(place, "url"))


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.password is not None
