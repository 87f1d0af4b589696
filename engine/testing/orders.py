"""Definitions for tests of use cases: orders with rows, an approval, a deadline and a message; letters follow them."""

ORDER = {
    "desk/order/document.yaml": """document: order
title: 订单
number: "DD{today:%Y}{seq:04}"
label: name
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  name: {title: 名称, type: text, max: 20, required: true}
  customer: {title: 客户, type: ref, to: user}
  customer_name: {title: 客户名, type: text, from: customer.name, edit: true}
  secret: {title: 证号, type: text, protect: encrypt, mask: "2****2"}
  lines:
    title: 明细
    type: table
    rows: {max: 50}
    fields:
      item: {title: 品名, type: text, required: true}
      qty: {title: 数量, type: integer, required: true}
      price: {title: 单价, type: money, required: true}
      amount: {title: 金额, type: money, value: qty * price}
  total: {title: 合计, type: money, value: "sum(lines, amount)"}
  note: {title: 说明, type: text, show: total > 1000, required: total > 1000}
  rival:
    {title: 同客户订单, type: ref, to: order, find: customer == this.customer and id != this.id, newest: created_at}
unique: [[name]]
search: [name]
""",
    "desk/order/machine.yaml": """machine: order
states:
  draft: {title: 草稿}
  reviewing: {title: 审批中, approval: review}
  approved: {title: 已同意, until: {after: 45 days, event: expire}}
  refused: {title: 不同意, final: true}
  expired: {title: 过期, final: true}
events:
  enter: {title: 保存, from: new, to: draft, by: clerk}
  submit: {title: 提交, from: draft, to: reviewing, by: clerk, when: count(lines) > 0, refusal: 请填写明细}
  approve:
    title: 同意
    from: reviewing
    to: approved
    by: approval
    do: [{send: order_report}, {create: letter, with: {order: =this}}]
  reject: {title: 拒绝, from: reviewing, to: refused, by: approval}
  back: {title: 退回, from: reviewing, to: draft, by: approval}
  remove: {title: 删除, from: draft, to: refused, by: clerk, delete: true}
  recall: {title: 撤回, from: reviewing, to: draft, by: clerk, refusal: 主管已在审批，不能撤回}
  expire: {title: 过期, from: approved, to: expired, by: timer}
  drop:
    title: 作废
    from: [draft, approved]
    to: refused
    by: clerk
    ask: {reason: {title: 原因, type: text, required: true}}
    do: [{raise: stop, on: letters, skip: not_allowed}]
approvals:
  review:
    steps:
      - {id: first, title: 领导, who: role leader in org, sign: all}
      - {id: second, title: 主管, who: role boss in org, sign: any, when: total > 500}
    agreed: approve
    refused: reject
    return: {to: starter, event: back}
    withdraw: {until: second, event: recall}
""",
    "desk/order/rules.yaml": """rules:
  small: {check: qty < 100, each: lines, at: qty, message: "第{row}行数量过大"}
  big: {when: total > 5000, level: confirm, at: total, message: "合计{total}，确认吗"}
  round: {when: total == 100, level: warn, at: total, message: {zh: "正好{total}", en: "exactly {total}"}}
""",
    "desk/order/access.yaml": """access:
  clerk:
    rows: org == user.org
    read: "*"
    create: true
    edit: {when: "state == 'draft'", fields: "*"}
    events: "*"
    print: "*"
    export: true
  leader: {rows: org == user.org, read: "*", mask: [secret]}
  boss: {read: "*", hide: [secret]}
""",
    "desk/order/mappings/order_report.yaml": """mapping: order_report
document: order
format: json
to: out
tree: {no: number, total: total, lines: {each: lines, tree: {n: row, item: item}}}
""",
    "desk/letter/document.yaml": """document: letter
title: 函
number: "H{seq:03}"
fields:
  order: {title: 订单, type: ref, to: order, back: letters, required: true}
  title: {title: 标题, type: text, from: order.name}
""",
    "desk/letter/machine.yaml": """machine: letter
states:
  draft: {title: 草稿}
  sent: {title: 已发}
  closed: {title: 已结, final: true}
  stopped: {title: 停办, final: true}
events:
  write: {title: 起草, from: new, to: draft, by: [clerk, engine]}
  send: {title: 发出, from: draft, to: sent, by: clerk}
  stop: {title: 停办, from: draft, to: stopped, by: engine}
  close: {title: 办结, from: sent, to: closed, by: itself, when: "order.state == 'expired'"}
""",
    "desk/letter/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}
