"""How computed fields come by their values, in words."""

import pytest

from engine.documents.explained import explanation
from engine.testing.office import Office

FILES = {
    "desk/sheet/document.yaml": """document: sheet
title: {zh: 单据, en: Sheet}
fields:
  holder: {title: {zh: 持有人, en: Holder}, type: ref, to: user}
  name: {title: {zh: 姓名, en: Name}, type: text, from: holder.name}
  begin: {title: {zh: 开始, en: Begin}, type: date}
  until: {title: {zh: 结束, en: End}, type: date}
  length: {title: {zh: 天数, en: Length}, type: integer, value: "days(begin, until) + 1"}
  kind: {title: {zh: 类别, en: Kind}, type: text, value: "'long' if length >= 30 and holder != null else 'short'"}
  last:
    {title: {zh: 上次, en: Last}, type: ref, to: sheet, find: holder == this.holder and id != this.id, newest: until}
  lines:
    title: {zh: 明细, en: Lines}
    type: table
    fields:
      qty: {title: {zh: 数量, en: Quantity}, type: integer}
      amount: {title: {zh: 金额, en: Amount}, type: money, value: qty * 2}
  total: {title: {zh: 合计, en: Total}, type: money, value: "sum(lines, amount)"}
""",
    "desk/sheet/access.yaml": 'access:\n  clerk: {read: "*", create: true}\n',
}


@pytest.fixture(scope="module")
def documents():
    return Office(FILES).runtime.definitions.documents


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("name", "取自：持有人·姓名", "Taken from: Holder·姓名"),
        ("length", "days(开始, 结束) + 1。 days：", "days(Begin, End) + 1. days: "),
        ("kind", "“long” 若 天数 ≥ 30 且 持有人 ≠ 空 否则 “short”", "“long” if Length ≥ 30 and Holder ≠ null"),
        ("last", "自动查找单据：持有人 ＝ 本单·持有人 且 该记录 ≠ 本单，取结束最近的一条", "Looked up among Sheet: "),
        ("total", "合计(明细, 金额)。", "sum(Lines, Amount)."),
        ("holder", "由系统生成", "Made by the system"),
    ],
)
def test_a_field_says_how(documents, name, zh, en):
    fields = documents["sheet"].fields
    assert explanation(fields[name], fields, documents, "zh").startswith(zh)
    assert explanation(fields[name], fields, documents, "en").startswith(en)


def test_a_column_stands_among_those_beside_it(documents):
    fields = documents["sheet"].fields
    columns = fields["lines"].fields
    assert explanation(columns["amount"], {**fields, **columns}, documents, "zh") == "数量 × 2。"
