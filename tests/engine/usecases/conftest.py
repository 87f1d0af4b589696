"""The office of the use-case tests: in memory, in a SQLite file and in a PostgreSQL database, which must not differ.

Databases are made once with the tables of a module's definitions and emptied between tests: making them takes longer
than most tests.
"""

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.database.store import DatabaseStore
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.internal import storages
from tests.adapters.database.conftest import cleared
from tests.adapters.database.toy_cipher import ToyCipher
from tests.servers import fresh_database


def opened(url: str, definitions: Mapping[str, str] | None = None) -> DatabaseStore:
    """A store, with the tables of the definitions where any are given."""
    store = DatabaseStore(url, cipher=ToyCipher(), connections=2)
    if definitions is not None:
        programs = Office(definitions).runtime.force.programs
        store.apply([*storages(), *(program.storage for program in programs.values())])
    return store


@dataclass(frozen=True)
class SqliteFile:
    """An open SQLite store that can be as it was when its tables had just been made."""

    store: DatabaseStore
    path: Path
    blank: sqlite3.Connection

    def blanked(self) -> DatabaseStore:
        with contextlib.closing(sqlite3.connect(self.path)) as file:
            self.blank.backup(file)
        return self.store


@dataclass(frozen=True)
class Made:
    """What this process has made of the definitions that were asked for so far, by the place of their dictionary."""

    folder: Path
    ends: contextlib.ExitStack
    files: dict[int, SqliteFile] = field(default_factory=dict)
    templates: dict[int, str] = field(default_factory=dict)

    def file(self, definitions: Mapping[str, str]) -> SqliteFile:
        if id(definitions) not in self.files:
            path = self.folder / f"{len(self.files)}.db"
            store = opened(f"sqlite:///{path}", definitions)
            self.ends.callback(store.close)
            blank = self.ends.enter_context(contextlib.closing(sqlite3.connect(":memory:")))
            with contextlib.closing(sqlite3.connect(path)) as file:
                file.backup(blank)
            self.files[id(definitions)] = SqliteFile(store, path, blank)
        return self.files[id(definitions)]

    def template(self, postgres: Path, definitions: Mapping[str, str]) -> str:
        """The name of a PostgreSQL database."""
        if id(definitions) not in self.templates:
            url = self.ends.enter_context(fresh_database(postgres))
            opened(url, definitions).close()
            self.templates[id(definitions)] = url.partition("@/")[2].partition("?")[0]
        return self.templates[id(definitions)]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    with contextlib.ExitStack() as ends:
        yield Made(tmp_path_factory.mktemp("stores"), ends)


@pytest.fixture(scope="module")
def definitions():
    """What most tests of a module are about; one that is about others says which."""
    return ORDER


@pytest.fixture(scope="module")
def postgres_store(made, postgres_folder, definitions):
    """An open PostgreSQL store that belongs to this test module alone, and its address."""
    with fresh_database(postgres_folder, template=made.template(postgres_folder, definitions)) as url:
        store = opened(url)
        yield store, url
        store.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, made, definitions):
    """An empty store of each kind in turn."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "sqlite":
        return made.file(definitions).blanked()
    store, url = request.getfixturevalue("postgres_store")
    cleared(url)
    return store


@pytest.fixture
def office(store):
    return Office(ORDER, store=store)


@pytest.fixture
def entered(office):
    """An order in draft, of 600 yuan."""
    line = {"item": "笔", "qty": "3", "price": "200"}
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[line]).record_id
