"""An office whose clerk imports staff, orders with rows, and changes; workbooks are real ones."""

from dataclasses import replace

from adapters.excel.workbook import ExcelWorkbook
from engine.testing.office import Office
from engine.usecases import imports, sheets
from engine.usecases.imports import ALL

STAFF = {
    "desk/codes/peoples.csv": "code,title\n01,汉族\n02,蒙古族\n98,其他\n99,其他\n",
    "desk/staff/document.yaml": """document: staff
title: 职员
number: "Z{seq:03}"
label: name
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  name: {title: 姓名, type: text, max: 10, required: true}
  card: {title: 证号, type: text, max: 20, required: true, protect: encrypt, mask: "2****2"}
  mark: {title: 标识, type: text, value: "upper(card)"}
  people: {title: 民族, type: code, in: peoples}
  born: {title: 出生日期, type: date}
  boss: {title: 上级, type: ref, to: staff}
  grade: {title: 级别, type: integer, default: 1, max: 9}
  left_on: {title: 离职, type: date, edit: false}
unique: [[mark]]
""",
    "desk/staff/machine.yaml": """machine: staff
states: {here: {title: 在职, final: true}, gone: {title: 离职, final: true}}
events:
  enter: {title: 登记, from: new, to: here, by: [clerk, boss]}
  retire:
    title: 登记离职
    from: new
    to: gone
    by: clerk
    ask: {on: {title: 离职日期, type: date, required: true}}
    do: [{set: {left_on: =event.on}}]
  change: {title: 修改, from: here, by: clerk}
""",
    "desk/staff/rules.yaml": """rules:
  adult: {check: "years(born, today) >= 16", at: born, message: 未成年}
  senior: {when: grade > 7, level: confirm, at: grade, message: "级别{grade}，确认吗"}
""",
    "desk/staff/access.yaml": """access:
  clerk: {rows: org == user.org, read: "*", mask: [card], create: true, edit: "*", events: "*", import: true}
  leader: {rows: org == user.org, read: "*", hide: [card], edit: "*", events: "*"}
  boss: {read: "*", hide: [card, mark], create: true, edit: "*", events: "*", import: true}
""",
    "desk/staff/sheets/staff.yaml": """sheet: staff
title: 职员
document: staff
event: enter
columns:
  name: {head: 姓名, also: [名字]}
  card: {head: 证号}
  people: {head: 民族}
  born: {head: 出生日期}
  boss: {head: 上级}
  grade: {head: 级别}
""",
    "desk/staff/sheets/changes.yaml": """sheet: changes
title: 变动
document: staff
event: enter
columns: {name: {head: 姓名}, card: {head: 证号}, grade: {head: 级别}, boss.card: {head: 上级证号}}
match: [mark]
found: change
""",
    "desk/staff/sheets/retired.yaml": """sheet: retired
title: 离职
document: staff
event: retire
columns: {name: {head: 姓名}, card: {head: 证号}, event.on: {head: 离职日期}}
""",
    "desk/order/document.yaml": """document: order
title: 订单
fields:
  no: {title: 单号, type: text, required: true}
  customer: {title: 客户, type: text}
  lines:
    title: 明细
    type: table
    rows: {min: 1}
    fields: {item: {title: 品名, type: text, required: true}, qty: {title: 数量, type: integer, required: true, min: 1}}
  total: {title: 合计, type: integer, value: "sum(lines, qty)"}
""",
    "desk/order/machine.yaml": """machine: order
states: {open: {title: 登记, final: true}}
events: {enter: {title: 登记, from: new, to: open, by: clerk}}
""",
    "desk/order/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*", import: true}}\n',
    "desk/order/sheets/orders.yaml": """sheet: orders
document: order
columns: {no: {head: 单号}, customer: {head: 客户}, lines.item: {head: 品名}, lines.qty: {head: 数量}}
group: no
""",
}
HEADS = ["姓名", "证号", "民族", "出生日期", "上级", "级别"]
BOOK = ExcelWorkbook()


def staffed(store) -> Office:
    """The office over a store."""
    office = Office(STAFF, store=store)
    office.runtime = replace(office.runtime, workbook=BOOK)
    return office


def book(*rows, heads=None) -> bytes:
    """A workbook of one sheet."""
    return BOOK.write("职员", heads or HEADS, rows)


def sent(office, *rows, sheet="staff", document="staff", who="clerk", heads=None):
    content = book(*rows, heads=heads)
    return done(office, sheets.begin(office.runtime, office.people[who], document, sheet, content, "名单.xlsx"), who)


def taken(office, view, which=ALL, who="clerk"):
    return done(office, imports.take(office.runtime, office.people[who], view.document, view.id, which), who)


def done(office, view, who="clerk"):
    office.deliver()
    return imports.read(office.runtime, office.people[who], view.document, view.id)


def told(view) -> dict[str, str]:
    return {one.address: one.text["zh"] for one in view.findings if one.is_error}


def counts(view) -> tuple[int, int, int, int]:
    return view.good, view.found, view.known, view.bad


def marked(office, view) -> bytes:
    return imports.marked(office.runtime, office.people["clerk"], view.document, view.id)[1]
