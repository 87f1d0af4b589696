"""Composition root, partners by AS2 and AS3: their channels, sources and gates, with keys out of the node's key room.

In: a node's bindings, the folder of keys and what seals them, addresses out of the environment. Out: adapters. What
cannot be opened raises ValueError, OSError or MissingSecret, which `wiring` tells of.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from adapters.as2.as3 import FAMILY
from adapters.as2.as3_channel import As3Channel
from adapters.as2.as3_source import POLL, QUIET, As3Source, Pace, Places
from adapters.as2.channel import As2Channel
from adapters.as2.door import Gate
from adapters.as2.ftp import FtpFolder
from adapters.as2.ftp_server import Account, FtpServer
from adapters.as2.keys import PartnerKeys, strange_key
from adapters.as2.partner import Partner, forger
from adapters.as2.partner_room import FolderRoom, HttpRoom, Serving, at_work
from adapters.as2.relation import LARGEST, Relation
from adapters.http.channel import SECONDS, HttpPoster, Posted
from engine.model.system import Node
from engine.model.traffic import ChannelBinding
from engine.ports.partners import Play

AS2, AS3 = "as2", "as3"
AS2_PATH = "/as2"
DAY = 86_400.0


class MissingSecret(Exception):
    """A variable that a channel names is not set."""


def secret(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """What a variable holds, or the file that NAME_FILE names. Raises MissingSecret; the text holds names alone."""
    if environment.get(name):
        return environment[name]
    path = environment.get(f"{name}_FILE", "")
    try:
        found = Path(path).read_text("utf-8").strip() if path else ""
    except (OSError, ValueError):
        raise MissingSecret(f"the file that {name}_FILE names cannot be read") from None
    if not found:
        raise MissingSecret(f"the environment has neither {name} nor {name}_FILE")
    return found


def address_of(bound: ChannelBinding) -> str:
    """The address of a channel: sealed with its settings, else out of the environment. Raises MissingSecret."""
    return bound.secrets["url"] if "url" in bound.secrets else secret(bound.settings["url_from"])


@dataclass(frozen=True, slots=True)
class Partners:
    """Makes what partners are reached by. `keys` is asked when something is first opened."""

    keys: Callable[[], PartnerKeys]

    def channel(self, name: str, bound: ChannelBinding) -> As2Channel | As3Channel:
        """A channel by which messages leave."""
        settings, relation = bound.settings, self.relation(bound)
        receipts_to = settings.get("receipts_to", "")
        within = float(settings.get("receipts_within", DAY))
        if bound.adapter == AS3:
            return As3Channel(name, relation, self._ftp(name, bound), settings["folder"], receipts_to, within)
        poster = HttpPoster(name, address_of(bound), seconds=float(settings.get("timeout", SECONDS)))
        return As2Channel(name, relation, poster, receipts_to=receipts_to, within=within if receipts_to else 0.0)

    def source(self, name: str, bound: ChannelBinding) -> As3Source:
        """A folder by which messages and receipts come in."""
        settings = bound.settings
        places = Places(settings["folder"], settings["receipts"], settings.get("done", ""))
        pace = Pace(float(settings.get("poll", POLL)), float(settings.get("quiet", QUIET)))
        return As3Source(name, self.relation(bound), self._ftp(name, bound), places, pace)

    def gate(self, node: Node, name: str, bound: ChannelBinding) -> Gate:
        """A door by which messages and receipts come in."""
        path, later = bound.settings.get("path", AS2_PATH), bound.settings.get("receipts_by", "")
        origin = ""
        if later:
            parts = urlsplit(address_of(node.channels[later]))
            origin = f"{parts.scheme}://{parts.netloc}".lower()
        return Gate(name, path, self.relation(bound), later, origin)

    def relation(self, bound: ChannelBinding) -> Relation:
        """What was agreed with a partner."""
        settings = bound.settings
        ends = self.keys().ends(settings["key"], settings["certificate"])
        flags = {name: settings[name] == "true" for name in ("sign", "encrypt", "compress") if name in settings}
        family = FAMILY if bound.adapter == AS3 else "AS2"
        return Relation(settings["own"], settings["partner"], ends, family, most=bound.most or LARGEST, **flags)

    def _ftp(self, name: str, bound: ChannelBinding) -> FtpFolder:
        settings = bound.settings
        authority = self.keys().text(settings["authority"]) if "authority" in settings else ""
        seconds = float(settings.get("timeout", SECONDS))
        return FtpFolder(name, address_of(bound), seconds=seconds, authority=authority)


def played(keys: PartnerKeys, play: Play, told: Callable[[str], None]) -> int:
    """Be a partner to try against, until it is interrupted. Raises ValueError, OSError, ImportError."""
    family = FAMILY if play.ftp else "AS2"
    relation = Relation(play.own, play.partner, keys.ends(play.key, play.certificate), family)
    for name in ("send", "in", "out") if play.ftp else ("send",):
        (play.folder / name).mkdir(parents=True, exist_ok=True)
    partner = Partner(relation, play.folder, play.answers, forger(relation, strange_key()))
    serving: FtpServer | Serving
    if play.ftp:
        user, _, password = play.ftp.partition(":")
        serving = FtpServer(play.folder, Account(user, password), (play.host, play.port))
        step = FolderRoom(partner, play.folder, play.receipts_to or "ftp://receipts.invalid/in", play.pause).step
    else:
        room = HttpRoom(partner, _posted, play.to, play.receipts_to, play.pause)
        serving, step = Serving(room, play.host, play.port), room.step
    try:
        told(f"{'ftp' if play.ftp else 'http'}://{play.host}:{serving.port}/")
        at_work(step, told)
    except KeyboardInterrupt:
        return 0
    finally:
        serving.close()


def _posted(url: str, heads: Mapping[str, str], body: bytes) -> Posted:
    poster = HttpPoster("partner", url)
    try:
        return poster.post(body, heads)
    finally:
        poster.close()
