"""Free pages as data: their figures, charts and tables, and the links that lead on."""

from engine.usecases.accounts import issue_token
from tests.web.rest.calls import LINE, entered


def test_a_page_comes_as_data_and_its_links_lead_on(program):
    call = program("clerk")
    entered(call, "大", note="注", lines=[{**LINE, "price": "400"}])
    page = call("GET", "_pages/board?k.since=2026-01-02").json
    assert page["keep"]["since"] == "2026-01-02"
    shown = {name: one[name] for one in parts(page["body"]) for name in one.keys() - {"path", "title", "empty"}}
    assert shown.keys() >= {"figure", "chart", "table", "board", "grid", "text", "buttons", "filters", "layout"}
    assert (shown["figure"]["text"], shown["figure"]["alert"]) == ("1", True)
    assert shown["chart"]["series"] == [{"name": "数量", "values": ["1"]}]
    for link, point in ((shown["figure"]["link"], ""), (shown["chart"]["link"], "&x=draft")):
        behind = call("GET", link["href"].removeprefix("/api/v1/") + point).json
        (row,) = behind["body"][0]["table"]["rows"]
        assert row["cells"][0]["text"] == "大"
        assert call("GET", row["link"]["href"].removeprefix("/api/v1/")).json["name"] == "大"
    (part,) = shown["grid"]["parts"]
    (place,) = part["places"]
    assert (part["rows"], part["columns"], place["row"], place["column"], place["sign"]) == (2, 3, 1, 2, "alert")
    assert (place["taken_by"]["label"], [one["label"] for one in place["holds"]]) == ("大", ["笔"])
    assert call("GET", "_pages/board?k.since=x").json["findings"][0]["at"] == ["since"]
    assert call("GET", "_pages/board/all").json["body"][0]["table"]["form"] == "list"


def parts(body):
    """All components of a body, those of layouts too."""
    for one in body:
        yield one
        for part in one.get("layout", {}).get("parts", ()):
            yield from parts(part["body"])


def test_a_page_is_there_for_its_roles_alone(program, app, office):
    assert [path for path in program("leader").document["paths"] if path.startswith("/_pages/")] == []
    token = issue_token(office.runtime, office.people["leader"], "t", 1)
    for address in ("board", "board/all", "board/rows:1.0", "nothing"):
        answer = app.test_client().get(f"/api/v1/_pages/{address}", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
