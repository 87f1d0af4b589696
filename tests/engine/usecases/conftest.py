"""The office of the use-case tests: in memory, in a SQLite file and in a PostgreSQL database, which must not differ."""

import pytest

from adapters.database.store import DatabaseStore
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from tests.adapters.database.conftest import cleared
from tests.adapters.database.toy_cipher import ToyCipher


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    """An empty store of each kind in turn."""
    if request.param == "memory":
        yield MemoryStore()
        return
    file = f"sqlite:///{tmp_path}/office.db"
    url = file if request.param == "sqlite" else cleared(request.getfixturevalue("postgres_url"))
    opened = DatabaseStore(url, cipher=ToyCipher(), connections=2)
    yield opened
    opened.close()


@pytest.fixture
def office(store):
    return Office(ORDER, store=store)


@pytest.fixture
def entered(office):
    """An order in draft, of 600 yuan."""
    line = {"item": "笔", "qty": "3", "price": "200"}
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[line]).record_id
