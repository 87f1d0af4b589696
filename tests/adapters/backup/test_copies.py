"""Copies of a node: made in two places while it is used, checked, put back whole or not at all."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from adapters.backup import manifest, restoring, streams
from adapters.backup.presence import Presence
from adapters.backup.shelf import Place, Shelf
from adapters.crypto.copy_keys import NodeCopyKeys
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.copying import WholeDatabase
from adapters.files.disk import DiskFiles
from engine.model.node_care import CareFault, CareRefused

MOMENT = datetime(2026, 11, 22, 3, 30)
PASSPHRASE = "a long sentence"


def home_of(folder: Path, node: str = "cabinet") -> Place:
    folder.mkdir(parents=True, exist_ok=True)
    cipher = Sm4FieldCipher(open_key_file(folder / "keys" / "fields.key"))
    database = WholeDatabase(f"sqlite:///{folder / 'guiju.db'}")
    return Place(folder, node, database, NodeCopyKeys(cipher, folder / "keys" / "copies.json"), "v1", "0.1.0")


def put(place: Place, row: str, content: bytes) -> None:
    with closing(sqlite3.connect(place.home / "guiju.db")) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text)")
        connection.execute("INSERT INTO kept VALUES (?)", (row,))
    files = DiskFiles(place.home / "files", Sm4FieldCipher(open_key_file(place.home / "keys" / "fields.key")))
    files.put(content, "a.txt", "text/plain")


def rows(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "guiju.db")) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY rowid")]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = home_of(tmp_path / "home")
    made.keys.choose(PASSPHRASE)
    put(made, "一", b"first scan")
    return made


@pytest.fixture
def shelf(place: Place, tmp_path: Path) -> Shelf:
    return Shelf(place, [tmp_path / "a", tmp_path / "b"], keep=2)


def refused(act: Callable[[], object]) -> CareFault:
    with pytest.raises(CareRefused) as caught:
        act()
    return caught.value.fault


def test_a_copy_lies_in_both_places_and_holds_nothing_in_the_clear(place: Place, shelf: Shelf, tmp_path: Path) -> None:
    with closing(sqlite3.connect(place.home / "guiju.db")) as writer:  # somebody is at work, and has not come to an end
        writer.execute("INSERT INTO kept VALUES ('not committed')")
        made = shelf.make(MOMENT)
    assert (made.folders, made.keys, made.version) == (2, True, "v1")
    for folder in (tmp_path / "a", tmp_path / "b"):
        everything = b"".join(tree(folder).values())
        key = json.loads((place.home / "keys" / "fields.key").read_text("ascii"))["keys"]["k1"]
        assert key.encode() not in everything
        assert b"SQLite format 3" not in everything
        assert "一".encode() not in everything
    assert shelf.check(made.name) == made
    assert [one.name for one in shelf.copies()] == [made.name]
    assert not list(place.home.glob(".copying*"))


def test_files_that_did_not_change_are_kept_once_and_dropped_with_their_last_copy(
    place: Place, shelf: Shelf, tmp_path: Path
) -> None:
    shelf.make(MOMENT)
    put(place, "二", b"second scan")
    gone = next(path for path in (place.home / "files").rglob("*") if path.is_file())
    shelf.make(MOMENT.replace(hour=4))
    pool = tmp_path / "a" / "pool"
    assert len(list(pool.glob("*/*"))) == 2
    gone.unlink()
    for hour in (5, 6, 7):
        shelf.make(MOMENT.replace(hour=hour))
    assert [one.moment.hour for one in shelf.copies()] == [7, 6]
    assert len(list(pool.glob("*/*"))) == 1


def test_two_copies_of_one_second_have_two_names(shelf: Shelf) -> None:
    assert [shelf.make(MOMENT).name for _ in range(2)] == ["20261122-033000", "20261122-033000-2"]


def test_a_folder_that_is_gone_does_not_keep_the_other_from_its_copy(place: Place, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("no folder")
    told: list[str] = []
    shelf = Shelf(place, [tmp_path / "a", tmp_path / "b"], keep=2)
    assert shelf.make(MOMENT, told.append).folders == 1
    assert len(told) == 1
    assert str(tmp_path / "b") in told[0]
    assert refused(lambda: Shelf(place, [tmp_path / "b"], keep=2).make(MOMENT)) is CareFault.FOLDERS
    assert refused(lambda: Shelf(place, [], keep=2).make(MOMENT)) is CareFault.UNPLANNED


def test_a_copy_comes_back_with_its_keys_in_a_home_that_knows_none(place: Place, shelf: Shelf, tmp_path: Path) -> None:
    name = shelf.make(MOMENT).name
    fresh = home_of(tmp_path / "other")
    other = Shelf(fresh, [tmp_path / "b"], keep=2)
    assert refused(lambda: restoring.stage(other, fresh, name)) is CareFault.FOREIGN
    assert refused(lambda: restoring.stage(other, fresh, name, "a wrong sentence")) is CareFault.PASSPHRASE
    assert not (fresh.home / restoring.MARK).exists()
    restoring.stage(other, fresh, name, PASSPHRASE)
    assert restoring.staged(fresh.home) == name
    assert restoring.finish(fresh.home, fresh.database) == name
    assert rows(fresh.home) == ["一"]
    cipher = Sm4FieldCipher(open_key_file(fresh.home / "keys" / "fields.key"))
    (path,) = [path for path in (fresh.home / "files").rglob("*") if path.is_file()]
    assert DiskFiles(fresh.home / "files", cipher).get(path.name) == b"first scan"
    assert restoring.finish(fresh.home, fresh.database) == ""


def test_what_stood_there_is_kept(place: Place, shelf: Shelf) -> None:
    name = shelf.make(MOMENT).name
    put(place, "二", b"second scan")
    for count in (1, 2):
        restoring.stage(shelf, place, name)
        restoring.finish(place.home, place.database)
        assert rows(place.home) == ["一"], count
        put(place, "三", b"third scan")
    assert rows(place.home / f"former-{name}") == ["一", "二"]
    assert rows(place.home / f"former-{name}-2") == ["一", "三"]


def altered(folder: Path, name: str, part: str) -> None:
    path = folder / name / part if part != "pool" else next((folder / "pool").glob("*/*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("part", ["database", "keys", "pool", "manifest.json"])
def test_a_broken_copy_changes_nothing_and_the_other_place_helps(place: Place, tmp_path: Path, part: str) -> None:
    both = Shelf(place, [tmp_path / "a", tmp_path / "b"], keep=2)
    name = both.make(MOMENT).name
    before = tree(place.home)
    altered(tmp_path / "a", name, part)
    assert refused(lambda: Shelf(place, [tmp_path / "a"], keep=2).check(name)) in (CareFault.BROKEN, CareFault.FOREIGN)
    one = Shelf(place, [tmp_path / "a"], keep=2)
    assert refused(lambda: restoring.stage(one, place, name)) in (CareFault.BROKEN, CareFault.FOREIGN)
    assert tree(place.home) == before
    assert both.check(name).folders == 1
    assert restoring.stage(both, place, name).name == name


def test_a_manifest_that_was_written_anew_is_no_longer_believed(place: Place, shelf: Shelf, tmp_path: Path) -> None:
    name = shelf.make(MOMENT).name
    path = tmp_path / "a" / name / "manifest.json"
    told = json.loads(path.read_bytes())
    told["files"] = []
    path.write_text(json.dumps(told))
    one = Shelf(place, [tmp_path / "a"], keep=2)
    assert refused(lambda: one.check(name)) is CareFault.BROKEN
    told["files"] = [{"path": "../../escaped", "size": 0, "sha256": "", "sm3": "", "written": 0}]
    path.write_text(json.dumps(told))
    assert refused(lambda: one.check(name)) is CareFault.BROKEN


@pytest.mark.parametrize("name", ["", "../a", ".new-x", "20990101-000000"])
def test_what_is_not_there_is_missing(shelf: Shelf, name: str) -> None:
    assert refused(lambda: shelf.check(name)) is CareFault.MISSING


def test_another_node_is_foreign(place: Place, shelf: Shelf, tmp_path: Path) -> None:
    name = shelf.make(MOMENT).name
    other = Shelf(home_of(place.home, "firms"), [tmp_path / "a"], keep=2)
    assert refused(lambda: other.check(name)) is CareFault.FOREIGN
    assert other.copies() == []


class CutOff(Exception):
    pass


@pytest.mark.parametrize("step", range(9))
def test_a_restore_that_is_cut_off_goes_on_at_the_next_start(place: Place, shelf: Shelf, step: int) -> None:
    name = shelf.make(MOMENT).name
    put(place, "二", b"second scan")
    restoring.stage(shelf, place, name)

    def cut(number: int) -> None:
        if number == step:
            raise CutOff

    with pytest.raises(CutOff):
        restoring.finish(place.home, place.database, cut)
    assert restoring.finish(place.home, place.database) == name
    assert rows(place.home) == ["一"]
    assert rows(place.home / f"former-{name}") == ["一", "二"]
    assert not list(place.home.glob(".restoring*"))


def test_pieces_that_are_moved_or_cut_off_are_noticed(place: Place, tmp_path: Path) -> None:
    key, _ = place.keys.fresh()
    plain, sealed = tmp_path / "plain", tmp_path / "sealed"
    for size in (0, 5, (1 << 20), (1 << 20) + 1):
        plain.write_bytes(b"x" * size)
        streams.seal(plain, sealed, key, "c")
        streams.unseal(sealed, tmp_path / "again", key, "c")
        assert (tmp_path / "again").read_bytes() == plain.read_bytes()
        (tmp_path / "again").unlink()
        whole = sealed.read_bytes()
        first = 4 + int.from_bytes(whole[:4], "big")
        for wrong in (whole[:-1], whole[:first], whole[first:], whole[first:] + whole[:first], b""):
            if wrong == whole:
                continue
            (tmp_path / "wrong").write_bytes(wrong)
            with pytest.raises(ValueError, match=r"seal|altered"):
                streams.unseal(tmp_path / "wrong", tmp_path / "again", key, "c")
            (tmp_path / "again").unlink()
        sealed.unlink()


def test_a_short_passphrase_is_none(place: Place) -> None:
    with pytest.raises(ValueError, match="8 signs"):
        place.keys.choose("short")


def test_who_is_at_home_keeps_others_from_being_alone(tmp_path: Path) -> None:
    one, other = Presence(tmp_path), Presence(tmp_path)
    one.together()
    assert not other.alone()
    one.close()
    assert other.alone()
    other.close()


def test_no_room_is_told(place: Place, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    name = shelf.make(MOMENT).name
    monkeypatch.setattr("adapters.backup.restoring.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1}))
    assert refused(lambda: restoring.stage(shelf, place, name)) is CareFault.ROOM
    assert not list(place.home.glob(".restoring*"))


def test_both_digests_are_judged(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    part = manifest.measured(tmp_path / "x", "x")
    assert part.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert part.sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
