"""The two sides of an AS3 relation over a real FTP server of the test's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.as2.as3 import FAMILY
from adapters.as2.as3_channel import As3Channel
from adapters.as2.as3_source import As3Source, Pace, Places
from adapters.as2.cms import ends_of
from adapters.as2.ftp import FtpFolder
from adapters.as2.ftp_server import Account, FtpServer
from adapters.as2.relation import Relation
from tests.adapters.certificates import pems

US, THEM = "our side", "THEM"


def relation(own: str = US, partner: str = THEM, **flags: Any) -> Relation:
    return Relation(own, partner, ends_of(pems(own)[0], pems(partner)[1]), FAMILY, **flags)


class Far:
    """A server with the folders `in` and `out`."""

    def __init__(self, folder: Path, **more: Any) -> None:
        for name in ("in", "out"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.server = FtpServer(folder, Account("us", "s3 cret"), ("127.0.0.1", 0), **more)

    def ftp(self, name: str = "line", scheme: str = "ftp", **more: Any) -> FtpFolder:
        return FtpFolder(name, f"{scheme}://us:s3%20cret@127.0.0.1:{self.server.port}", seconds=5, **more)

    def channel(self, **flags: Any) -> As3Channel:
        return As3Channel("out", relation(**flags), self.ftp(), "in", "ftp://us.example/out", 60.0)

    def source(self, folder: str = "in", receipts: str = "out", pace: Pace | None = None, **flags: Any) -> As3Source:
        """Their side's, as it takes what `channel` left; `turned` makes it ours."""
        places = Places(folder, receipts)
        return As3Source("in", relation(THEM, US, **flags), self.ftp(), places, pace or Pace(0.05, 0.0))

    def turned(self, source: As3Source) -> As3Source:
        """Our side, taking what they leave in `out`."""
        return replace(source, relation=relation(), places=Places("out", "in"))
