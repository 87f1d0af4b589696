import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

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

    @pytest.mark.parametrize("name", ["{kind}.xml", "../{serial}", ".{serial}", "fixed"])
    def test_name_that_cannot_work_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="serial"):
            FileChannel(self.folder, name)


class TestFileSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "in"

    def source(self) -> FileSource:
        return FileSource(self.folder, quiet=0.3)

    def put(self, *messages: Outgoing) -> None:
        channel = FileChannel(self.folder)
        for one in messages:
            channel.send(one.body, key=one.key, kind=one.kind, headers=one.headers)

    def aside(self) -> Sequence[bytes]:
        return [path.read_bytes() for path in (self.folder / "failed").glob("*.msg")]

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
        assert list(source.receive(5, 0.05)) == []
        assert self.aside() == [b"wh"]

    def test_a_file_that_is_no_message_by_its_size_is_put_aside_unread(self) -> None:
        source = self.opened()
        with (self.folder / "dump.msg").open("wb") as file:
            file.truncate(LARGEST + 1)
        assert list(source.receive(5, 0)) == []
        assert [path.name for path in (self.folder / "failed").iterdir()] == ["dump.msg"]

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
