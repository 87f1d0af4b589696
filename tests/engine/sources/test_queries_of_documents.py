"""Queries of one document type: `this` is the document that asks, wherever one is at hand."""

from tests.manual import GUIDE, Page, problems_of, run, tree_of

NOTE = """document: note
title: 便条
fields:
  shop:  {title: 门店, type: ref, to: shop, required: true}
  day:   {title: 日期, type: date, required: true}
  pick:  {title: 选择, type: ref, to: sale, where: "any(mine, id == up.id)"}
  sales: {title: 笔数, type: integer, value: count(mine)}
  twice: {title: 两倍, type: money, value: "sum(mine, twice)"}
  large: {title: 大额, type: money, value: "sum(over(least=5), amount)"}
  days:  {title: 天数, type: integer, value: count(by_day)}
  done:  {title: 已办, type: boolean, default: false, edit: false}
queries:
  mine:
    of: sale
    where: shop == this.shop and day <= this.day
    columns: {twice: amount * 2}
    sort: "days(day, this.day)"
  over:   {takes: {least: money}, of: mine, where: amount >= least and day <= this.day}
  by_day: {of: mine, per: {d: day}, columns: {left: "days(d, this.day)"}}
"""
ACCESS = 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n'
JOBS = """jobs:
  round: {every: day, each: note, where: count(sale) > 0 and this.sales == 1, do: [{set: {done: =this.day < today}}]}
"""
SCENARIO = """scenarios:
  asked_from_a_form_and_from_a_job:
    today: 2026-05-06
    given:
      unit: {org: {name: 甲}}
      a: {shop: {name: 东店}}
      b: {shop: {name: 西店}}
      early: {sale: {shop: a, day: 2026-05-01, amount: 10}}
      other: {sale: {shop: b, day: 2026-05-02, amount: 20}}
      l: {sale: {shop: a, day: 2026-05-09, amount: 20}}
    steps:
      - {as: clerk, event: enter, on: note, with: {shop: a, day: 2026-05-03, pick: early}, name: n}
      - {as: clerk, event: enter, on: note, with: {shop: a, day: 2026-05-03, pick: l}, expect_refused: outside_choice}
      - expect: {n: {sales: 1, twice: 20, large: 10, days: 1}}
      - {wait: 1 day}
      - expect: {n: {done: true}}
"""


def office() -> dict[str, str]:
    return {
        **tree_of(Page(GUIDE / "queries.md")),
        "office/note/document.yaml": NOTE,
        "office/note/access.yaml": ACCESS,
        "office/note/scenarios/asked.yaml": SCENARIO,
        "office/jobs.yaml": JOBS,
    }


def test_this_is_the_document_that_asks() -> None:
    assert problems_of(office()) == []
    assert {one.name: one.mistakes for one in run(office()).results if one.mistakes} == {}
