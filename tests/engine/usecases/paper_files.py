"""An order with a print that is bound to its data, whose scans come back; and a folder that prints many."""

from engine.testing.orders import ORDER

_PRINTS = "desk/order/prints/"
FILES = {
    **ORDER,
    "desk/order/document.yaml": ORDER["desk/order/document.yaml"].replace(
        "  note:", "  scan: {title: 扫描件, type: file, accept: [pdf], edit: false}\n  note:", 1
    ),
    "desk/order/machine.yaml": ORDER["desk/order/machine.yaml"].replace(
        "approvals:\n",
        """  collect:
    title: 采集
    from: [draft, reviewing]
    by: clerk
    ask: {page: {title: 扫描件, type: file, accept: [pdf], required: true}}
    do: [{set: {scan: =event.page}}]
approvals:
""",
        1,
    ),
    f"{_PRINTS}slip.yaml": """print: slip
title: 订单
document: order
template: slip.html
qr: "{number}"
verify: {facts: {number: plain, name: plain, secret: "1***1", state: plain}, valid: state != 'refused'}
scanned: {event: collect, into: page}
""",
    f"{_PRINTS}slip.html": "<p>{{ name }} {{ secret }} {{ total }}</p>"
    "{% for line in lines %}<b>{{ line.item }}</b>{% endfor %}",
    "desk/folder/document.yaml": """document: folder
title: 夹
number: "J{seq:03}"
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org}
  members: {title: 成员, type: table, rows: {max: 200}, fields: {order: {title: 订单, type: ref, to: order}}}
""",
    "desk/folder/machine.yaml": """machine: folder
states: {open: {title: 开}, packed: {title: 已打印, final: true}}
events:
  enter: {title: 新建, from: new, to: open, by: clerk}
  pack: {title: 打印, from: open, to: packed, by: [clerk, engine], do: [{print: all}]}
""",
    "desk/folder/access.yaml": 'access:\n  clerk: {read: "*", create: true, events: "*", print: "*"}\n'
    '  leader: {read: "*", print: "*"}\n',
    "desk/folder/prints/all.yaml": "print: all\ntitle: 全部\ndocument: folder\n"
    "bundle: {each: members, prints: [{print: slip, of: order}]}\n",
}
LINE = {"item": "笔", "qty": "3", "price": "200"}
