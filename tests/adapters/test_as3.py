"""AS3 over a real FTP server: both contracts of channels, receipts as files, lines that break, files that are wrong."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.as2.as3 import receipt_file, taken_of
from adapters.as2.as3_channel import As3Channel
from adapters.as2.as3_source import As3Source, Pace
from adapters.as2.ftp import FtpFolder, Gone
from adapters.as2.receipts import Receipt
from engine.model.traffic import RECEIPT_FOR, Outgoing
from engine.ports.receipts import Answering, Awaiting, Untrusted
from engine.problems import DeliveryError
from engine.testing.contracts.channels import ChannelContract, Delivered, SourceContract, taken
from tests.adapters.as3_side import THEM, US, Far, relation
from tests.adapters.certificates import NOW, pems

OF_AS3 = ("as3-message-id", "as3-from")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    made = Far(tmp_path / "far")
    yield made
    made.server.close()


class TestChannel(ChannelContract):
    @pytest.fixture(autouse=True)
    def _far(self, far: Far) -> Iterator[None]:
        self.far, self.opened = far, []
        yield
        for one in self.opened:
            one.close()

    def channel(self) -> As3Channel:
        made = self.far.channel()
        self.opened.append(made)
        return made

    def delivered(self) -> Sequence[Delivered]:
        files = sorted((self.far.folder / "in").iterdir())
        arrived = [taken_of(relation(THEM, US), one.read_bytes(), "", NOW).arrived for one in files]
        plain = [{name: one for name, one in found.headers.items() if name not in OF_AS3} for found in arrived]
        return [Delivered(one.body, one.key, one.kind, told) for one, told in zip(arrived, plain, strict=True)]

    def test_nothing_half_written_counts_and_a_lost_line_is_an_incident(self) -> None:
        channel = self.channel()
        assert isinstance(channel, Awaiting)
        assert channel.probe().waiting == 0
        self.far.server.close()
        with pytest.raises(DeliveryError) as caught:
            channel.send(b"x", key="a", kind="", headers={})
        assert caught.value.incident.retry
        assert "s3" not in str(caught.value)


class TestSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _far(self, far: Far) -> None:
        self.far = far

    def source(self) -> As3Source:
        return self.far.source()

    def put(self, *messages: Outgoing) -> None:
        channel = self.far.channel()
        for one in messages:
            channel.send(one.body, key=one.key, kind=one.kind, headers=one.headers)
        channel.close()

    def aside(self) -> Sequence[bytes]:
        files = (self.far.folder / "in").glob("*.failed")
        return [taken_of(relation(THEM, US), one.read_bytes(), "", NOW).arrived.body for one in files]


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def sent(far: Far, body: bytes = b"x", key: str = "k", **flags: Any) -> Outgoing:
    channel = far.channel(**flags)
    channel.send(body, key=key, kind="report", headers={})
    channel.close()
    return Outgoing(body, key, "report")


def rounds(source: As3Source, **outcomes: str) -> list[Any]:
    """What a round of listening does: take, land, answer, accept."""
    found = taken(source, 1)
    source.answer({one.tag: outcomes.get(one.key, "") for one in found})
    source.accept([one.tag for one in found])
    return found


def test_a_receipt_is_left_before_a_file_goes_and_says_what_became_of_it(far: Far) -> None:
    source = far.source()
    assert isinstance(source, Answering)
    for code, why in (("", ""), ("MSG201", "unexpected-processing-error")):
        message = sent(far)
        (found,) = taken(source, 1)
        assert names(far.folder / "out") == []
        source.answer({found.tag: code})
        assert len(names(far.folder / "in")) == 1
        source.accept([found.tag])
        ours = far.turned(far.source())
        (receipt,) = rounds(ours)
        assert receipt.headers[RECEIPT_FOR] == far.channel().reference("k", {})
        if not why:
            far.channel().judge(message, receipt.body)
        else:
            with pytest.raises(DeliveryError, match=why):
                far.channel().judge(message, receipt.body)
        with pytest.raises((DeliveryError, Untrusted)):
            far.channel().judge(replace(message, body=b"y"), receipt.body)
        ours.close()
        assert (names(far.folder / "in"), names(far.folder / "out")) == ([], [])
    source.close()


def test_what_is_not_to_be_trusted_comes_as_such_and_is_answered_if_the_partner_is_known(far: Far) -> None:
    source = far.source()
    sent(far, encrypt=False)
    (far.folder / "in" / "a").write_bytes(b"junk")
    strange = far.channel()
    replace(strange, relation=replace(relation(), own="somebody")).send(b"x", key="s", kind="", headers={})
    forged = receipt_file(replace(relation(), ends=relation("x", THEM).ends), Receipt("<1@as3>", "m"))
    (far.folder / "in" / "z.mdn").write_bytes(forged)
    found = taken(source, 4)
    source.answer({one.tag: "" for one in found})
    source.accept([one.tag for one in found])
    assert all(one.distrusted and one.body and not one.key for one in found)
    assert sorted(one.distrusted.split(":")[0] for one in found) == [
        "an entity without its head", "an unknown partner", "insufficient-message-security",
        "the receipt is not to be trusted",
    ]  # fmt: skip
    (answer,) = (far.folder / "out").iterdir()
    assert b"processed/error: insufficient-message-security" in answer.read_bytes()
    assert names(far.folder / "in") == []
    source.close()
    strange.close()


def test_what_is_too_large_is_not_fetched_and_stays_as_failed(far: Far) -> None:
    with (far.folder / "in" / "dump").open("wb") as file:
        file.truncate(200_000)
    source = far.source(most=1_000)
    (found,) = rounds(source)
    assert (found.body, found.distrusted) == (b"", "too large: dump, 200000 bytes")
    assert names(far.folder / "in") == ["dump.failed"]
    source.close()


def test_a_file_that_is_still_written_is_waited_for(far: Far) -> None:
    source = far.source(pace=Pace(0.05, 0.4))
    sent(far)
    (path,) = (far.folder / "in").iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:100])
    assert list(source.receive(5, 0.2)) == []
    path.write_bytes(content)
    os.utime(path, (time.time(), time.time() + 2))
    assert list(source.receive(5, 0.3)) == []
    assert [one.body for one in taken(source, 1)] == [b"x"]
    source.close()


def test_a_line_that_breaks_within_a_file_loses_and_doubles_nothing(far: Far) -> None:
    message = sent(far, os.urandom(2 << 20))
    broken: list[int] = []
    transfer: Any = far.server.handler.dtp_handler

    class Cut(transfer):
        """Ends the whole conversation within the first two transfers."""

        def send(self, data: bytes) -> int:
            if len(broken) < 2:
                broken.append(1)
                self.cmd_channel.close()
                return 0
            return int(super().send(data))

    far.server.handler.dtp_handler = Cut
    source = far.source()
    for _ in range(2):
        with pytest.raises(DeliveryError):
            taken(source, 1)
        source.close()
    assert [one.body == message.body for one in rounds(source)] == [True]
    assert (len(broken), names(far.folder / "in"), len(names(far.folder / "out"))) == (2, [], 1)
    source.close()


def test_a_line_that_breaks_before_the_receipt_brings_the_file_again(far: Far) -> None:
    sent(far)
    source = far.source()
    (found,) = taken(source, 1)
    shutil.rmtree(far.folder / "out")
    with pytest.raises(DeliveryError):
        source.answer({found.tag: ""})
    source.close()
    (far.folder / "out").mkdir()
    assert [one.key for one in rounds(source)] == ["k"]
    assert len(names(far.folder / "out")) == 1
    source.close()


def test_what_a_dead_process_had_claimed_comes_again_when_its_claim_ends(far: Far) -> None:
    sent(far)
    dead = far.source()
    taken(dead, 1)
    other = far.source()
    assert list(other.receive(5, 0.2)) == []
    other.now = lambda: NOW + timedelta(hours=1)
    other._look_at = 0.0
    assert [one.key for one in taken(other, 1)] == ["k"]
    with pytest.raises(DeliveryError, match="come again"):
        other.accept(["elsewhere"])
    for one in (dead, other):
        one.close()


def test_taken_files_may_be_kept(far: Far) -> None:
    (far.folder / "done").mkdir()
    sent(far)
    source = far.source()
    source.places = replace(source.places, done="done")
    rounds(source)
    assert (names(far.folder / "in"), len(names(far.folder / "done"))) == ([], 1)
    assert source.probe().waiting == 0
    source.close()


def test_certificates_that_ended_stop_both_ways(far: Far) -> None:
    channel, source = replace(far.channel(), now=lambda: NOW + timedelta(days=30)), far.source()
    source.now = channel.now
    for use in (lambda: channel.send(b"", key="a", kind="", headers={}), channel.probe, source.probe):
        with pytest.raises(DeliveryError, match="not valid now"):
            use()
    sent(far)
    (found,) = taken(source, 1)
    assert "not valid now" in found.distrusted
    source.close()


class TestServers:
    """FTP as servers differ."""

    flags: ClassVar = {}

    def test_over_tls_only_whom_its_authority_certifies(self, tmp_path: Path) -> None:
        key, certificate = pems("127.0.0.1")
        (tmp_path / "server.pem").write_bytes(key)
        far = Far(tmp_path / "tls", certificate=tmp_path / "server.pem")
        try:
            safe = far.ftp(scheme="ftps", authority=certificate.decode())
            safe.put("in/a", b"1")
            assert (safe.fetch("in/a", 10), [one.name for one in safe.files("in")]) == (b"1", ["a"])
            safe.close()
            for ftp in (far.ftp(scheme="ftps"), far.ftp()):
                with pytest.raises(DeliveryError):
                    ftp.files("in")
        finally:
            far.server.close()

    def test_one_that_knows_no_mlsd_and_no_size_will_do(self, far: Far) -> None:
        far.server.handler.proto_cmds = {
            name: told for name, told in far.server.handler.proto_cmds.items() if name not in ("MLSD", "SIZE")
        }
        ftp = far.ftp()
        assert ftp.files("in") == []
        ftp.put("in/b", b"1")
        ftp.put("in/b", b"2")
        assert [(one.name, one.size) for one in ftp.files("in")] == [("b", None)]
        assert ftp.fetch("in/b", 10) == b"2"
        with pytest.raises(Gone):
            ftp.remove("in/none")
        ftp.close()

    def test_wrong_accounts_and_addresses_are_told_without_them(self, far: Far) -> None:
        far.server.handler.auth_failed_timeout = 0
        wrong = FtpFolder("line", f"ftp://us:wr0ng@127.0.0.1:{far.server.port}")
        with pytest.raises(DeliveryError) as caught:
            wrong.files("")
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(ValueError, match="ftp://"):
            FtpFolder("line", "http://x")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            with pytest.raises(DeliveryError):
                FtpFolder("line", f"ftp://127.0.0.1:{closed.getsockname()[1]}").files("")
