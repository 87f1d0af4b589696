"""Tables follow the definitions: what is added, renamed, widened, changed, encrypted and dropped."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database import steps
from adapters.database.store import DatabaseStore
from engine.model.criteria import ALWAYS, Compare, Criterion, Every, Holds, Matches, Not, Some
from engine.model.storage import Column, Storage, StoredTable, Unique
from engine.model.types import Kind, Type
from engine.ports import Duplicate, Stale
from engine.testing.contracts.samples import ITEM, SECRET, STORAGES, found, id_of, record, stored
from tests.adapters.database.conftest import Make, emptied
from tests.adapters.database.toy_cipher import ToyCipher

TEXT, WHOLE = Type(Kind.TEXT), Type(Kind.INTEGER)


def thing(*columns: Column, **more: Any) -> Storage:
    return Storage("thing", columns, **more)


def column(name: str, kind: Kind = Kind.TEXT, digits: int | None = None, scale: int | None = None) -> Column:
    return Column(name, Type(kind), digits=digits, scale=scale)


def values_of(store: DatabaseStore, name: str = "x") -> list[object]:
    """The field's values in the order of ids."""
    with store.begin(write=False) as unit:
        from engine.model.criteria import Selection

        return [one.values[name] for one in unit.select(Selection("thing", ALWAYS))]


@pytest.fixture
def store(make: Make) -> DatabaseStore:
    return make()


def test_sentences_say_what_will_happen_and_nothing_happens_twice(store: DatabaseStore) -> None:
    planned = store.plan(STORAGES)
    assert "create table d_item" in planned
    assert "build the search index of item over title, 姓名, code" in planned
    assert store.apply(STORAGES) == planned
    assert store.plan(STORAGES) == store.apply(STORAGES) == []


def test_another_process_finds_what_stands(make: Make) -> None:
    make().apply(STORAGES)
    other = make()
    assert other.apply(STORAGES) == []
    stored(other, record("item", 1, title="海关"))
    assert found(other, Matches("海关")) == [id_of(1)]


def test_processes_may_start_at_once(make: Make) -> None:
    stores = [make() for _ in range(4)]
    gate = threading.Barrier(4)

    def start(one: DatabaseStore) -> int:
        gate.wait()
        return len(one.apply(STORAGES))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(start, stores))
    assert sorted(map(bool, done)) == [False, False, False, True]


def test_fields_tables_and_indexes_come_and_go(store: DatabaseStore) -> None:
    before = thing(column("x"), indexes=(("x",),), uniques=(Unique(("x",)),), search=("x",))
    store.apply([before])
    stored(store, record("thing", 1, x="海关"))
    after = thing(
        column("x"),
        column("y", Kind.DATE),
        Column("z", TEXT, encrypted=True),
        tables=(StoredTable("rows", (column("a"),)),),
        indexes=(("y", "x"),),
        search=("x", "z"),
    )
    done = store.apply([after])
    assert [sentence.split(" gx_")[0].split(" gu_")[0] for sentence in done] == [
        "drop index",
        "drop index",
        f"add column d_thing.y ({'date' if store._backend.postgres else 'DATE'})",
        f"add column d_thing.z ({'text' if store._backend.postgres else 'TEXT'})",
        "create table d_thing__rows",
        "create index",
        "drop the search index of thing",
        "build the search index of thing over x, z",
    ]
    assert store.plan([after]) == []
    assert found(store, Matches("海"), "thing") == [id_of(1)]
    stored(store, record("thing", 2, x="海关", y=date(2024, 1, 1), z="s", rows=[{"id": "r", "a": "b"}]))
    gone = store.plan([before])
    assert "drop column d_thing.y: no longer declared" in gone
    assert "drop table d_thing__rows: no longer declared" in gone
    with pytest.raises(Duplicate) as caught:
        store.apply([before])
    assert caught.value.fields == ("x",)
    assert store.plan([before]) == gone  # all or nothing
    plain = replace(before, uniques=())
    store.apply([plain])
    assert "drop column d_thing.z__bi: no longer declared" in store.plan([plain])
    assert store.apply([plain]) == []  # only when asked for
    assert len(store.apply([plain], drop=True)) == 4
    assert store.plan([plain]) == []
    assert values_of(store) == ["海关", "海关"]


