"""What stands in the database: nothing of a protected value, every commit, exact settings."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database.store import DatabaseStore
from engine.testing.contracts.document_traces import ENTRY, MORNING, effect
from engine.testing.contracts.samples import SECRET, STORAGES, found, id_of, record, stored
from tests.adapters.database.conftest import Make
from tests.adapters.database.toy_cipher import ToyCipher

HIDDEN = "不可见的秘密"
ROOT = Path(__file__).parents[3]


def everything(url: str) -> str:
    """All that another program with the database's password can read."""
    engine = sa.create_engine(url)
    texts: list[str] = []
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            name = engine.dialect.identifier_preparer.quote(table)
            texts += [str(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]  # noqa: S608
    engine.dispose()
    return "\n".join(texts)


def test_no_protected_value_stands_in_any_table(make: Make, database_url: str, tmp_path: Path) -> None:
    store = make()
    store.apply(STORAGES)
    parts = [{"id": "p", "hidden": HIDDEN, "shown": "beside it"}]
    with store.begin() as unit:
        unit.insert(record("secret", 1, holder=HIDDEN, open="open", parts=parts))
        unit.update(record("secret", 1, holder=HIDDEN + "2", open="open", parts=[], version=2), 1)
        changes: dict[str, tuple[object, object]] = {
            "holder": (HIDDEN, HIDDEN + "2"),
            "parts": (parts, []),
            "parts.0.hidden": (HIDDEN, None),
            "parts[0]": (parts[0], None),
        }
        unit.append_history(replace(ENTRY, document="secret", changes=changes, comment=f"说明{HIDDEN}"))
        unit.insert_many([record("secret", number, holder=HIDDEN + str(number)) for number in range(10, 40)])
        unit.put_effect(effect(1, kind="send", payload={"body": HIDDEN, "channel": "out"}))
    text = everything(database_url)
    assert "beside it" not in text  # where a whole row was told
    assert HIDDEN not in text
    assert HIDDEN.encode("unicode_escape").decode() not in text
    assert "不可" not in text
    for path in tmp_path.rglob("guiju.db*"):
        assert HIDDEN.encode() not in path.read_bytes()
    with store.begin() as unit:
        (entry,) = unit.history("secret", id_of(1))
        assert (entry.changes, entry.comment) == (changes, f"说明{HIDDEN}")
    assert [one.payload["body"] for one in store.effects()] == [HIDDEN]


def test_words_kept_before_they_were_encrypted_are_read(database_url: str) -> None:
    for cipher in (None, ToyCipher()):
        store = DatabaseStore(database_url, cipher=cipher)
        store.apply([])
        with store.begin() as unit:
            if cipher is None:
                unit.append_history(replace(ENTRY, comment="早先的意见"))
            assert [one.comment for one in unit.history(ENTRY.document, ENTRY.record_id)] == ["早先的意见"]
        store.close()


def test_what_one_effect_carries_cannot_be_put_into_another(make: Make, database_url: str) -> None:
    store = make()
    store.apply([SECRET])
    with store.begin() as unit:
        for number in (1, 2):
            unit.put_effect(effect(number, payload={"to": str(number)}))
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        moved = "UPDATE guiju_effects SET payload = (SELECT payload FROM guiju_effects WHERE id = 'e1') WHERE id = 'e2'"
        connection.exec_driver_sql(moved)
    engine.dispose()
    assert [one.id for one in store.claim_effects(MORNING, 2, 60)] == ["e1"]
    failed = store.effects(state="failed")
    assert [(one.id, dict(one.payload), one.error) for one in failed] == [("e2", {}, "of another context")]


def test_errors_of_the_database_tell_no_values(make: Make) -> None:
    store = make()
    sign = "%s" if store._backend.postgres else "?"
    for write in (True, False):
        with pytest.raises(sa.exc.SQLAlchemyError) as caught, store._backend.begin(write=write) as transaction:
            transaction.connection.exec_driver_sql(f"SELECT {sign} FROM nowhere", (HIDDEN,))  # noqa: S608
        assert HIDDEN not in str(caught.value)


def test_cipher_text_of_another_field_is_refused(make: Make, database_url: str) -> None:
    store = make()
    store.apply([SECRET])
    stored(store, record("secret", 1, holder="a"))
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE d_secret SET born = holder")
    engine.dispose()
    with pytest.raises(ValueError, match="context"):
        found(store, document="secret")


def test_sqlite_is_set_up_to_keep_what_it_has_committed(sqlite_url: str) -> None:
    store = DatabaseStore(sqlite_url)
    settings = {}
    for name, write in (("writer", True), ("reader", False)):
        with store._backend.begin(write=write) as transaction:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
            settings[name] = [transaction.connection.exec_driver_sql(f"PRAGMA {one}").scalar_one() for one in pragmas]
    store.close()
    assert settings == {"writer": ["wal", 2, 1, 30000, 0], "reader": ["wal", 2, 1, 30000, 1]}


KILLED = """
import sys
from adapters.database.store import DatabaseStore
from dataclasses import replace
from engine.testing.contracts.document_traces import ENTRY
from engine.testing.contracts.samples import OWNER, id_of, record
store = DatabaseStore(sys.argv[1])
store.apply([OWNER])
number = 0
while True:
    number += 1
    with store.begin() as unit:
        unit.insert(record("owner", number, rank=unit.next_number("n")))
        unit.append_history(replace(ENTRY, document="owner", record_id=id_of(number)))
    print(number, flush=True)
"""


def test_what_was_told_to_be_stored_survives_a_kill(sqlite_url: str) -> None:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", KILLED, sqlite_url],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    told = [int(process.stdout.readline())]
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    store = DatabaseStore(sqlite_url)
    store.apply(STORAGES[1:2])
    with store.begin() as unit:
        ids = list(unit.fetch_many("owner", [id_of(number) for number in range(1, told[-1] + 3)]))
        following = unit.next_number("n")
    assert len(ids) in {told[-1], told[-1] + 1}
    assert following == len(ids) + 1
    assert list(store.verify_history()) == []
    store.close()
