"""What a new element begins with: texts of whole files, complete and sound, for `guiju new`.

In: ids, titles, roles. Out: texts by path below the folder of definitions. Knows no file system.
"""

from __future__ import annotations

from collections.abc import Mapping

_SYSTEM = """system: {id}
title: {title}
uses: [shared]
roles:
{roles}
"""
_DOCUMENT = """document: {id}
title: {title}
number: "{prefix}{{today:%Y%m%d}}{{seq:04}}"
fields:
  name: {{title: 名称, type: text, max: 60, required: true}}
search: [name, number]
"""
_MACHINE = """machine: {id}
states:
  draft: {{title: 草稿}}
  done:  {{title: 已完成, final: true}}
events:
  enter:  {{title: 填写, from: new, to: draft, by: {role}}}
  change: {{title: 修改, from: draft, by: {role}}}
  finish: {{title: 完成, from: draft, to: done, by: {role}, style: primary}}
"""
_ACCESS = """access:
  {role}: {{read: "*", create: true, edit: {{when: state == 'draft', fields: "*"}}, events: "*", print: "*"}}
"""
_PAGES = """pages:
  list: {{columns: [number, name, created_at, state], filters: [name, state], sort: [-created_at], buttons: [enter]}}
"""
_SCENARIO = """scenarios:
  {id}_from_draft_to_done:
    steps:
      - {{as: {role}, event: enter, on: {id}, with: {{name: 甲}}, name: a}}
      - {{as: {role}, event: finish, on: a}}
      - expect: {{a: {{state: done}}}}
"""
_PRINT = """print: {id}
title: {title}
document: {document}
template: {id}.html
"""
_TABLE = """table: {id}
title: {title}
hit: first
inputs:
  amount: {{type: decimal, title: 金额}}
outputs:
  level: {{type: text, title: 级别, default: normal}}
rows:
  - ["> 1000", high]
"""
_CODES = "code,title\nother,其他\n"
_ROLES = "code,title\nadmin,管理员\nclerk,经办人\nleader,负责人\n"
_OFFICE = {
    "shared/codes/roles.csv": _ROLES,
    "shared/org/document.yaml": """document: org
title: 单位
label: name
tree: parent
fields:
  name:   {title: 名称, type: text, max: 100, required: true, unique: true}
  parent: {title: 上级单位, type: ref, to: org, back: children, check: parent != id}
search: [name]
""",
    "shared/org/access.yaml": """access:
  admin:  {read: "*", create: true, edit: "*", events: "*"}
  clerk:  {read: "*"}
  leader: {read: "*"}
""",
    "shared/user/document.yaml": """document: user
title: 用户
label: name
fields:
  login:    {title: 登录名, type: text, max: 32, required: true, unique: true}
  password: {title: 密码, type: password}
  name:     {title: 姓名, type: text, max: 45, required: true}
  roles:    {title: 角色, type: codes, in: roles, required: true}
  org:      {title: 单位, type: ref, to: org, required: true}
  enabled:  {title: 启用, type: boolean, default: true}
search: [login, name]
""",
    "shared/user/access.yaml": """access:
  admin:  {read: "*", create: true, edit: "*", events: "*"}
  clerk:  {read: [login, name, org]}
  leader: {read: [login, name, org]}
""",
}
_NODE = """node: {node}
title: 节点
systems: [{system}]
accounts:
  {{document: user, login: login, password: password, name: name, roles: roles, org: org, enabled: enabled,
   own_password: true}}
"""
_OFFICE_MENU = "menu:\n  - {title: 系统管理, pages: [org, user], roles: [admin]}\n"

FIRST_ROLES = {"clerk": "经办人", "leader": "负责人", "admin": "管理员"}
"""Roles of a first system, where no list of roles stands yet."""


def system(name: str, title: str, roles: Mapping[str, str]) -> str:
    """A system with its roles."""
    rows = "\n".join(f"  {role}: {{title: {text}}}" for role, text in roles.items())
    return _SYSTEM.format(id=name, title=title, roles=rows)


def office(node: str, name: str, title: str) -> dict[str, str]:
    """Everything that a first system needs beside it: organisations, accounts, their roles, a node."""
    whole = system(name, title, FIRST_ROLES) + _OFFICE_MENU
    return {**_OFFICE, f"nodes/{node}.yaml": _NODE.format(node=node, system=name), f"{name}/system.yaml": whole}


def document(system_name: str, name: str, title: str, role: str) -> dict[str, str]:
    """A document type with its life, access, list and an example that runs."""
    prefix = "".join(part[0] for part in name.split("_") if part).upper()
    texts = {
        "document": _DOCUMENT, "machine": _MACHINE, "access": _ACCESS, "pages": _PAGES, "scenarios/first": _SCENARIO,
    }  # fmt: skip
    return {
        f"{system_name}/{name}/{file}.yaml": text.format(id=name, title=title, prefix=prefix, role=role)
        for file, text in texts.items()
    }


def printed(folder: str, document_id: str, name: str, title: str, fields: Mapping[str, str]) -> dict[str, str]:
    """A print with every plain field in a line; `fields` are titles by name."""
    rows = "\n".join(f"  <tr><th>{text}</th><td>{{{{ {field} }}}}</td></tr>" for field, text in fields.items())
    head = '  <colgroup><col style="width: 30mm"><col></colgroup>'
    html = f'<h1>{title}</h1>\n<table class="form">\n{head}\n{rows}\n</table>\n'
    return {
        f"{folder}/prints/{name}.yaml": _PRINT.format(id=name, title=title, document=document_id),
        f"{folder}/prints/{name}.html": html,
    }


def table(system_name: str, name: str, title: str) -> dict[str, str]:
    """A decision table."""
    return {f"{system_name}/tables/{name}.yaml": _TABLE.format(id=name, title=title)}


def codes(system_name: str, name: str) -> dict[str, str]:
    """A code list."""
    return {f"{system_name}/codes/{name}.csv": _CODES}
