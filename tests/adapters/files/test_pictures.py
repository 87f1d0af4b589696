"""Pictures go where room is short, the oldest first; files that are none are never touched."""

import pytest

from adapters.files.disk import DiskFiles
from adapters.files.pictures import PictureFolder


@pytest.fixture
def shelf(tmp_path):
    files = DiskFiles(tmp_path / "files")
    room = {"left": 10_000}
    return files, room, PictureFolder(files, tmp_path / "pictures.list", 1_000, lambda folder: room["left"])


def test_the_oldest_go_first_and_records_never(shelf):
    files, room, pictures = shelf
    paper = files.put(b"paper", "paper.pdf", "application/pdf")
    kept = [pictures.keep(f"picture {n}".encode(), f"{n}.jpg", "image/jpeg") for n in range(4)]
    drop, gone = files.drop, []

    def dropped(digest):
        gone.append(digest)
        drop(digest)
        room["left"] += 60

    files.drop = dropped
    room["left"] = 900
    fresh = pictures.keep(b"a" * 10, "new.jpg", "image/jpeg")
    assert gone == [one.hash for one in kept[:2]]
    assert files.get(paper.hash) == b"paper"
    assert files.get(kept[2].hash) == b"picture 2"
    assert files.get(fresh.hash) == b"a" * 10


def test_a_picture_that_came_again_stays(shelf):
    files, room, pictures = shelf
    first = pictures.keep(b"same", "1.jpg", "image/jpeg")
    pictures.keep(b"other", "2.jpg", "image/jpeg")
    pictures.keep(b"same", "3.jpg", "image/jpeg")
    room["left"] = 0
    with pytest.raises(OSError, match="no room"):
        pictures.keep(b"more", "4.jpg", "image/jpeg")
    with pytest.raises(KeyError):  # nothing is left of them at last
        files.get(first.hash)
    room["left"] = 10_000
    assert files.get(pictures.keep(b"more", "4.jpg", "image/jpeg").hash) == b"more"
