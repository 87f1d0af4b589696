"""Rows that a node knows of itself: its devices, copies, versions, parameters; how people read them.

Plain values: screens show them like rows of documents. `STATES` give the words and the colour of their `state`,
`TITLES` the heads of their columns, `WORDS` the words of columns that hold one of a few names.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.formula import Title
from engine.model.types import BOOLEAN, DATETIME, INTEGER, TEXT, Kind, Shape, Type

PART = Shape(
    "part",
    {
        "name": TEXT,  # as the node file calls it
        "kind": TEXT,  # its class
        "adapter": TEXT,
        "port": TEXT,
        "state": TEXT,  # working | degraded | lost | unknown
        "trouble": TEXT,  # the last one, while it is not working
        "since": DATETIME,  # when it came to this state
        "heard_at": DATETIME,  # its last answer
        "answer_ms": INTEGER,  # how long that took; empty for what speaks by itself
        "answers": INTEGER,  # since the node began, as the next two
        "failures": INTEGER,  # what was given up
        "retries": INTEGER,  # single tries that nobody answered, or badly
    },
)
"""One device of the node."""
COPY = Shape(
    "copy",
    {
        "name": TEXT,
        "moment": DATETIME,
        "bytes": INTEGER,
        "folders": INTEGER,  # how many hold it
        "keys": BOOLEAN,  # whether a passphrase opens it elsewhere
        "version": TEXT,
        "state": TEXT,  # everywhere | somewhere: whether all folders hold it
    },
)
"""One copy of the node."""
VERSION = Shape(
    "version",
    {
        "name": TEXT,
        "version": TEXT,
        "bytes": INTEGER,
        "about": TEXT,
        "state": TEXT,  # current | wanted | former | ready
    },
)
"""One version that lies on the node."""
PARAMETER = Shape(
    "parameter",
    {
        "name": TEXT,
        "title": TEXT,  # its name again, which screens show as its title
        "value": TEXT,  # what holds now, or what may be chosen; screens word it by its type
        "usual": TEXT,  # what holds where nobody sets it
        "kind": TEXT,  # its type
        "least": TEXT,  # what it may be at least and at most, where it is a number
        "most": TEXT,
        "source": TEXT,
        "set_by": TEXT,
        "set_at": DATETIME,
        "state": TEXT,  # usual | set
    },
)
"""One parameter that somebody may set."""
PAGE = Shape("page", {"page": INTEGER})
"""One page of a fingerprint module that is in use."""
ROWS: Mapping[str, Shape] = {shape.name: shape for shape in (PART, COPY, VERSION, PARAMETER, PAGE)}

_NAME, _SIZE = Title("名称", "Name"), Title("字节", "Bytes")
TITLES: Mapping[str, Mapping[str, Title]] = {
    "part": {
        "name": Title("设备", "Device"),
        "kind": Title("类别", "Kind"),
        "adapter": Title("型号", "Adapter"),
        "port": Title("端口", "Port"),
        "trouble": Title("故障", "Trouble"),
        "since": Title("自", "Since"),
        "heard_at": Title("最近应答", "Last answer"),
        "answer_ms": Title("应答毫秒", "Answer (ms)"),
        "answers": Title("应答", "Answers"),
        "failures": Title("失败", "Failures"),
        "retries": Title("重试", "Retries"),
    },
    "copy": {
        "name": _NAME,
        "moment": Title("时间", "Made at"),
        "bytes": _SIZE,
        "folders": Title("份数", "Places"),
        "keys": Title("含密钥", "With keys"),
        "version": Title("版本", "Version"),
    },
    "page": {"page": Title("存储位", "Page")},
    "parameter": {
        "name": _NAME,
        "title": Title("参数", "Parameter"),
        "value": Title("当前值", "Value"),
        "usual": Title("默认值", "Default"),
        "kind": Title("类型", "Type"),
        "least": Title("最小", "At least"),
        "most": Title("最大", "At most"),
        "source": Title("依据", "Source"),
        "set_by": Title("修改人", "Changed by"),
        "set_at": Title("修改时间", "Changed"),
    },
    "version": {
        "name": _NAME,
        "version": Title("版本", "Version"),
        "bytes": _SIZE,
        "about": Title("说明", "About"),
    },
}
STATES: Mapping[str, Mapping[str, tuple[Title, str]]] = {
    "part": {
        "working": (Title("正常", "Working"), "done"),
        "degraded": (Title("不稳定", "Unsteady"), "waiting"),
        "lost": (Title("失联", "Lost"), "late"),
        "unknown": (Title("未查", "Not asked"), "new"),
    },
    "copy": {
        "everywhere": (Title("齐全", "Complete"), "done"),
        "somewhere": (Title("缺份", "Incomplete"), "waiting"),
    },
    "parameter": {
        "usual": (Title("默认", "Default"), "moving"),
        "set": (Title("已修改", "Changed"), "done"),
    },
    "version": {
        "current": (Title("使用中", "In use"), "done"),
        "wanted": (Title("待换用", "To be used"), "waiting"),
        "former": (Title("上一版", "Former"), "moving"),
        "ready": (Title("可用", "Ready"), "new"),
    },
}
WORDS: Mapping[tuple[str, str], Mapping[str, Title]] = {
    ("part", "kind"): {
        "lock": Title("锁板", "Lock board"),
        "reader": Title("读取器", "Reader"),
        "finger": Title("指纹模块", "Fingerprint module"),
        "camera": Title("摄像头", "Camera"),
        "radio": Title("移动通信", "Mobile module"),
        "supply": Title("不间断电源", "Power supply"),
        "climate": Title("温湿度", "Climate"),
        "current": Title("电压电流", "Current"),
        "contacts": Title("开关量", "Contacts"),
    },
    ("part", "trouble"): {
        "gone": Title("端口不在", "Port gone"),
        "busy": Title("端口被占用", "Port in use"),
        "silent": Title("没有应答", "No answer"),
        "garbled": Title("校验不对", "Garbled"),
        "cut_short": Title("应答不完整", "Cut short"),
        "unsupported": Title("不支持", "Not supported"),
        "implausible": Title("读数不可能", "Implausible"),
        "unknown_device": Title("没有此设备", "No such device"),
    },
}


def rows_of(shape: Shape) -> Type:
    """The type of a column that holds such rows."""
    return Type(Kind.ROWS, optional=False, shape=shape)


def state_of(shape: Shape | None, row: Mapping[str, object]) -> tuple[str, Title, str]:
    """The state of such a row, its words and its colour; nothing for other rows."""
    state = str(row.get("state") or "")
    title, tone = STATES.get(shape.name if shape is not None else "", {}).get(state, (Title(), ""))
    return (state, title, tone) if tone else ("", Title(), "")
