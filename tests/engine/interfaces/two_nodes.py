"""Two nodes with keys of their own that talk through a sealed and signed envelope: one calls what the other offers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import KeyKind, NewKey
from engine.model.traffic import Replied
from engine.problems import DeliveryError, Incident
from engine.testing.office import BASE, Office
from engine.web import WebSettings, create_app
from tests.adapters.crypto.authority import Authority

FILES = {
    "nodes/test.yaml": BASE["nodes/test.yaml"] + "services: {transfer: {url_from: TRANSFER_URL, tries: 2}}\n",
    "desk/partner/document.yaml": """document: partner
title: 对方
fields:
  module: {title: 安全模块, type: text, max: 64, required: true}
  certificate: {title: 证书, type: file}
unique: [[module]]
""",
    "desk/partner/machine.yaml": """machine: partner
states: {active: {title: 启用}, banned: {title: 黑名单, final: true}}
events:
  enter: {from: new, to: active, by: [clerk, engine]}
  ban: {title: 拉黑, from: active, to: banned, by: clerk}
""",
    "desk/partner/access.yaml": "access: {clerk: {read: '*', create: true, events: '*'}}",
    "desk/values/desk.yaml": "values: {module: {title: 本方, type: text, value: MODULE}}",
    "desk/envelopes/secure.yaml": """envelope: secure
title: 安全信封
format: json
tree:
  version: "'1'"
  mstype: message.kind
  c:
    coding: "'b64'"
    reqid: request_id
    time: {value: request_time, also: [reqtime], format: "%Y%m%d%H%M%S"}
    sid: session
    ei: module
  s: {env: sealed_key, sig: signature}
  bdata: body
security: {sign: sm2, over: [c, bdata], seal: sm4, of: bdata, certificate_of: module, certificate: certificate,
  key: node, as: =values.module}
accept:
  - {size: 20KB, code: 1001}
  - {shape: true, code: 1002}
  - {fresh: 5 minutes, at: request_time, code: 1102}
  - {once: request_id, for: 10 minutes, code: 1101}
  - {rate: {per: module, limit: 20/s}, code: 1103}
  - {known: module, in: partner, by: module, code: 1202}
  - {when: caller.state == 'active', code: 1203}
  - {verify: signature, code: 1201}
  - {open: body, code: 1204}
codes: {ok: 0, malformed: 1001, missing: 1002, bad_code: 1003, duplicate: 2001, unknown: 2004, not_allowed: 2005,
  internal: 9999}
answer:
  code: code
  desc: text
  field: field
  duplicate: duplicate
  c: {reqid: request_id, ei: module}
  s: {env: sealed_key, sig: signature}
  bdata: body
""",
    "desk/mappings/record.yaml": """mapping: record
format: fixed
encoding: gb18030
pad: "\\0"
tree:
  ZJLX: {value: ZJLX, size: 3}
  ZJHM: {value: ZJHM, size: 9}
  ZWXM: {value: ZWXM, size: 20}
  CSRQ: {value: CSRQ, size: 8, format: "%Y%m%d"}
""",
    "desk/mappings/put_in.yaml": """mapping: put_in
document: report
format: json
seal: {for: receiver.certificate, key: node}
tree:
  ywlsh: serial
  zjdata: {value: self, mapping: record_of, wrap: [sealed, base64]}
""",
    "desk/mappings/record_of.yaml": """mapping: record_of
document: report
format: fixed
encoding: gb18030
pad: "\\0"
tree:
  ZJLX: {value: kind, size: 3}
  ZJHM: {value: paper, size: 9}
  ZWXM: {value: name, size: 20}
  CSRQ: {value: born, size: 8, format: "%Y%m%d"}
""",
    "desk/report/document.yaml": """document: report
title: 上报
fields:
  serial: {title: 流水号, type: text, max: 20, required: true}
  kind: {title: 类型, type: text, max: 3}
  paper: {title: 号码, type: text, max: 9}
  name: {title: 姓名, type: text, max: 10}
  born: {title: 出生, type: date}
  receiver: {title: 对方, type: ref, to: partner}
  receipt: {title: 回执, type: text, max: 20, edit: false}
unique: [[serial]]
""",
    "desk/report/machine.yaml": """machine: report
states: {sent: {title: 已报}, taken: {title: 已收, final: true}, failed: {title: 失败, final: true}}
events:
  enter: {from: new, to: sent, by: clerk, do: [{call: put_in, key: "R-{serial}", ok: took, failed: fail}]}
  took:
    from: sent
    to: taken
    by: engine
    ask: {receipt: {title: 回执, type: text}}
    do: [{set: {receipt: =event.receipt}}]
  fail: {from: sent, to: failed, by: engine}
""",
    "desk/report/access.yaml": "access: {clerk: {read: '*', create: true, events: '*'}}",
    "desk/taken/document.yaml": """document: taken
