"""`guiju ledgers`."""

import json
from types import SimpleNamespace

from engine.commands import ledgers
from engine.commands.verbs import build_parser
from engine.model.records import Record
from engine.testing.office import Office
from tests.engine.ledgers.stocks import ROOM


def stocked():
    office = Office(ROOM)
    item = office.engine("item", {"name": "纸"})
    lines = [{"item": item, "place": "A", "qty": 5}]
    delivery = office.raise_("clerk", "enter", "delivery", lines=lines).record_id
    office.raise_("clerk", "store", "delivery", delivery)
    return office


def run(office, *arguments):
    options = build_parser().parse_args(["ledgers", *arguments])
    return ledgers.act(SimpleNamespace(runtime=lambda: office.runtime), options)


def test_ledgers_are_verified_and_rebuilt(capsys):
    office = stocked()
    assert run(office) == 0
    assert capsys.readouterr().out == "all of 2 ledgers are what their entries say\n"
    (account,) = office.all("stock")
    with office.store.begin() as unit:
        unit.update(Record("stock", {**account, "total": 7, "version": 3}), 2)
    assert run(office, "verify", "stock") == 1
    told = capsys.readouterr().err
    assert f"ledger 'stock', account {account['id']}: total is 7, its entries come to 5" in told
    assert run(office, "verify", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)["differences"]
    assert (found["amount"], found["stored"], found["entries"]) == ("total", "7", "5")
    assert run(office, "rebuild") == 0
    assert "ledger 'stock': 1 accounts mended" in capsys.readouterr().out
    assert run(office) == 0


def test_a_ledger_that_there_is_not_is_told(capsys):
    assert run(stocked(), "verify", "stok") == 2
    assert "there is no ledger 'stok'" in capsys.readouterr().err