def test_a_document_that_is_not_named_is_left_alone(store: DatabaseStore) -> None:
    store.apply(STORAGES)
    stored(store, record("owner", 1, rank=3))
    assert store.apply([ITEM], drop=True) == []
    assert found(store, Compare(("rank",), "==", 3), "owner") == [id_of(1)]


def test_renames_carry_values_indexes_and_words(store: DatabaseStore) -> None:
    before = thing(
        column("x"),
        Column("s", TEXT, encrypted=True),
        tables=(StoredTable("rows", (column("a"), column("k"))),),
        indexes=(("x",),),
        search=("x",),
    )
    store.apply([before])
    stored(store, record("thing", 1, x="海关", s="secret", rows=[{"id": "r", "a": "b", "k": "k"}]))
    after = thing(
        column("新名"),
        Column("t", TEXT, encrypted=True),
        tables=(StoredTable("parts", (column("c"), column("k"))),),
        indexes=(("新名",),),
        search=("新名",),
        renamed={"新名": "x", "t": "s", "parts": "rows", "parts.c": "a"},
    )
    done = store.apply([after])
    assert "rename column d_thing.x to 新名" in done
    assert "rename column d_thing.s__bi to t__bi" in done
    assert "rename table d_thing__rows to d_thing__parts" in done
    assert not [sentence for sentence in done if sentence.startswith("drop column")]
    assert store.plan([after]) == []
    with store.begin() as unit:
        back = unit.fetch("thing", id_of(1))
        assert back is not None
        assert (back.values["新名"], back.values["parts"]) == ("海关", [{"id": "r", "c": "b", "k": "k"}])
    assert found(store, Matches("海关"), "thing") == [id_of(1)]


@pytest.mark.parametrize(
    ("before", "after", "given", "expected"),
    [
        (column("x", Kind.NUMBER, 8, 2), column("x", Kind.NUMBER, 12, 2), Decimal("1.50"), Decimal("1.50")),
        (column("x", Kind.NUMBER, 8, 2), column("x", Kind.NUMBER, 19, 5), Decimal("-1.50"), Decimal("-1.50000")),
        (column("x", Kind.NUMBER, 8, 2), column("x", Kind.NUMBER, 12, 4), Decimal("1.50"), Decimal("1.5000")),
        (column("x", Kind.NUMBER, 8, 2), column("x", Kind.NUMBER), Decimal("1.50"), Decimal("1.50")),
        (column("x", Kind.INTEGER), column("x", Kind.NUMBER, 24, 2), -7, Decimal("-7.00")),
        (column("x", Kind.INTEGER), column("x", Kind.TEXT), -7, "-7"),
        (column("x", Kind.DATE), column("x", Kind.DATETIME), date(2024, 2, 29), datetime(2024, 2, 29)),
        (column("x", Kind.TEXT), column("x", Kind.CODE), "a", "a"),
        (column("x", Kind.CODE), column("x", Kind.CODES), "a", ("a",)),
    ],
)
def test_widening_keeps_every_value(
    store: DatabaseStore, before: Column, after: Column, given: object, expected: object
) -> None:
    store.apply([thing(before, indexes=(("x",),) if after.type.kind is not Kind.CODES else ())])
    stored(store, record("thing", 1, x=given), record("thing", 2))
    wider = thing(after, indexes=(("x",),))
    store.apply([wider])
    assert store.plan([wider]) == []
    assert values_of(store) == [expected, None]
    if after.scale is not None:
        assert str(values_of(store)[0]) == str(expected)
    stored(store, record("thing", 3, x=expected))
    where: Criterion = Holds(("x",), "a") if expected == ("a",) else Compare(("x",), "==", expected)
    assert found(store, where, "thing") == [id_of(1), id_of(3)]


