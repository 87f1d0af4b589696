"""Every store keeps the contract."""

from collections.abc import Iterator

import pytest

from adapters.database.store import DatabaseStore
from engine.testing.contracts.documents import DocumentStoreContract
from engine.testing.contracts.samples import STORAGES
from engine.testing.memory import MemoryStore
from tests.adapters.database.conftest import emptied
from tests.adapters.database.toy_cipher import ToyCipher


class TestMemory(DocumentStoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        store = MemoryStore()
        store.apply(STORAGES)
        return store


class TestSQLite(DocumentStoreContract):
    @pytest.fixture
    def store(self, sqlite_url: str) -> Iterator[DatabaseStore]:
        store = DatabaseStore(sqlite_url, cipher=ToyCipher())
        store.apply(STORAGES)
        yield store
        store.close()


class TestPostgreSQL(DocumentStoreContract):
    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[DatabaseStore]:
        store = DatabaseStore(emptied(postgres_url), cipher=ToyCipher())
        store.apply(STORAGES)
        yield store
        store.close()
