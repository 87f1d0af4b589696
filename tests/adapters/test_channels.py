import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.file_channel.channel import FileChannel
from adapters.notify.spool import SpoolNotifier
from adapters.queue_memory.channel import MemoryQueue
from engine.problems import DeliveryError
from engine.testing.contracts.channels import ChannelContract, Delivered, NotifierContract


class AtOnce(ChannelContract):
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
