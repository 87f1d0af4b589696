"""Messages as nobody should send them, and what must become of each: whatever door they come by, the content is judged
in one place. A desk that takes slips in by XML, bare and in a carrier, by JSON, csv and text of fixed width."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from engine.model.traffic import Arrived

SLIPS = {
    "desk/slip/document.yaml": """document: slip
title: 单
fields:
  ref:   {title: 号, type: text, max: 20}
  note:  {title: 注, type: text, max: 60}
  count: {title: 数, type: integer}
  day:   {title: 日, type: date}
  kind:  {title: 类, type: code, in: results}
unique: [[ref]]
""",
    "desk/slip/machine.yaml": """machine: slip
states: {sent: {title: 已发}, taken: {title: 已收}, refused: {title: 退回, final: true}}
events:
  enter: {title: 登记, from: new, to: sent, by: [clerk, engine]}
  take: {from: sent, to: taken, by: engine, ask: {text: {title: 文, type: text}}, do: [{set: {note: =event.text}}]}
  refuse: {from: [sent, taken], to: refused, by: engine}
late_events: keep
""",
    "desk/slip/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}",
    "shared/codes/results.csv": "code,title,event\n1,收,take\n2,退,refuse\n3,知,\n",
    "desk/mappings/slip_new.yaml": """mapping: slip_new
document: slip
format: xml
message: {root: s:New, namespace: {s: "urn:s"}, attributes: {id: message.id}}
tree: {"s:Ref": ref, "s:Note": note, "s:Count": count, "s:Day": {value: day, format: "%Y%m%d"}}
event: enter
""",
    "desk/mappings/slip_back.yaml": """mapping: slip_back
format: xml
message: {root: s:Results, namespace: {s: "urn:s"}, attributes: {id: message.id}}
each: s:Result
tree:
  s:Result: {s:Ref: ref, s:Code: {value: code, in: results}, s:Text: text}
match: [{document: slip, by: [ref]}]
event: code.event
with: {text: =text}
""",
    "desk/mappings/slip_rows.yaml": """mapping: slip_rows
document: slip
format: json
each: rows
tree: {rows: {no: ref, note: note, count: count, kind: kind.title}, id: message.id}
event: enter
""",
    "desk/mappings/slip_lines.yaml": """mapping: slip_lines
document: slip
format: csv
tree: {no: ref, note: note, count: count}
event: enter
""",
    "desk/mappings/slip_fixed.yaml": """mapping: slip_fixed
document: slip
format: fixed
encoding: gbk
tree: {no: {value: ref, size: 4}, note: {value: note, size: 6}}
event: enter
""",
    "desk/envelopes/carrier.yaml": """envelope: carrier
title: 传输
format: xml
message: {root: c:Message, namespace: {c: "urn:c"}}
tree:
  c:About: {c:Id: message.id, c:Kind: message.kind, c:Sender: sender}
  c:Data: {value: body, wrap: [base64]}
accept:
  - {size: 2MB, code: 1}
  - {shape: true, code: 2}
  - {known: sender, in: slip, by: ref, code: 3}
  - {once: message.id, for: 1 day, code: 4}
""",
    "desk/interfaces.yaml": """channels:
  rows: {title: 行, mapping: slip_rows}
  lines: {title: 行, mapping: slip_lines}
  fixed: {title: 定, mapping: slip_fixed}
