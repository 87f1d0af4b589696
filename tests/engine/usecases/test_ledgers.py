"""Ledgers over every store: posted by events, never below what may never hold, taken back once, read by rights."""

from datetime import datetime
from decimal import Decimal

import pytest

from engine.model.criteria import ALWAYS
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.acting import Performer
from engine.usecases.deliver import deliver_due
from engine.usecases.jobs import run_due_jobs
from engine.usecases.listing import list_documents
from engine.usecases.projected import ProjectedWorld
from engine.usecases.reading import menu, read_document, record_json
from engine.usecases.views import ListRequest
from engine.usecases.work import Work
from engine.usecases.world import RecordWorld
from tests.engine.ledgers.stocks import ROOM


@pytest.fixture(scope="module")
def definitions():
    return ROOM


@pytest.fixture
def room(store):
    return Office(ROOM, store=store)


@pytest.fixture
def paper(room):
    return room.engine("item", {"name": "纸"})


@pytest.fixture
def quick():
    """The same in memory alone, where stores make no difference, and an item in it."""
    room = Office(ROOM)
    return room, room.engine("item", {"name": "纸"})


def delivered(room, *lines):
    delivery = room.raise_("clerk", "enter", "delivery", lines=list(lines)).record_id
    room.raise_("clerk", "store", "delivery", delivery)
    return delivery


def wanted(room, item, qty, **more):
    return room.raise_("clerk", "enter", "wanted", item=item, qty=qty, **more).record_id


def balances(room, ledger="stock"):
    ledgers = room.runtime.definitions.ledgers[ledger]
    names = [name for name in (*ledgers.keys, *ledgers.amounts, *ledgers.derived) if name != "item"]
    return sorted((tuple(row[name] for name in names) for row in room.all(ledger)), key=str)


def listed(room, who, document):
    return list_documents(room.runtime, room.people[who], ListRequest(document))


def entries(room, ledger="stock"):
    rows = sorted(room.all(f"{ledger}.entries"), key=lambda row: str(row["id"]))
    return [(row["entry"], *(row[name] for name in room.runtime.definitions.ledgers[ledger].amounts)) for row in rows]


def test_an_event_posts_and_its_entries_say_so(room, paper):
    delivery = delivered(room, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "A", "qty": 2})
    assert balances(room) == [("A", None, 7, 0, 7)]
    first, second = room.all("stock.entries")
    assert (first["document"], first["cause"], first["actor"]) == (
        f"delivery:{delivery}",
        "store",
        room.people["clerk"].id,
    )
    assert first["posting"] == second["posting"]
    assert (first["at"], first["given"]) == (datetime(2026, 5, 6, 9, 0), {"qty": "5"})
    assert first["account"] == second["account"] == room.all("stock")[0]["id"]


def test_what_may_never_hold_refuses_the_whole_event_at_the_field(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    request = wanted(room, paper, 1, person="p", amount="100.01")
    with pytest.raises(Refused) as refused:
        room.raise_("clerk", "hold", "wanted", request)
    (finding,) = refused.value.findings
    assert (finding.code, finding.at, finding.text["zh"]) == ("spent", ("amount",), "超出年度限额100")
    assert finding.where.file == "desk/ledgers/spent.yaml"
    assert balances(room) == [("A", None, 5, 0, 5)]
    assert (balances(room, "spent"), entries(room)) == ([], [("receive", 5, None)])
    assert room.values("wanted", request)["state"] == "draft"


def test_a_row_is_named_where_its_amount_breaks_the_ledger(quick):
    room, paper = quick
    delivery = delivered(room, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 1})
    with pytest.raises(Refused) as refused:
        room.raise_("clerk", "shift", "delivery", delivery, asked={"qty": 2, "to": "C"})
    texts = {finding.text["en"] for finding in refused.value.findings}
    assert texts == {"总数不能为负", "not enough: short by 1"}
    assert {finding.at for finding in refused.value.findings} == {("lines", "1", "item")}


