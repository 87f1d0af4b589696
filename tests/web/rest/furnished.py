"""An office that has a door of every kind: orders and folders on paper, staff by sheet, all kinds of fields, a page."""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "engine" / "usecases"))
from paper_files import FILES as PAPER
from sheet_office import BOOK, HEADS, STAFF

from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from tests.web.conftest import FILES
from tests.web.test_free_pages import PAGE

__all__ = ["BOOK", "HEADS", "furnished"]
THING = """document: thing
title: {zh: 物品, en: Thing}
fields:
  name: {title: 名称, type: text, max: 12, required: true}
  limit: {title: 限额, type: money}
  weight: {title: 重量, type: decimal}
  pieces: {title: 件数, type: integer, min: 2, max: 9}
  fragile: {title: 易碎, type: boolean}
  made: {title: 制造日期, type: date}
  at: {title: 时刻, type: time}
  seen: {title: 查看时间, type: datetime}
  lasts: {title: 期限, type: duration}
  people: {title: 民族, type: code, in: peoples}
  peoples: {title: 各民族, type: codes, in: peoples}
  keeper: {title: 保管人, type: ref, to: user}
  helpers: {title: 协助人, type: refs, to: user}
  holder: {title: 身份证号, type: citizen_id, protect: encrypt, mask: "6****4"}
  firm: {title: 单位代码, type: credit_code}
  phone: {title: 手机, type: mobile}
  goods: {title: 商品编码, type: hs_code}
  told: {title: 说明, type: long_text}
  raw: {title: 数据, type: json}
  paper: {title: 附件, type: file, accept: [pdf]}
  papers: {title: 各附件, type: file, accept: [pdf], many: true}
  parts:
    title: 部件
    type: table
    fields:
      name: {title: 名称, type: text}
      count: {title: 数量, type: integer}
      people: {title: 民族, type: code, in: peoples}
      drawing: {title: 图纸, type: file, accept: [pdf]}
"""
ACCESS = """access:
  clerk: {read: "*", create: true, edit: "*", events: "*"}
  leader: {rows: fragile == true, read: "*"}
  boss: {read: "*", mask: [holder]}
"""
REVIEW = "{id: first, title: 领导, who: role leader in org, sign: all"
OFFICE = {
    **FILES,
    **PAPER,
    **{name: text for name, text in STAFF.items() if "/staff/" in name or "/codes/" in name},
    "desk/system.yaml": FILES["desk/system.yaml"].replace("pages: [order, letter]", "pages: [order, letter, board]"),
    "desk/order/machine.yaml": PAPER["desk/order/machine.yaml"].replace(
        REVIEW, f"{REVIEW}, may: [transfer, delegate, add_signer]"
    ),
    "desk/pages/board.yaml": PAGE.replace("type: optional code roles", "type: code, in: roles"),
    "desk/thing/document.yaml": THING,
    "desk/thing/access.yaml": ACCESS,
}


def furnished() -> Office:
    """The office, with workbooks that are real ones."""
    made = Office(OFFICE, store=MemoryStore())
    made.runtime = replace(made.runtime, workbook=BOOK)
    return made
