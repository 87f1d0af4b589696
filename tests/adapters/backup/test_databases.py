"""What a copy promises, on each kind of database: made in use, checked, put back as it was and nothing else."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.backup import restoring
from adapters.backup.shelf import Place, Shelf
from adapters.crypto.copy_keys import NodeCopyKeys
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.copying import WholeDatabase
from engine.model.node_care import CareFault, CareRefused

MOMENT = datetime(2026, 11, 22, 3, 30)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'guiju.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with one row; what a test made is gone after it."""
    (tmp_path / "home").mkdir()
    made = sa.create_engine(url, poolclass=sa.NullPool)
    _dropped(made)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (id integer PRIMARY KEY, text varchar(20))")
        connection.exec_driver_sql("INSERT INTO kept VALUES (1, '一')")
    yield made
    _dropped(made)
    made.dispose()


def _dropped(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for name in ("later", "kept"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


@pytest.fixture
def place(engine: sa.Engine, url: str, tmp_path: Path) -> Place:
    home = tmp_path / "home"
    cipher = Sm4FieldCipher(open_key_file(home / "keys" / "fields.key"))
    return Place(home, "cabinet", WholeDatabase(url), NodeCopyKeys(cipher, home / "keys" / "copies.json"), "v1", "0")


@pytest.fixture
def shelf(place: Place, tmp_path: Path) -> Shelf:
    return Shelf(place, [tmp_path / "a", tmp_path / "b"], keep=2)


def rows(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT text FROM kept ORDER BY id")]


def test_a_copy_is_made_while_somebody_writes_and_holds_what_was_committed(
    engine: sa.Engine, place: Place, shelf: Shelf
) -> None:
    with closing(engine.connect()) as writer:
        writer.exec_driver_sql("INSERT INTO kept VALUES (2, 'not committed')")
        made = shelf.make(MOMENT)
        writer.rollback()
    assert made.folders == 2
    assert shelf.check(made.name) == made
    assert [one.name for one in shelf.copies()] == [made.name]
    restoring.stage(shelf, place, made.name)
    restoring.finish(place.home, place.database)
    assert rows(engine) == ["一"]


def test_what_came_after_the_copy_is_gone_with_the_tables_that_came_after(
    engine: sa.Engine, place: Place, shelf: Shelf
) -> None:
    name = shelf.make(MOMENT).name
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE kept SET text = '二'")
        connection.exec_driver_sql("INSERT INTO kept VALUES (2, '三')")
        connection.exec_driver_sql("CREATE TABLE later (id integer PRIMARY KEY, kept integer REFERENCES kept (id))")
        connection.exec_driver_sql("INSERT INTO later VALUES (1, 2)")
    restoring.stage(shelf, place, name)
    assert rows(engine) == ["二", "三"], "nothing has changed until it is put in force"
    assert restoring.finish(place.home, place.database) == name
    assert rows(engine) == ["一"]
    assert sa.inspect(engine).get_table_names() == ["kept"]


def test_a_copy_that_was_altered_is_refused_and_changes_nothing(
    engine: sa.Engine, place: Place, shelf: Shelf, tmp_path: Path
) -> None:
    name = shelf.make(MOMENT).name
    for folder in (tmp_path / "a", tmp_path / "b"):
        path = folder / name / "database"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(CareRefused) as caught:
        restoring.stage(shelf, place, name)
    assert caught.value.fault is CareFault.BROKEN
    assert restoring.finish(place.home, place.database) == ""
    assert rows(engine) == ["一"]


def test_a_restore_that_was_cut_off_goes_on(engine: sa.Engine, place: Place, shelf: Shelf) -> None:
    name = shelf.make(MOMENT).name
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO kept VALUES (2, '三')")
    restoring.stage(shelf, place, name)

    def cut(step: int) -> None:
        raise KeyboardInterrupt(step)

    with pytest.raises(KeyboardInterrupt):
        restoring.finish(place.home, place.database, cut)
    assert restoring.staged(place.home) == name
    assert restoring.finish(place.home, place.database) == name
    assert rows(engine) == ["一"]