def test_picking_by_expiry_spreads_over_accounts_and_refuses_what_is_short(room, paper):
    early, late = "2026-06-01", "2026-09-01"
    delivered(
        room,
        {"item": paper, "place": "B", "expiry": late, "qty": 4},
        {"item": paper, "place": "A", "expiry": early, "qty": 3},
    )
    request = wanted(room, paper, 5)
    room.raise_("clerk", "hold", "wanted", request)
    picks = room.values("wanted", request)["picks"]
    assert [(pick["place"], pick["qty"]) for pick in picks] == [("A", 3), ("B", 2)]
    assert [row[3:] for row in balances(room)] == [(3, 0), (2, 2)]
    with pytest.raises(Refused) as refused:
        room.raise_("clerk", "hold", "wanted", wanted(room, paper, 3))
    (finding,) = refused.value.findings
    assert (finding.code, finding.at, finding.text["en"]) == ("short", ("qty",), "short by 1")


def test_an_entry_between_accounts_is_balanced(room, paper):
    delivery = delivered(room, {"item": paper, "place": "A", "qty": 5})
    room.raise_("clerk", "shift", "delivery", delivery, asked={"qty": 2, "to": "B"})
    assert balances(room) == [("A", None, 3, 0, 3), ("B", None, 2, 0, 2)]
    moved = [row for row in room.all("stock.entries") if row["entry"] == "move"]
    assert {(row["side"], row["total"]) for row in moved} == {("from", -2), ("to", 2)}


def test_what_an_event_posted_is_taken_once_by_each_kind_of_entry(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    request = wanted(room, paper, 3, person="p", amount="60")
    for _ in range(2):
        room.raise_("clerk", "hold", "wanted", request)
        room.raise_("clerk", "back", "wanted", request)
    room.raise_("clerk", "drop", "wanted", request)  # everything was given back before
    assert balances(room) == [("A", None, 5, 0, 5)]
    assert balances(room, "spent") == [("p", 2026, Decimal("0.00"), Decimal("0.00"))]
    held = [row["posting"] for row in room.all("stock.entries") if row["entry"] == "hold"]
    freed = [row["taken_from"] for row in room.all("stock.entries") if row["entry"] == "free_up"]
    assert sorted(held) == sorted(freed)


def test_settling_takes_accounts_and_amounts_of_the_event_that_held(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    request = wanted(room, paper, 3, person="p", amount="60")
    room.raise_("clerk", "hold", "wanted", request)
    room.raise_("clerk", "ship", "wanted", request)
    assert balances(room) == [("A", None, 2, 0, 2)]
    assert balances(room, "spent") == [("p", 2026, Decimal("0.00"), Decimal("60.00"))]


def test_a_limit_that_was_lowered_keeps_nobody_from_giving_back(quick):
    room, paper = quick
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    request = wanted(room, paper, 1, person="p", amount="90")
    room.clock.at = datetime(2026, 12, 31, 9, 0)
    room.raise_("clerk", "hold", "wanted", request)
    room.clock.at = datetime(2027, 1, 2, 9, 0)
    room.raise_("clerk", "back", "wanted", request)
    assert balances(room, "spent") == [("p", 2026, Decimal("0.00"), Decimal("0.00"))]


def test_an_account_without_its_keys_is_refused(quick):
    room, paper = quick
    request = wanted(room, paper, 1, amount="1")
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    with pytest.raises(Refused) as refused:
        room.raise_("clerk", "hold", "wanted", request)
    (finding,) = refused.value.findings
    assert (finding.code, finding.at) == ("account_missing", ("amount",))


def test_expressions_read_balances(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 4})
    assert room.values("wanted", wanted(room, paper, 1))["book"] == 9


def test_roles_see_the_accounts_and_fields_that_were_granted(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 4})
    seen = {who: listed(room, who, "stock") for who in ("clerk", "leader")}
    assert {who: len(found.rows) for who, found in seen.items()} == {"clerk": 2, "leader": 1}
    assert len(listed(room, "leader", "stock.entries").rows) == 1
    account = next(row for row in room.all("stock") if row["place"] == "A")
    assert record_json(room.runtime, room.people["leader"], "stock", str(account["id"])).keys() & {"total", "held"} == {
        "total"
    }
    with pytest.raises(Refused):
        listed(room, "boss", "stock")