def test_a_change_that_would_lose_values_is_taken_only_when_asked_for(store: DatabaseStore) -> None:
    store.apply([thing(column("x"), indexes=(("x",),), uniques=(Unique(("x",), Compare(("x",), "!=", "b")),))])
    stored(store, record("thing", 1, x="12"), record("thing", 2, x="b"), record("thing", 3, x="1.5"))
    whole = thing(column("x", Kind.INTEGER), indexes=(("x",),))
    planned = store.plan([whole])
    assert any(sentence.endswith("values that do not fit are lost") for sentence in planned)
    with pytest.raises(ValueError, match="values that do not fit are lost"):
        store.apply([whole])
    assert values_of(store) == ["12", "b", "1.5"]
    done = store.apply([whole], drop=True)
    assert any(sentence.endswith("2 values did not fit and are empty now") for sentence in done)
    assert values_of(store) == [12, None, None]
    assert store.plan([whole]) == []


def test_a_text_that_becomes_a_duration_is_written_anew(store: DatabaseStore) -> None:
    store.apply([thing(column("x"))])
    stored(store, record("thing", 1, x="3 months"))
    length = thing(column("x", Kind.DURATION))
    with pytest.raises(ValueError, match="lost"):
        store.apply([length])
    store.apply([length], drop=True)
    assert values_of(store) == [None]


def test_encryption_can_begin_and_end(store: DatabaseStore) -> None:
    plain = thing(column("x"), column("n", Kind.NUMBER, 8, 2), indexes=(("x",),), search=("x",))
    store.apply([plain])
    stored(store, record("thing", 1, x="海关 1", n=Decimal("2.50")), record("thing", 2))
    hidden = replace(plain, columns=tuple(replace(one, encrypted=True) for one in plain.columns))
    assert any(sentence.startswith("encrypt column d_thing.x; what history") for sentence in store.plan([hidden]))
    store.apply([hidden])
    assert store.plan([hidden]) == []
    assert values_of(store) == ["海关 1", None]
    assert values_of(store, "n") == [Decimal("2.50"), None]
    assert found(store, Compare(("x",), "==", "海关 1"), "thing") == [id_of(1)]
    assert found(store, Compare(("n",), "==", Decimal("2.5")), "thing") == [id_of(1)]
    assert (found(store, Matches("海关 1"), "thing"), found(store, Matches("海关"), "thing")) == ([id_of(1)], [])
    with pytest.raises(ValueError, match="decrypt column"):
        store.apply([plain])
    store.apply([plain], drop=True)
    assert store.plan([plain]) == []
    assert values_of(store) == ["海关 1", None]
    assert found(store, Matches("海关"), "thing") == [id_of(1)]


def test_rows_of_child_tables_are_written_anew_too(store: DatabaseStore) -> None:
    before = thing(column("x"), tables=(StoredTable("rows", (column("a", Kind.INTEGER), column("b"))),))
    store.apply([before])
    rows = [{"id": f"r{number}", "a": number, "b": "w"} for number in range(5)]
    stored(store, *(record("thing", number, rows=rows) for number in range(3)))
    parts = StoredTable("rows", (column("a"), Column("b", TEXT, encrypted=True)))
    store.apply([replace(before, tables=(parts,))])
    with store.begin() as unit:
        for number in range(3):
            back = unit.fetch("thing", id_of(number))
            assert back is not None
            assert back.values["rows"] == [{**row, "a": str(row["a"])} for row in rows]


def test_conditions_of_uniqueness_are_part_of_the_index(store: DatabaseStore) -> None:
    where = Every(
        (
            Compare(("state",), "==", "it's 100%"),
            Some((Compare(("n",), ">=", Decimal("1.5")), Compare(("d",), "==", date(2024, 1, 1)))),
        )
    )
    columns = (column("x"), column("n", Kind.NUMBER, 8, 2), column("d", Kind.DATE))
    store.apply([thing(*columns, uniques=(Unique(("x",), where),))])
    stored(
        store,
        record("thing", 1, x="a", state="it's 100%", n=Decimal("1.5")),
        record("thing", 2, x="a", state="it's 100%", n=Decimal("1.49")),
        record("thing", 3, x="a", state="other", n=Decimal(2)),
    )
    with pytest.raises(Duplicate) as caught, store.begin() as unit:
        unit.insert(record("thing", 4, x="a", state="it's 100%", d=date(2024, 1, 1)))
    assert caught.value.existing == id_of(1)


