"""Lists: what the description says can be asked; saved views."""

import pytest

from tests.web.rest.calls import entered


@pytest.mark.parametrize("login", ["clerk", "boss"])
def test_every_filter_and_order_that_is_told_can_be_asked(program, login):
    call = program(login)
    for path, ways in call.document["paths"].items():
        if path.count("/") > 1 or "get" not in ways:
            continue
        for told in ways["get"]["parameters"]:
            for text in told.get("schema", {}).get("enum", [told.get("example")]):
                if text and told["in"] == "query":
                    answer = call("GET", f"{path[1:]}?{told['name']}={text}")
                    assert answer.status_code == 200, (path, told, answer.text)


def test_what_has_no_order_is_refused(program):
    call = program("clerk")
    answer = call("GET", "order?sort=nothing")
    assert (answer.status_code, answer.json["error"]["findings"][0]["at"]) == (422, ["sort"])
    assert call("GET", "order?sort=-secret").status_code == 422


def test_a_field_called_like_an_argument_is_asked_with_a_prefix(program):
    call = program("clerk")
    for limit in ("5.00", "7.00"):
        call("POST", "thing", {"values": {"name": limit, "limit": limit}})
    told = {one.get("name") for one in call.document["paths"]["/thing"]["get"]["parameters"]}
    assert {"f.limit", "f.limit.from", "f.limit.to"} <= told
    assert [one["name"] for one in call("GET", "thing?f.limit=7").json["items"]] == ["7.00"]
    assert call("GET", "thing?f.limit.from=6&limit=1").json["total"] == 1


def test_a_saved_view_is_asked_by_its_id_and_refused_when_wrong(program):
    call = program("clerk")
    entered(call, "甲")
    entered(call, "乙")
    view = call("POST", "order/views", {"title": "乙的", "filters": {"name": "乙"}}).json
    assert (view["filters"], view["mine"]) == ({"name": "乙"}, True)
    assert [one["name"] for one in call("GET", f"order?view={view['id']}").json["items"]] == ["乙"]
    assert [one["name"] for one in call("GET", f"order?view={view['id']}&name=甲").json["items"]] == ["甲"]
    assert call("GET", "order?view=none").status_code == 404
    assert call("GET", f"thing?view={view['id']}").status_code == 404
    assert call("POST", "order/views", {"title": "错", "filters": {"nothing": "1"}}).status_code == 422
    assert call("POST", "order/views", {"title": "", "filters": {}}).status_code == 422
    assert call("POST", "order/views", {"title": "他", "roles": ["boss"]}).status_code == 403
    assert call("PATCH", f"order/views/{view['id']}", {}).status_code == 400
    assert call("PATCH", f"letter/views/{view['id']}", {"title": "x"}).status_code == 404
    shared = call("PATCH", f"order/views/{view['id']}", {"roles": ["clerk"]}).json
    assert (shared["title"], shared["roles"]) == ("乙的", ["clerk"])
    other = program("stranger")
    assert [one["mine"] for one in other("GET", "order/views").json] == [False]
    assert other("DELETE", f"order/views/{view['id']}").status_code == 404
