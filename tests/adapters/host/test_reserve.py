"""Room that is kept back on a disk."""

from pathlib import Path

from adapters.host.reserve import Reserve

SIZE = 1 << 20


class Disk:
    def __init__(self, free: int) -> None:
        self.free = free

    def __call__(self, folder: Path) -> int:
        return self.free


def test_room_is_given_back_when_the_disk_is_full_and_taken_again_later(tmp_path: Path) -> None:
    disk = Disk(10 * SIZE)
    reserve = Reserve(tmp_path / "reserve", SIZE, disk)
    assert not reserve.look()
    assert (tmp_path / "reserve").stat().st_size == SIZE
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= SIZE, "a hole keeps no room"
    disk.free = SIZE // 2
    assert reserve.look()
    assert not (tmp_path / "reserve").exists()
    disk.free = 2 * SIZE  # its own room, and a little
    assert reserve.look()
    disk.free = 4 * SIZE
    assert not reserve.look()
    assert (tmp_path / "reserve").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["reserve"]
