import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.file_channel import source as files
from adapters.file_channel.channel import FileChannel
from adapters.file_channel.source import LARGEST, FileSource
from adapters.notify.spool import SpoolNotifier
from adapters.queue_memory.channel import MemoryQueue, MemorySource
from engine.model.traffic import Outgoing
from engine.problems import DeliveryError
from engine.testing.contracts.channels import (
    Delivered,
    NotifierContract,
    RememberingContract,
    SourceContract,
    taken,
)


class AtOnce(RememberingContract):
    def test_senders_at_once_deliver_once(self) -> None:
        channel = self.channel()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: channel.send(b"body", key=f"k{n % 5}", kind="report", headers={}), range(40)))
        assert sorted(message.key for message in self.delivered()) == ["k0", "k1", "k2", "k3", "k4"]


class TestMemoryQueue(AtOnce):
    @pytest.fixture(autouse=True)
    def _queue(self) -> None:
        self.queue = MemoryQueue()

    def channel(self) -> MemoryQueue:
        return self.queue

    def delivered(self) -> Sequence[Delivered]:
        return [Delivered(m.body, m.key, m.kind, m.headers) for m in self.queue.take(1_000)]

    def test_taking_takes_away(self) -> None:
        for number in range(3):
            self.queue.send(b"", key=str(number), kind="", headers={})
        assert [message.key for message in self.queue.take(2)] == ["0", "1"]
        assert len(self.queue) == 1


class TestMemorySource(SourceContract):
    @pytest.fixture(autouse=True)
    def _queue(self) -> None:
        self.queue = MemoryQueue()

    def source(self) -> MemorySource:
        return MemorySource(self.queue)

    def put(self, *messages: Outgoing) -> None:
        for one in messages:
            self.queue.send(one.body, key=one.key, kind=one.kind, headers=one.headers)

    def aside(self) -> Sequence[bytes]:
        return [one.body for one in self.queue.aside]


class TestFileChannel(AtOnce):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "out"

    def channel(self) -> FileChannel:
        return FileChannel(self.folder)

    def delivered(self) -> Sequence[Delivered]:
        found = []
        for path in sorted(self.folder.glob("*.msg")):
            about = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
            found.append(Delivered(path.read_bytes(), about["key"], about["kind"], about["headers"]))
        return found

    def test_receiver_may_take_files_away(self) -> None:
        self.channel().send(b"x", key="a", kind="report", headers={})
        for path in self.folder.glob("*.msg*"):
            path.unlink()
        self.channel().send(b"x", key="a", kind="report", headers={})
        assert self.delivered() == []

    def test_crash_before_the_note_writes_the_same_name_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        publish = FileChannel._publish

        def broken(channel: FileChannel, path: Path, content: bytes) -> None:
            if path.parent.name == ".sent" and len(path.name) == 64:
                raise OSError(5, "power cut")
            publish(channel, path, content)

        monkeypatch.setattr(FileChannel, "_publish", broken)
        with pytest.raises(DeliveryError, match="power cut"):
            self.channel().send(b"x", key="a", kind="report", headers={})
        before = sorted(self.folder.iterdir())
        monkeypatch.undo()
        self.channel().send(b"x", key="a", kind="report", headers={})
        self.channel().send(b"y", key="b", kind="report", headers={})
        assert sorted(self.folder.iterdir())[: len(before)] == before
        assert [message.key for message in self.delivered()] == ["a", "b"]

    def test_nothing_half_written_stays(self) -> None:
        self.channel().send(b"x", key="a", kind="report", headers={})
        assert sorted(path.name for path in (self.folder / ".sent").iterdir() if len(path.name) < 64) == [
            "lock",
            "serial",
        ]

    def test_lost_folder_is_an_incident(self, tmp_path: Path) -> None:
        channel = self.channel()
        self.folder.rename(tmp_path / "gone")
        with pytest.raises(DeliveryError) as caught:
            channel.send(b"x", key="a", kind="report", headers={})
        assert caught.value.incident.retry

    def test_own_name(self) -> None:
        FileChannel(self.folder, "{kind}_{serial}.xml").send(b"x", key="a", kind="gap out", headers={})
        assert (self.folder / "gap-out_000000000001.xml").read_bytes() == b"x"

    @pytest.mark.parametrize("kind", ["sm3", "sha256"])
    def test_the_checksum_stands_beside_it(self, kind: str) -> None:
        FileChannel(self.folder, "{serial}.xml", kind).send(b"abc", key="a", kind="", headers={})
        (told,) = self.folder.glob(f"*.{kind}")
        assert told.read_text("ascii") == f"{ABC[kind]}  000000000001.xml\n"

    def test_a_checksum_that_nobody_knows_is_refused(self) -> None:
        with pytest.raises(ValueError, match="crc"):
            FileChannel(self.folder, "{serial}", "crc")

    @pytest.mark.parametrize("name", ["{kind}.xml", "../{serial}", ".{serial}", "fixed"])
    def test_name_that_cannot_work_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="serial"):
            FileChannel(self.folder, name)