def test_conditions_of_uniqueness_look_at_their_own_row(store: DatabaseStore) -> None:
    other = thing(column("x"), Column("r", Type(Kind.REF, of="thing")), column("m", Kind.CODES))
    for when in (Compare(("r", "x"), "==", "a"), Matches("a"), Not(Holds(("m",), "a"))):
        with pytest.raises(ValueError, match=r"own row|cannot search"):
            store.apply([replace(other, search=("x",), uniques=(Unique(("x",), when),))])


def test_long_and_clashing_names_are_kept_apart(store: DatabaseStore) -> None:
    long = "很长的字段名称" * 8
    names = [long, long + "二", "ID", "Id", "State", "select", 'quo"te', "per%cent", "a b", "_row", "_record"]
    storage = Storage(
        "单据." + "长" * 30, tuple(column(name) for name in names), (StoredTable("Rows", (column("_position"),)),)
    )
    store.apply([storage])
    assert store.plan([storage]) == []
    given = record(storage.document, 1, **{name: name for name in names}, Rows=[{"id": "r", "_position": "p"}])
    stored(store, given)
    with store.begin(write=False) as unit:
        assert unit.fetch(storage.document, id_of(1)) == given
    for name in names:
        assert found(store, Compare((name,), "==", name), storage.document) == [id_of(1)]


def test_encrypted_fields_need_a_cipher(database_url: str) -> None:
    store = DatabaseStore(database_url)
    with pytest.raises(ValueError, match="cipher"):
        store.apply([SECRET])
    store.close()


def test_a_process_goes_on_when_another_widens_a_column(make: Make) -> None:
    one, other = make(), make()
    before = thing(column("x", Kind.NUMBER, 8, 2))
    one.apply([before])
    stored(one, record("thing", 1, x=Decimal("1.50")))
    for _ in range(7):  # until the driver has prepared the statement
        values_of(one)
    other.apply([thing(column("x", Kind.NUMBER, 12, 2))])
    with suppress(Stale):
        values_of(one)
    assert values_of(one) == [Decimal("1.50")]


def test_titles_stand_beside_columns(postgres_url: str) -> None:
    store = DatabaseStore(emptied(postgres_url))
    store.apply([thing(Column("x", TEXT, title="标题"))])
    store.apply([thing(Column("x", TEXT, title="标题"), Column("y", TEXT, title="另一"))])
    store.close()
    engine = sa.create_engine(postgres_url)
    comments = {one["name"]: one["comment"] for one in sa.inspect(engine).get_columns("d_thing")}
    engine.dispose()
    assert (comments["x"], comments["y"], comments["id"]) == ("标题", "另一", None)


def test_others_read_the_tables_with_plain_sql(store: DatabaseStore, database_url: str) -> None:
    store.apply(STORAGES)
    stored(store, record("item", 1, 姓名="王小明", amount=Decimal("12.50"), day=date(2024, 2, 29), done=True))
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        row = connection.execute(sa.text('SELECT "姓名", amount, day, done FROM d_item WHERE deleted = false')).one()
    engine.dispose()
    if store._backend.postgres:
        assert tuple(row) == ("王小明", Decimal("12.50"), date(2024, 2, 29), True)
    else:
        assert tuple(row) == ("王小明", 1250, "2024-02-29", 1)


def test_indexes_of_large_tables_are_built_beside_writers_and_begun_anew(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LARGE", 0)
    store = DatabaseStore(emptied(postgres_url), cipher=ToyCipher())
    store.apply([thing(column("x"))])
    wanted = [thing(column("x"), indexes=(("x",),))]
    assert [sentence.split(" on ")[0].split()[:2] for sentence in store.apply(wanted)] == [["create", "index"]]
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:  # as a crash in the middle leaves it
        connection.exec_driver_sql(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = "
            "(SELECT oid FROM pg_class WHERE relname LIKE 'gx\\_%%' LIMIT 1)"
        )
    engine.dispose()
    assert ["beside writers" in sentence for sentence in store.plan(wanted)] == [True]
    assert len(store.apply(wanted)) == 1
    with engine.begin() as connection:  # as an earlier version left its tables
        connection.exec_driver_sql("DROP INDEX guiju_history_people")
    engine.dispose()
    assert store.apply(wanted) == ["create index guiju_history_people beside writers"]
    assert store.plan(wanted) == []
    store.close()