def test_nobody_makes_or_changes_an_account(quick):
    room, paper = quick
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    account = str(room.all("stock")[0]["id"])
    for event, record in (("enter", None), ("change", account)):
        with pytest.raises(Refused):
            room.raise_("clerk", event, "stock", record, total=99)


KIT = {
    "desk/kit/document.yaml": """
document: kit
title: 成套领用
fields:
  ready: {title: 备齐, type: boolean, default: false}
  lines:
    title: 明细
    type: table
    fields:
      item: {title: 物品, type: ref, to: item}
      qty:  {title: 数量, type: integer}
""",
    "desk/kit/machine.yaml": """
machine: kit
states: {draft: {title: 草稿}, waiting: {title: 待料}, held: {title: 已占用, final: true}}
events:
  enter: {from: new, to: draft}
  hold:
    from: draft
    to: held
    do:
      - each: lines
        do:
          - each: stock
            where: item == up.item and free > 0
            sort: place
            spread: {total: =qty, take: free}
            do: [{post: stock, entry: hold, account: =self, qty: =taken}]
  wait: {from: draft, to: waiting}
  go:   {from: waiting, to: held, by: itself, when: "count(stock, free >= 5) > 0"}
  part:
    from: draft
    to: held
    do:
      - choose:
          - when: count(lines) > 1
            do: [{each: lines, where: qty > 1, post: stock, entry: hold, account: {item: =item, place: A}, qty: =qty}]
          - do: [{post: stock, entry: hold, account: {item: =first(lines).item, place: A}, qty: 1, when: not ready}]
""",
    "desk/kit/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}\n",
}
KITS = {**ROOM, **KIT}


@pytest.fixture
def kits():
    return Office(KITS)


def test_each_row_sees_what_the_rows_before_it_took(kits):
    paper = kits.engine("item", {"name": "纸"})
    delivered(kits, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 5})
    twice = [{"item": paper, "qty": 4}, {"item": paper, "qty": 4}]
    kit = kits.raise_("clerk", "enter", "kit", lines=twice).record_id
    kits.raise_("clerk", "hold", "kit", kit)
    assert [row[3:] for row in balances(kits)] == [(5, 0), (3, 2)]
    assert entries(kits)[2:] == [("hold", None, 4), ("hold", None, 1), ("hold", None, 3)]
    again = kits.raise_("clerk", "enter", "kit", lines=[{"item": paper, "qty": 1}, {"item": paper, "qty": 2}]).record_id
    with pytest.raises(Refused) as refused:
        kits.raise_("clerk", "hold", "kit", again)
    (finding,) = refused.value.findings
    assert (finding.code, finding.at, finding.text["en"]) == ("short", ("lines", "1", "qty"), "short by 1")


def test_postings_inside_choices_and_conditions(kits):
    paper = kits.engine("item", {"name": "纸"})
    delivered(kits, {"item": paper, "place": "A", "qty": 9})
    for lines, ready in (([1, 3], False), ([1], False), ([1], True)):
        rows = [{"item": paper, "qty": qty} for qty in lines]
        kits.raise_("clerk", "part", "kit", kits.raise_("clerk", "enter", "kit", lines=rows, ready=ready).record_id)
    assert entries(kits)[1:] == [("hold", None, 3), ("hold", None, 1)]


def test_an_event_happens_by_itself_when_an_account_is_what_it_waits_for(kits):
    paper = kits.engine("item", {"name": "纸"})
    kit = kits.raise_("clerk", "enter", "kit", lines=[]).record_id
    kits.raise_("clerk", "wait", "kit", kit)
    kits.deliver()
    assert kits.values("kit", kit)["state"] == "waiting"
    delivered(kits, {"item": paper, "place": "A", "qty": 5})
    kits.deliver()
    assert kits.values("kit", kit)["state"] == "held"