""",
    "nodes/test.yaml": "node: test\nsystems: [desk]\naccounts: {document: user, login: login, password: password, "
    "name: name, roles: roles, org: org, enabled: enabled}\n"
    "channels: {out: {adapter: file}, in: {adapter: file, direction: in, most: 3MB}}\n",
}
SPACE = 'xmlns:s="urn:s"'
SENDER = "A"
"""The one sender whom the carrier knows; its slip must be there."""


def new(ref: str, note: str = "x", more: str = "") -> str:
    """A slip, as XML."""
    return f'<s:New {SPACE} id="{ref}"><s:Ref>{ref}</s:Ref><s:Note>{note}</s:Note>{more}</s:New>'


def results(inner: str, named: str = "") -> str:
    return f"<s:Results {SPACE} {named}>{inner}</s:Results>"


def carried(content: bytes | str, number: str = "", sender: str = SENDER) -> bytes:
    """A message in its carrier; text is put into it as it is."""
    data = b64encode(content).decode() if isinstance(content, bytes) else content
    about = f"<c:Id>{number}</c:Id><c:Sender>{sender}</c:Sender>"
    return f'<c:Message xmlns:c="urn:c"><c:About>{about}</c:About><c:Data>{data}</c:Data></c:Message>'.encode()


def random_text(length: int) -> str:
    """Text that no index can squeeze."""
    digits = (f"{(n * 2654435761) % 2**32:08x}" for n in range(length))
    return "".join(digits)[:length]


_LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
_MANY = " ".join(f"a{n}='1'" for n in range(100_000))
_OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
TAKEN, UNREADABLE, MALFORMED = ("processed", ""), ("quarantined", "MSG204"), ("failed", "MSG209")
REFUSED, NOTHING, ASIDE = ("failed", "MSG205"), ("unmatched", "MSG206"), ("quarantined", "MSG210")
Case = tuple[bytes, tuple[str, str]]

XML: Mapping[str, Case] = {
    "empty": (b"", UNREADABLE),
    "NULs": (bytes(50), UNREADABLE),
    "any bytes": (bytes(range(256)) * 4, UNREADABLE),
    "truncated": (new("B").encode()[:-5], UNREADABLE),
    "billion laughs": (f'<!DOCTYPE l [<!ENTITY a "ha">{_LAUGHS}]><l>&j;</l>'.encode(), UNREADABLE),
    "external entity": (_OUTSIDE.encode(), UNREADABLE),
    "external entity in UTF-16": (f'<?xml version="1.0" encoding="UTF-16"?>{_OUTSIDE}'.encode("utf-16"), UNREADABLE),
    "external entity in UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?>' + _OUTSIDE.encode("utf-7"), UNREADABLE),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><a/>', UNREADABLE),
    "included file": (
        f'<s:New {SPACE} xmlns:i="http://www.w3.org/2001/XInclude"><s:Ref><i:include href="/etc/passwd"/></s:Ref>'
        "</s:New>".encode(),
        MALFORMED,
    ),
    "another namespace": (new("C").replace("urn:s", "urn:t").encode(), NOTHING),
    "elements of another namespace": (f'<s:New {SPACE} xmlns:t="urn:t"><t:Ref>C</t:Ref></s:New>'.encode(), MALFORMED),
    "rows of another namespace": (results('<t:Result xmlns:t="urn:t"/>').encode(), MALFORMED),
    "no rows": (results("").encode(), TAKEN),
    "a number and no more": (f'<s:New {SPACE} id="only"/>'.encode(), TAKEN),
    "nothing": (f"<s:New {SPACE}/>".encode(), MALFORMED),
    "unknown receipt code": (results("<s:Result><s:Ref>A</s:Ref><s:Code>77</s:Code></s:Result>").encode(), MALFORMED),
    "a receipt for nothing": (results("<s:Result><s:Ref>?</s:Ref><s:Code>1</s:Code></s:Result>").encode(), NOTHING),
    "GBK": (f'<?xml version="1.0" encoding="GBK"?>{new("G1", "中文")}'.encode("gbk"), TAKEN),
    "GBK that says nothing": (new("G2", "中文").encode("gbk"), UNREADABLE),
    "GB18030": (f'<?xml version="1.0" encoding="GB18030"?>{new("G3", "中文㐀𠀀")}'.encode("gb18030"), TAKEN),
    "UTF-8 with its mark": (b"\xef\xbb\xbf" + new("G4", "中").encode(), TAKEN),
    "UTF-16": (new("G5", "中").encode("utf-16"), TAKEN),
    "UTF-8 that says UTF-16": (f'<?xml version="1.0" encoding="UTF-16"?>{new("G6")}'.encode(), UNREADABLE),
    "an encoding that nobody has": (f'<?xml version="1.0" encoding="klingon"?>{new("G7")}'.encode(), UNREADABLE),
    "deep": (b"<a>" * 100_000 + b"</a>" * 100_000, UNREADABLE),
    "100,000 siblings": (new("S1", more="<a/>" * 100_000).encode(), TAKEN),
    "100,000 repetitions": (new("S2", more="<s:Ref>x</s:Ref>" * 100_000).encode(), MALFORMED),
    "100,000 attributes": (
        f"<s:New {SPACE} {_MANY}/>".encode(), MALFORMED,
    ),
    "a control character": (new("K1", "a\x01b").encode(), UNREADABLE),
    "NUL by its number": (new("K2", "a&#0;b").encode(), UNREADABLE),
    "half of a sign": (new("K3", "a&#xD800;b").encode(), UNREADABLE),
    "a text too long": (new("L" * 100_000).encode(), REFUSED),
    "a number too long": (f'<s:New {SPACE} id="{random_text(9_000)}"><s:Ref>N0</s:Ref></s:New>'.encode(), TAKEN),
    "a figure too large": (new("N1", more=f"<s:Count>{'9' * 90}</s:Count>").encode(), REFUSED),
    "a day that is none": (new("N2", more="<s:Day>20261399</s:Day>").encode(), MALFORMED),
    "larger than the channel takes": (new("X", "x" * (4 << 20)).encode(), ("quarantined", "MSG202")),
    "in its carrier": (carried(new("E1").encode(), "M1"), TAKEN),
    "the carrier's number again": (carried(new("E2").encode(), "M1"), ASIDE),
    "a sender nobody knows": (carried(new("E3").encode(), "M3", "NOBODY"), ASIDE),
    "a sender of nine thousand signs": (carried(new("E4").encode(), "M4", random_text(9_000)), ASIDE),
    "no sender": (carried(new("E5").encode(), "M5", ""), ASIDE),
    "no number": (carried(new("E6").encode()), ASIDE),
    "a carrier's number too long": (carried(new("E7").encode(), random_text(9_000)), TAKEN),
    "an empty carrier": (carried("", "M8"), UNREADABLE),
    "a carrier of no base64": (carried("%%%", "M9"), UNREADABLE),
    "a carrier of rubbish": (carried(b"<x", "M10"), UNREADABLE),
    "a document type in a carrier": (carried(_OUTSIDE.encode(), "M11"), UNREADABLE),
    "a carrier in a carrier": (carried(carried(new("E12").encode(), "M12"), "M13"), NOTHING),
    "a carrier cut off": (carried(new("E13").encode(), "M14")[:-20], UNREADABLE),
}  # fmt: skip
JSON: Mapping[str, Case] = {
    "rows": (b'{"rows":[{"no":"J1"}]}', TAKEN),
    "no rows": (b'{"rows":[]}', TAKEN),
    "other names": (b'{"rowz":[{"no":"J2"}]}', MALFORMED),
    "other names in a row": (b'{"rows":[{"No":"J2"}]}', MALFORMED),
    "nothing": (b"{}", MALFORMED),
    "a row that is no list": (b'{"rows":{"no":"J3"}}', MALFORMED),
    "rows that are no objects": (b'{"rows":["a",1]}', MALFORMED),
    "a list": (b"[1]", UNREADABLE),
    "truncated": (b'{"rows":[{"no":"J4', UNREADABLE),
    "not a number": (b'{"rows":[{"no":NaN}]}', UNREADABLE),
    "deep": (b'{"rows":' + b"[" * 100_000 + b"]" * 100_000 + b"}", UNREADABLE),
    "GBK": ('{"rows":[{"no":"中文"}]}'.encode("gbk"), UNREADABLE),
    "NUL": (b'{"rows":[{"no":"J\\u0000"}]}', REFUSED),
    "half of a sign": (b'{"rows":[{"no":"J\\ud800"}]}', UNREADABLE),
    "two halves of a sign": (b'{"rows":[{"no":"J\\ud83d\\ude00"}]}', TAKEN),
    "a code with NUL": (b'{"rows":[{"no":"J5","kind":"\\u0000"}]}', MALFORMED),
    "a number with NUL": (b'{"id":"a\\u0000","rows":[{"no":"J6"}]}', TAKEN),
    "a number with half of a sign": (b'{"id":"\\ud800","rows":[{"no":"J7"}]}', UNREADABLE),
    "a name with half of a sign": (b'{"\\uDC00":1,"rows":[{"no":"J7"}]}', UNREADABLE),
    "a list as a value": (b'{"rows":[{"no":["J8","J9"]}]}', REFUSED),
    "an object as a value": (b'{"rows":[{"no":{"a":1}}]}', MALFORMED),
    "a figure of 10,000 digits": (b'{"rows":[{"no":"J10","count":' + b"9" * 10_000 + b"}]}", UNREADABLE),
    "a figure of 999,999,999 digits": (b'{"rows":[{"no":"J11","count":1e999999999}]}', MALFORMED),
    "a figure beyond all numbers": (b'{"rows":[{"no":"J12","count":1e' + b"9" * 30 + b"}]}", UNREADABLE),
    "a name told twice": (b'{"rows":[{"no":"J12","no":"J13"}]}', UNREADABLE),
}
CSV: Mapping[str, Case] = {
    "a line": ("no,note,count\r\nC1,中,1\r\n".encode(), TAKEN),
    "heads alone": (b"no,note,count\r\n", TAKEN),
    "empty": (b"", UNREADABLE),
    "other heads": (b"a,b,c\r\n1,2,3\r\n", UNREADABLE),
    "1,000 heads": (",".join(f"h{n}" for n in range(1_000)).encode(), UNREADABLE),
    "a line cut off": (b"no,note,count\r\nC2\r\n", MALFORMED),
    "a comma too many": (b"no,note,count\r\nC3,a,b,1\r\n", MALFORMED),
    "a quote that does not end": (b'no,note,count\r\nC4,"a,1\r\n', UNREADABLE),
    "a cell of 140,000 signs": (b"no,note,count\r\nC5," + b"x" * 140_000 + b",1\r\n", UNREADABLE),
    "NUL": (b"no,note,count\r\nC6,a\0b,1\r\n", REFUSED),
    "GBK": ("no,note,count\r\nC7,中文,1\r\n".encode("gbk"), UNREADABLE),
}
FIXED: Mapping[str, Case] = {
    "a record": ("F1  中文  ".encode("gbk"), TAKEN),
    "empty": (b"", UNREADABLE),
    "cut off": (b"F2", UNREADABLE),
    "UTF-8": ("F3  中文".encode(), UNREADABLE),
    "NULs": (b"F4  " + bytes(6), REFUSED),
}
ALL: Mapping[str, Mapping[str, Case]] = {"in": XML, "rows": JSON, "lines": CSV, "fixed": FIXED}
"""By channel, by what is wrong."""

HEADS: Mapping[str, Arrived] = {
    "a key with NUL": Arrived(new("H1").encode(), "a\0b"),
    "a key of 9,000 signs": Arrived(new("H2").encode(), random_text(9_000)),
    "a key with half of a sign": Arrived(new("H3").encode(), "\udc81\ud800"),
    "a kind with NUL": Arrived(new("H4").encode(), "h4", "a\0b"),
    "a kind of 9,000 signs": Arrived(new("H5").encode(), "h5", random_text(9_000)),
    "a kind with half of a sign": Arrived(new("H6").encode(), "h6", "\ud800"),
    "headers that no database takes": Arrived(new("H7").encode(), "h7", "", {"a\0": "\ud800\0", "topic": "\0"}),
    "no key": Arrived(new("H8").encode(), ""),
}
"""Well-formed messages with heads that a door may hand over: each is taken."""
