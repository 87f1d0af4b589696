"""A small store room over a ledger, for tests: deliveries, requests that are served by expiry, moves, a yearly limit."""

from __future__ import annotations

from engine.testing.office import Office

ROOM = {
    "desk/values/limits.yaml": "values:\n  yearly: {title: 年度限额, type: money, dated: [{from: 2020-01-01, value: 100},"
    " {from: 2027-01-01, value: 50}]}\n",
    "desk/access.yaml": "access: {}\nledgers:\n  stock:\n    clerk: {read: '*'}\n    leader: {read: [item, total],"
    " rows: place == 'A'}\n  spent: {boss: {read: '*'}}\n",
    "desk/ledgers/stock.yaml": """
ledger: stock
title: {zh: 库存账, en: Stock}
per:
  item:   {title: 物品, type: ref, to: item}
  place:  {title: 库位, type: text, max: 10}
  expiry: {title: 效期, type: date, required: false}
amounts:
  total: {title: 总数, type: integer}
  held:  {title: 占用, type: integer}
derived:
  free: {title: 可用, type: integer, value: total - held}
never:
  total < 0: 总数不能为负
  free < 0: {zh: "可用数不足，还差{-free}", en: "not enough: short by {-free}"}
entries:
  receive: {title: 入库, total: +qty}
  hold:    {title: 占用, held: +qty}
  free_up: {title: 释放, held: -qty}
  ship:    {title: 出库, total: -qty, held: -qty}
  move:    {title: 移库, from: {total: -qty}, to: {total: +qty}}
closing: month
""",
    "desk/ledgers/spent.yaml": """
ledger: spent
title: 年度额度
per:
  person: {title: 人, type: text, max: 64, mask: "1**"}
  year:   {title: 年度, type: integer}
amounts: {held: {title: 占用, type: money}, used: {title: 已用, type: money}}
never: {held + used > values.yearly: "超出年度限额{values.yearly}"}
entries:
  hold:    {title: 占用, held: +amount}
  settle:  {title: 核销, held: -amount, used: +amount}
  release: {title: 释放, held: -amount}
""",
    "desk/item/document.yaml": "document: item\ntitle: 物品\nlabel: name\nfields:\n  name: {title: 名称, type: text}\n",
    "desk/item/access.yaml": "access: {clerk: {read: '*'}, leader: {read: '*'}}\n",
    "desk/delivery/document.yaml": """
document: delivery
title: 入库单
fields:
  lines:
    title: 明细
    type: table
    fields:
      item:   {title: 物品, type: ref, to: item, required: true}
      place:  {title: 库位, type: text, required: true}
      expiry: {title: 效期, type: date}
      qty:    {title: 数量, type: integer, required: true}
""",
    "desk/delivery/machine.yaml": """
machine: delivery
states: {draft: {title: 草稿}, stored: {title: 已入库, final: true}}
events:
  enter: {from: new, to: draft}
  store:
    from: draft
    to: stored
    do: [{post: stock, entry: receive, each: lines, account: {item: =item, place: =place, expiry: =expiry}, qty: =qty}]
  shift:
    from: stored
    to: stored
    ask: {qty: {title: 数量, type: integer}, to: {title: 到, type: text}}
    do:
      - each: lines
        do:
          - post: stock
            entry: move
            from: {item: =item, place: =place, expiry: =expiry}
            to: {item: =item, place: =event.to, expiry: =expiry}
            qty: =event.qty
""",
    "desk/delivery/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}\n",
    "desk/wanted/document.yaml": """
document: wanted
title: 领用单
fields:
  item:   {title: 物品, type: ref, to: item, required: true}
  qty:    {title: 数量, type: integer, required: true}
  person: {title: 人, type: text}
  amount: {title: 金额, type: money}
  book:   {title: 账面, type: integer, value: "sum(stock, free, item == this.item)"}
  picks:
    title: 拣货
    type: table
    edit: false
    fields:
      place:  {title: 库位, type: text}
      expiry: {title: 效期, type: date}
      qty:    {title: 数量, type: integer}
""",
    "desk/wanted/machine.yaml": """
machine: wanted
states: {draft: {title: 草稿}, held: {title: 已占用}, shipped: {title: 已出库, final: true}, gone: {title: 作废, final: true}}
events:
  enter: {from: new, to: draft}
  hold:
    from: draft
    to: held
    do:
      - each: stock
        where: item == this.item and free > 0
        sort: expiry, place
        spread: {total: =this.qty, take: free, short: refuse}
        do:
          - {post: stock, entry: hold, account: =self, qty: =taken}
          - {put: picks, with: {place: =up.place, expiry: =up.expiry, qty: =taken}}
      - {post: spent, entry: hold, when: amount != null, account: {person: =person, year: =year_of(today)}, amount: =amount}
  ship: {from: held, to: shipped, do: [{post: stock, entry: ship, of: hold}, {post: spent, entry: settle, of: hold}]}
  back: {from: held, to: draft, do: [{post: stock, entry: free_up, of: hold}, {post: spent, entry: release, of: hold}, {drop: picks}]}
  drop: {from: [draft, held], to: gone, do: [{post: stock, entry: free_up, of: hold}, {post: spent, entry: release, of: hold}]}
""",
    "desk/wanted/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}\n",
    "desk/queries.yaml": "queries:\n  short_items: {title: 缺货, of: stock, where: free < 3, columns: [item, place, free]}\n",
}  # fmt: skip


def room(**more: object) -> Office:
    return Office({**ROOM}, **more)  # type: ignore[arg-type]