def test_a_ledger_gets_a_further_amount_and_key(kits):
    paper = kits.engine("item", {"name": "纸"})
    delivered(kits, {"item": paper, "place": "A", "qty": 5})
    text = ROOM["desk/ledgers/stock.yaml"].replace(
        "amounts:\n", "  owner: {title: 货主, type: text, required: false}\namounts:\n"
    )
    text = text.replace("derived:\n", "  lent: {title: 借出, type: integer}\nderived:\n").replace(
        "total - held", "total - held - lent"
    )
    more = Office({**KITS, "desk/ledgers/stock.yaml": text}, store=kits.store)
    delivered(more, {"item": paper, "place": "A", "qty": 2})
    (account,) = more.all("stock")
    assert (account["total"], account["lent"], account["free"]) == (7, 0, 7)


def test_an_account_has_its_entries(kits):
    paper = kits.engine("item", {"name": "纸"})
    delivered(kits, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "A", "qty": 2})
    account = str(kits.all("stock")[0]["id"])
    related = read_document(kits.runtime, kits.people["clerk"], "stock", account).related
    assert [(str(title), document, len(rows)) for title, document, rows in related] == [
        ("库存账·流水", "stock.entries", 2)
    ]


def test_sums_for_people_are_of_what_they_may_see(room, paper):
    delivered(room, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 4})

    def added(who, field, document="stock"):
        with room.store.begin(write=False) as unit:
            world = ProjectedWorld(Work(room.runtime, unit, room.people[who], Performer()).world)
            return world.added_up(document, ALWAYS, field)

    assert [added(who, "total") for who in ("clerk", "leader", "boss")] == [9, 5, None]
    assert [added(who, "", "stock.entries") for who in ("clerk", "leader", "boss")] == [2, 1, 0]
    assert added("leader", "held") is None  # hidden there: the rows are gone through, and hold nothing


def test_ledgers_stand_in_the_menu_of_those_who_see_them():
    system = (
        "system: desk\nid: T-1\ntitle: 办公\nuses: [shared]\nroles:\n  clerk: {title: 经办}\n  leader: {title: 领导}\n"
    )
    system += "  boss: {title: 主管}\nmenu:\n  - {title: 库房, pages: [stock, stock.entries, spent]}\n"
    office = Office({**ROOM, "desk/system.yaml": system})
    shown = {
        who: [page[1] for group in menu(office.runtime, office.people[who]) for page in group.entries]
        for who in ("clerk", "boss")
    }
    assert shown == {"clerk": ["stock", "stock.entries"], "boss": ["spent"]}


def test_an_entry_tells_who_posted_it(quick):
    room, paper = quick
    delivered(room, {"item": paper, "place": "A", "qty": 5})
    (entry,) = room.all("stock.entries")
    assert room.runtime.definitions.documents["stock.entries"].fields["actor"].type.of == "user"
    assert entry["actor"] == room.people["clerk"].id


JOBS = """
jobs:
  top_up:
    title: 补库
    every: day
    at: "06:00"
    each: item
    do: [{post: stock, entry: receive, account: {item: =this, place: Z}, qty: 2}]
  lose:
    title: 盘亏
    every: day
    at: "07:00"
    each: item
    do: [{post: stock, entry: receive, account: {item: =this, place: Y}, qty: -1}]
  yearly:
    title: 年初
    every: year
    at: "00:10"
    do: [{post: spent, entry: hold, account: {person: all, year: =year_of(today)}, amount: 1}]
"""


def test_jobs_post_and_are_refused_like_events(store):
    office = Office({**ROOM, "desk/jobs.yaml": JOBS}, store=store, now=datetime(2026, 1, 1, 7, 5))
    item = office.engine("item", {"name": "纸"})
    run_due_jobs(office.runtime)
    while deliver_due(office.runtime):
        pass
    assert balances(office) == [("Z", None, 2, 0, 2)]
    (entry,) = office.all("stock.entries")
    assert (entry["document"], entry["actor"], entry["cause"]) == (f"item:{item}", None, "job")
    assert [(row["document"], row["entry"]) for row in office.all("spent.entries")] == [(None, "hold")]
    (failed,) = office.store.effects(state="failed")
    assert failed.payload["job"] == "lose"


