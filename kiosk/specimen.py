"""Every part of the kiosk's screens in every state, light beside dark: to look at and to test.

What stands here is invented; nothing is read, and nothing that is touched does anything.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template

from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Title
from engine.model.types import Type
from engine.problems import Finding
from engine.usecases.flow_views import Screen, TouchButton
from engine.usecases.page_views import (
    BoardView,
    CellView,
    ChartView,
    ComponentView,
    FigureView,
    GridPart,
    GridView,
    Layout,
    PartView,
    PlaceView,
    RowView,
    Series,
    TableView,
    TextView,
)
from engine.usecases.touch_views import DetailsView, EntryView, KeypadView, PictureView, SearchView
from engine.usecases.views import FieldView
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in

blueprint = Blueprint("specimen", __name__)
PICTURES = ("swipe_document", "swipe_card", "finger", "drawer_open", "drawer_close", "success", "failure", "wait")
KEYS = ("digits", "number", "identity", "letters", "text", "latin", "date")
_WRONG = Finding("told", {"zh": "说明哪里不对、怎么改", "en": "What is wrong, and what to do"}, ("b",))


@blueprint.get("/design")
@signed_in
@administrators_only
def page() -> str:
    """The page."""
    return render_template("kiosk/specimen.html", screens=screens(), keys=KEYS)


def screens() -> list[Screen]:
    """The screens, one for each thing that there is to see."""
    buttons = (_button("go", "确认", "Confirm"), _button("again", "重试", "Again"), _button("back", "返回", "Back"))
    plain = Screen("0", "specimen", "", Title("样张", "Specimen"), buttons=buttons)
    stages = tuple(
        Title(zh, en) for zh, en in (("读取", "Read"), ("确认", "Confirm"), ("放入", "Put"), ("完成", "Done"))
    )
    staged = replace(plain, stages=stages, stage=2, notices=("有抽屉未关好",), findings=(replace(_WRONG, at=()),))
    several = tuple(_button(f"n{at}", f"办理事项{at}", f"Matter {at}") for at in range(1, 7))
    several = (*several[:3], replace(several[3], badge="12"), *several[4:])
    resting = (_button("touch", "开始", "Begin"), _button("help", "说明", "Help"))
    return [
        replace(plain, rest=True, buttons=resting, body=_body(TextView("自助终端", "h1"))),
        replace(staged, body=_body(TextView("请放入 1-2，然后关好", "h1"), _map(target=True))),
        replace(plain, buttons=(*several, _button("exit", "退出", "Leave")), body=_body(_figures())),
        replace(plain, body=_body(_fields())),
        replace(plain, body=_body(SearchView(_field("q", "text", "E1")), _table("table"))),
        replace(plain, body=_body(_table("cards"))),
        replace(plain, body=_body(_table("list"))),
        replace(plain, body=(_component(_map(target=False), picks=True),)),
        replace(
            plain,
            body=_body(TextView("请输入", "h2"), KeypadView(_field("code", "text", "12"), "digits", hidden=False)),
        ),
        replace(plain, body=_body(_chart("bar"), _details())),
        replace(plain, body=_body(_chart("pie"), _board())),
        replace(
            plain,
            body=(ComponentView("f", "failed", None), ComponentView("e", "table", TableView("table", (), (), ()))),
        ),
        replace(plain, busy=True, buttons=()),
        replace(plain, home=True, buttons=()),
        *(replace(plain, body=_body(PictureView(name), TextView(name, "h2"))) for name in PICTURES),
    ]


def _button(outcome: str, zh: str, en: str) -> TouchButton:
    return TouchButton(outcome, Title(zh, en))


_KINDS: dict[type, str] = {
    TextView: "text", TableView: "table", GridView: "grid", BoardView: "board", ChartView: "chart", Layout: "columns",
    EntryView: "entry", KeypadView: "keypad", SearchView: "search", PictureView: "picture", DetailsView: "details",
    FigureView: "figure",
}  # fmt: skip


def _component(part: PartView, **more: bool) -> ComponentView:
    title = Title("标题", "Title") if isinstance(part, FigureView | ChartView | KeypadView) else Title()
    return ComponentView(f"s{id(part)}", _KINDS[type(part)], part, title, **more)  # type: ignore[arg-type]


def _body(*parts: PartView) -> tuple[ComponentView, ...]:
    return tuple(_component(one) for one in parts)


def _field(name: str, kind: str, text: str = "", *findings: Finding) -> FieldView:
    field = Field(name, Title(name, name), kind, Type(FIELD_TYPES[kind]), hint=Title("点击输入", "Touch to type"))
    return FieldView(name, field, None, text, required=bool(findings), editable=True, findings=findings)


def _fields() -> EntryView:
    given = _field("a", "text", "张*"), _field("b", "citizen_id", "110101", _WRONG)
    return EntryView((*given, _field("c", "date"), _field("d", "boolean", "true"), _field("e", "mobile")))


def _figures() -> Layout:
    figures = (FigureView("1,024", "格"), FigureView("12", "格"), FigureView("3", "格", alert=True))
    return Layout("columns", tuple(_body(one) for one in figures), widths=(4, 4, 4))


def _rows(count: int) -> tuple[RowView, ...]:
    return tuple(
        RowView((CellView(f"E{at:08}"), CellView("张*"), CellView(f"{at * 7:,}", is_number=True)), key=str(at))
        for at in range(1, count + 1)
    )


def _table(form: str) -> TableView:
    heads = (Title("号码", "Number"), Title("姓名", "Name"), Title("数量", "Number"))
    return TableView(form, heads, (False, False, True), _rows(9), count=9)


def _details() -> DetailsView:
    return DetailsView(
        ((Title("号码", "Number"), "E33***265"), (Title("姓名", "Name"), "张*"), (Title("备注", "Note"), ""))
    )


def _map(*, target: bool) -> GridView:
    places: dict[tuple[int, int], tuple[PlaceView, ...]] = {}
    for at in range(24):
        line, column = divmod(at, 6)
        sign = "mark" if target and at == 9 else "alert" if at == 14 else ""
        row = RowView((), label=f"{line + 1}-{column + 1}", sign=sign, key=str(at))
        places[line + 1, column + 1] = (PlaceView(row, row.label),)
    return GridView((GridPart("1", 4, 6, places),))


def _chart(form: str) -> ChartView:
    names = ("甲", "乙", "丙", "丁")
    return ChartView(form, names, names, (Series("", ("12", "30", "18", "7")),))


def _board() -> BoardView:
    rows = tuple(replace(one, label=one.cells[0].text) for one in _rows(3))
    return BoardView((("甲", rows), ("乙", rows[:1])))