ABC = {
    "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
}
"""Of `abc`, as GB/T 32905 and FIPS 180-4 have it."""


class TestChecksums:
    """A file is taken once its checksum is there and fits."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        self.folder = tmp_path / "in"
        self.source = FileSource(self.folder, quiet=0.0, checksum="sm3")
        yield
        self.source.close()

    def put(self, name: str, body: bytes, told: str | None) -> Path:
        if told is not None:
            (self.folder / f"{name}.sm3").write_text(told, "ascii")
        (self.folder / name).write_bytes(body)
        return self.folder / name

    def test_it_waits_for_its_checksum_and_goes_away_with_it(self) -> None:
        self.put("a.xml", b"abc", None)
        assert self.source.receive(5, 0) == []
        (self.folder / "a.xml.sm3").write_text(f"{ABC['sm3'].upper()} *a.xml\r\n", "ascii")
        (found,) = self.source.receive(5, 0)
        assert (found.body, found.key, found.distrusted) == (b"abc", "a.xml", "")
        self.source.accept([found.tag])
        assert sorted(path.name for path in (self.folder / "done").iterdir()) == ["a.xml", "a.xml.sm3"]
        assert [path for path in self.folder.iterdir() if path.is_file()] == []

    @pytest.mark.parametrize("told", [None, "", "0" * 64, "\x00"])
    def test_one_that_does_not_fit_is_put_aside_after_its_time(self, told: str | None) -> None:
        path = self.put("a.xml", b"abc", told)
        self.put("b.xml", b"abc", ABC["sm3"])
        (good,) = self.source.receive(5, 0)
        assert good.key == "b.xml"
        os.utime(path, (1, 1))
        (found,) = self.source.receive(5, 0)
        assert "checksum" in found.distrusted
        self.source.accept([found.tag])
        assert (self.folder / "failed" / "a.xml").exists()

    def test_what_was_taken_goes_back_whole(self) -> None:
        self.put("a.xml", b"abc", ABC["sm3"])
        self.put("b.2.json", b"{}", None)
        assert len(self.source.receive(5, 0)) == 1
        (next((self.folder / ".taken").glob("[!.]*")) / "c.2.json").write_bytes(b"{}")
        self.source.close()
        assert {path.name for path in self.folder.iterdir() if path.is_file()} == {
            "a.xml", "a.xml.sm3", "b.2.json", "c.2.json",
        }  # fmt: skip

    def test_what_one_side_writes_the_other_takes(self) -> None:
        FileChannel(self.folder, "{serial}.xml", "sm3").send(b"x", key="k", kind="report", headers={})
        (found,) = self.source.receive(5, 0)
        assert (found.body, found.key, found.kind) == (b"x", "k", "report")


class TestFileSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "in"

    quiet = 0.3
    keep_done = True

    def source(self) -> FileSource:
        return FileSource(self.folder, quiet=self.quiet, keep_done=self.keep_done)

    def put(self, *messages: Outgoing) -> None:
        channel = FileChannel(self.folder)
        for one in messages:
            channel.send(one.body, key=one.key, kind=one.kind, headers=one.headers)

    def aside(self) -> Sequence[bytes]:
        return [path.read_bytes() for path in (self.folder / "failed").glob("*.msg")]

    def test_an_empty_folder_is_looked_at_after_its_time(self) -> None:
        source = FileSource(self.folder, quiet=0, poll=0.3)
        begun = time.monotonic()
        assert source.receive(9, 0.05) == []
        (self.folder / "a.xml").write_bytes(b"<a/>")
        assert source.receive(9, 0.05) == []  # too early, and waited for what it was asked
        while not (found := source.receive(9, 0.1)):
            assert time.monotonic() - begun < 5
        assert time.monotonic() - begun >= 0.3
        assert [one.body for one in found] == [b"<a/>"]
        source.close()

    def test_a_plain_file_comes_when_it_is_quiet_and_goes_to_done(self) -> None:
        source = self.opened()
        (self.folder / "回执 1.xml").write_bytes(b"<a/>")
        (self.folder / "half.xml.part").write_bytes(b"<")
        assert list(source.receive(5, 0)) == []
        (found,) = taken(source, 1)
        assert (found.body, found.key, found.kind) == (b"<a/>", "回执 1.xml", "")
        source.accept([found.tag])
        assert [path.name for path in (self.folder / "done").iterdir()] == ["回执 1.xml"]

    def test_the_same_name_again_keeps_both_in_done(self) -> None:
        source = self.opened()
        for body in (b"1", b"2"):
            (self.folder / "a.xml").write_bytes(body)
            source.accept([taken(source, 1)[0].tag])
        assert sorted(path.read_bytes() for path in (self.folder / "done").iterdir()) == [b"1", b"2"]

    def test_a_file_that_does_not_fit_its_digest_is_not_taken(self) -> None:
        self.put(Outgoing(b"whole", "a"))
        (path,) = self.folder.glob("*.msg")
        path.write_bytes(b"wh")
        source = self.opened()
        assert list(source.receive(5, 0.05)) == []
        os.utime(path, (1, 1))
        (found,) = source.receive(5, 0.05)
        assert (found.body, found.distrusted) == (b"wh", "the content does not fit its digest")
        source.accept([found.tag])
        assert self.aside() == [b"wh"]

    @pytest.mark.parametrize("kind", ["link", "link to a folder", "pipe", "large", "unreadable", "gone link"])
    def test_what_is_no_file_to_be_read_is_told_without_content(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor does it keep the one behind it from its turn."""
        source, path = self.opened(), self.folder / "dump.msg"
        (tmp_path / "secret").write_bytes(b"secret")
        if kind == "large":
            with path.open("wb") as file:
                file.truncate(LARGEST + 1)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "unreadable":
            path.write_bytes(b"x")
            opened = os.open
            refused = lambda name, *more: opened("/proc/none" if Path(name).name == path.name else name, *more)  # noqa: E731
            monkeypatch.setattr(os, "open", refused)
        else:
            path.symlink_to({"link": tmp_path / "secret", "gone link": tmp_path / "none"}.get(kind, tmp_path))
        os.utime(path, (1, 1), follow_symlinks=False)
        self.put(Outgoing(b"good", "good"))
        found = taken(source, 2)
        assert {one.key: one.body for one in found} == {"dump.msg": b"", "good": b"good"}
        assert [bool(one.distrusted) for one in found] == [True, False]
        source.accept([one.tag for one in found])
        assert [one.name for one in (self.folder / "failed").iterdir()] == ["dump.msg"]
        assert (tmp_path / "secret").read_bytes() == b"secret"

    @pytest.mark.parametrize("about", ["link", "pipe", "folder", "deep", "large", "list"])
    def test_what_stands_beside_a_message_leads_nowhere(self, about: str, tmp_path: Path) -> None:
        self.quiet, self.keep_done = 0, False
        source, beside = self.opened(), self.folder / "a.msg.json"
        (tmp_path / "secret").write_text('{"key": "secret"}')
        {
            "link": lambda: beside.symlink_to(tmp_path / "secret"),
            "pipe": lambda: os.mkfifo(beside),
            "folder": beside.mkdir,
            "deep": lambda: beside.write_bytes(b"[" * 100_000),
            "large": lambda: beside.write_bytes(b'{"key": "' + b"x" * (2 << 20) + b'"}'),
            "list": lambda: beside.write_bytes(b"[1]"),
        }[about]()
        (self.folder / "a.msg").write_bytes(b"x")
        (found,) = taken(source, 1)
        assert (found.body, found.key) == (b"x", "a.msg")
        source.accept([found.tag])
        source.close()
        assert not (self.folder / "a.msg").exists()

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("回执.xml".encode("gb18030"), "回执.xml"),
            (b"\xff\xfe.xml", "\\xff\\xfe.xml"),
            (b"n" * 255, "n" * 255),
            ("长".encode() * 84, "长" * 84),
            (b"a\nb.xml", "a\nb.xml"),
        ],
    )
    def test_any_name_that_a_file_can_have_is_a_key(self, name: bytes, key: str) -> None:
        self.quiet = 0
        source = self.opened()
        for body in (b"1", b"2"):
            Path(os.fsdecode(os.fsencode(self.folder) + b"/" + name)).write_bytes(body)
            (found,) = taken(source, 1)
            assert (found.body, found.key) == (body, key)
            source.accept([found.tag])
        assert len(list((self.folder / "done").iterdir())) == 2

    def test_many_large_files_are_not_in_memory_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "ROUND", 10)
        self.quiet = 0
        source = self.opened()
        for number in range(4):
            (self.folder / f"{number}.xml").write_bytes(b"123456")
        assert [len(source.receive(9, 0)) for _ in range(3)] == [2, 2, 0]

    def test_json_that_stands_beside_nothing_is_a_message(self) -> None:
        self.quiet = 0
        source = self.opened()
        path = self.folder / "orders.2026.json"
        path.write_bytes(b"{}")
        assert list(source.receive(5, 0)) == []
        os.utime(path, (1, 1))
        assert [one.key for one in source.receive(5, 0)] == ["orders.2026.json"]

    def test_what_a_dead_process_had_taken_comes_again(self) -> None:
        self.put(Outgoing(b"x", "a"))
        child = os.fork()
        if child == 0:
            taken(self.opened(), 1)
            os._exit(9)
        os.waitpid(child, 0)
        assert [one.key for one in taken(self.opened(), 1)] == ["a"]

    def test_a_lost_folder_is_an_incident(self) -> None:
        source = self.opened()
        shutil.rmtree(self.folder)
        with pytest.raises(DeliveryError):
            source.receive(1, 0)


class TestSpoolNotifier(NotifierContract):
    @pytest.fixture(autouse=True)
    def _path(self, tmp_path: Path) -> None:
        self.path = tmp_path / "spool" / "sms.jsonl"

    def notifier(self) -> SpoolNotifier:
        return SpoolNotifier(self.path)

    def received(self) -> Sequence[tuple[str, str]]:
        lines = [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
        return [(line["to"], line["text"]) for line in lines]

    def test_line_cut_off_by_a_crash_is_cut_away(self) -> None:
        self.notifier().send("a", "甲", "n-1")
        with self.path.open("ab") as file:
            file.write(b'{"key": "n-2", "to": "b", "te')
        self.notifier().send("b", "乙", "n-2")
        assert self.received() == [("a", "甲"), ("b", "乙")]

    def test_folder_in_the_way_is_an_incident(self) -> None:
        self.path.mkdir(parents=True)
        with pytest.raises(DeliveryError):
            self.notifier().send("a", "甲", "n-1")