def test_the_ledgers_of_a_qualified_system_bear_its_name():
    system = "system: desk\nid: T-1\ntitle: 办公\nqualified: true\nuses: [shared]\nroles:\n  clerk: {title: 经办}\n"
    system += "  leader: {title: 领导}\n  boss: {title: 主管}\n"
    office = Office({**ROOM, "desk/system.yaml": system})
    paper = office.engine("desk.item", {"name": "纸"})
    lines = [{"item": paper, "place": "A", "qty": 5}]
    delivery = office.raise_("clerk", "enter", "desk.delivery", lines=lines).record_id
    office.raise_("clerk", "store", "desk.delivery", delivery)
    request = office.raise_("clerk", "enter", "desk.wanted", item=paper, qty=2).record_id
    office.raise_("clerk", "hold", "desk.wanted", request)
    assert [row["free"] for row in office.all("desk.stock")] == [3]
    assert len(office.all("desk.stock.entries")) == 2


def test_only_accounts_that_fit_are_read(kits, monkeypatch):
    paper, pens = (kits.engine("item", {"name": name}) for name in ("纸", "笔"))
    delivered(kits, {"item": paper, "place": "A", "qty": 5}, {"item": pens, "place": "A", "qty": 5})
    read = []
    select = RecordWorld.select

    def noted(world, document, *asked, **further):
        rows = select(world, document, *asked, **further)
        read.extend(row["item"] for row in rows if document == "stock")
        return rows

    monkeypatch.setattr(RecordWorld, "select", noted)
    kit = kits.raise_("clerk", "enter", "kit", lines=[{"item": paper, "qty": 2}]).record_id
    kits.raise_("clerk", "hold", "kit", kit)
    assert set(read) == {paper}


TAKE = {
    "desk/take/document.yaml": """
document: take
title: 盘点单
fields:
  place: {title: 库位, type: text}
  started_at: {title: 开始, type: datetime, edit: false}
  lines:
    title: 明细
    type: table
    from: {each: stock, where: place == this.place and total != 0, on: start, with: {account: =self, book: =total}}
    fields:
      account: {title: 账户, type: ref, to: stock}
      book:    {title: 账面, type: integer}
      qty:     {title: 实盘, type: integer}
      moved:
        title: 变动
        type: integer
        value: "sum(stock.entries, total, account == up.account and at > this.started_at)"
      difference: {title: 差异, type: integer, value: qty - book - moved}
""",
    "desk/take/machine.yaml": """
machine: take
states: {planned: {title: 新建}, counting: {title: 盘点中}, posted: {title: 已过账, final: true}}
events:
  plan:  {from: new, to: planned}
  start: {from: planned, to: counting, do: [{set: {started_at: =now}}]}
  agree:
    from: counting
    to: posted
    do: [{post: stock, entry: receive, each: lines, where: difference != 0, account: =account, qty: =difference}]
""",
    "desk/take/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}\n",
}


def test_a_stock_take_counts_accounts_that_move_meanwhile(store):
    office = Office({**ROOM, **TAKE}, store=store)
    paper = office.engine("item", {"name": "纸"})
    delivered(office, {"item": paper, "place": "A", "qty": 5}, {"item": paper, "place": "B", "qty": 1})
    take = office.raise_("clerk", "plan", "take", place="A").record_id
    office.raise_("clerk", "start", "take", take)
    (line,) = office.values("take", take)["lines"]
    assert line["book"] == 5
    office.clock.at = datetime(2026, 5, 6, 10, 0)
    delivered(office, {"item": paper, "place": "A", "qty": 2})
    office.raise_("clerk", "change", "take", take, lines=[{"id": line["id"], "qty": 6}])
    assert office.values("take", take)["lines"][0]["difference"] == -1
    office.raise_("clerk", "change", "take", take, lines=[{"id": line["id"], "qty": 6}, {"book": 0, "qty": 1}])
    with pytest.raises(Refused) as refused:
        office.raise_("clerk", "agree", "take", take)
    assert [(one.code, one.at) for one in refused.value.findings] == [("account_missing", ("lines", "1", "difference"))]
    office.raise_("clerk", "change", "take", take, lines=[{"id": line["id"], "qty": 6}])
    office.raise_("clerk", "agree", "take", take)
    assert balances(office) == [("A", None, 6, 0, 6), ("B", None, 1, 0, 1)]