title: 收到
fields:
  serial: {title: 流水号, type: text, max: 20}
  sender: {title: 对方, type: ref, to: partner}
  paper: {title: 号码, type: text, max: 9}
  name: {title: 姓名, type: text, max: 10}
  raw: {title: 原文, type: file}
unique: [[sender, serial]]
""",
    "desk/taken/machine.yaml": "machine: taken\nstates: {stored: {title: 已存, final: true}}\n"
    "events: {store: {from: new, to: stored, by: engine}}\n",
    "desk/taken/access.yaml": "access: {clerk: {read: '*'}}",
    "desk/interfaces.yaml": """defaults: {envelope: secure, log: [module, request_id]}
offers:
  put_take:
    title: 数据上报
    path: /yth_glxt/api/v1/sjsb-zjcq
    also: [/yth_g1xt/api/v1/sjsb-zjcq]
    body:
      ywlsh: {title: 流水号, type: text, max: 20, required: true, also: [ylsh]}
      zjdata: {title: 证件, mapping: record, wrap: [sealed, base64]}
    once: =body.ywlsh
    do:
      - create: taken
        with: {serial: =body.ywlsh, sender: =caller, paper: =body.zjdata.ZJHM, name: =body.zjdata.ZWXM, raw: =raw}
    answer: {code: 0, desc: 已接收, receipt: "=body.ywlsh"}
calls:
  put_in:
    title: 上报
    to: transfer
    path: /yth_glxt/api/v1/sjsb-zjcq
    mapping: put_in
    envelope: secure
    partner: S-1
    timeout: 5 s
""",
}


@dataclass
class Wire:
    """The network between the nodes: what passed, and what somebody does to it."""

    client: FlaskClient
    passed: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    bend: Callable[[bytes], bytes] = lambda body: body
    bend_answer: Callable[[bytes], bytes] = lambda body: body
    is_cut: bool = False

    def ask(self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float) -> Replied:
        if self.is_cut:
            raise DeliveryError(Incident("transfer", "nobody answers"))
        self.passed.append(body)
        answer = self.client.open(path, method=method, data=self.bend(body))
        self.answers.append(answer.data)
        return Replied(answer.status_code, self.bend_answer(answer.data))


@dataclass
class Nodes:
    """A sender, a receiver, the wire between them."""

    sender: Office
    receiver: Office
    wire: Wire

    def report(self, serial: str = "S1", **values: Any) -> dict[str, object]:
        """Report something; the report as it stands when the worker has done all it can."""
        (partner,) = self.sender.all("partner")
        about = {"kind": "414", "paper": "E12345678", "name": "王五", "born": "1980-05-06", "receiver": partner["id"]}
        made = self.sender.raise_("clerk", "enter", "report", serial=serial, **{**about, **values})
        self.sender.deliver()
        return self.sender.values("report", made.record_id)

    def post(self, body: bytes) -> dict[str, Any]:
        """What the receiver answers to some bytes."""
        answer = self.wire.client.post("/yth_g1xt/api/v1/sjsb-zjcq", data=body)
        assert answer.status_code == 200
        found = json.loads(answer.data)
        assert isinstance(found, dict)
        return found


def node(folder: Path, name: str) -> Office:
    values = FILES["desk/values/desk.yaml"].replace("MODULE", name)
    made = Office({**FILES, "desk/values/desk.yaml": values}, xml=LxmlMessages)
    room = CryptoFolder(folder / name, LxmlSignatures())
    object.__setattr__(made.runtime, "crypto", lambda: room)
    return made


def certified(place: Office, authority: Authority, root: Any, name: str) -> bytes:
    """Give a node its key and a certificate for it."""
    owner = authority.issue(
        authority.owner(name), root, usage=("digital_signature", "key_encipherment", "data_encipherment")
    )
    desk = place.runtime.crypto().desk  # type: ignore[misc]
    desk.take("node", NewKey(KeyKind.SM2, owner.secret))
    desk.certify("node", owner.certificate)
    return bytes(owner.certificate)


def knows(place: Office, module: str, certificate: bytes) -> None:
    file = place.runtime.files.put(certificate, "partner.cer", "application/octet-stream")
    place.engine("partner", {"module": module, "certificate": file})


def two_nodes(folder: Path) -> Nodes:
    """Both with keys, each knowing the other's certificate."""
    authority = Authority()
    root = authority.root()
    sender, receiver = node(folder, "C-1"), node(folder, "S-1")
    own, other = certified(sender, authority, root, "Sender"), certified(receiver, authority, root, "Receiver")
    knows(sender, "S-1", other)
    knows(receiver, "C-1", own)
    wire = Wire(create_app(lambda: receiver.runtime, WebSettings("s" * 32)).test_client())
    object.__setattr__(sender.runtime, "services", {"transfer": wire})
    return Nodes(sender, receiver, wire)
