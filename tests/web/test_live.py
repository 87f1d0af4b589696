"""What forms ask while one types: previews that store nothing, and choices."""

LINE = {"item": "笔", "qty": "3", "price": "200"}


def preview(clerk, raw, **more):
    return clerk.json("/d/order/preview/enter", {"raw": raw, **more}).json


def test_preview_computes_and_stores_nothing(clerk, office):
    found = preview(clerk, {"name": "甲", "lines": [LINE]})
    assert found["fields"]["total"]["value"] == "600.00"
    assert found["fields"]["total"]["text"] == "600.00"
    assert found["tables"]["lines"]["given"]["3"]["values"] == ["600.00"]
    assert office.all("order") == []


def test_preview_shows_requires_and_finds(clerk):
    found = preview(clerk, {"name": "", "lines": [{**LINE, "price": "900"}]})
    assert found["fields"]["note"]["shown"] is True
    assert found["fields"]["note"]["required"] is True
    assert found["fields"]["name"]["findings"][0]["level"] == "error"


def test_faults_of_cells_are_told_at_the_cell(clerk):
    (told,) = preview(clerk, {"name": "甲", "lines": [LINE, {**LINE, "qty": "100"}]})["tables"]["lines"][
        "cell_findings"
    ]
    assert told["at"] == ["1", "qty"]
    assert "第2行" in told["text"]


def test_what_cannot_be_read_is_not_written_over(clerk):
    found = preview(clerk, {"name": "甲", "lines": [{**LINE, "qty": "x"}]})
    assert found["tables"]["lines"]["cells"] == []


def test_what_is_copied_comes_with_its_source(clerk, office):
    leader = office.people["leader"].id
    found = preview(clerk, {"name": "甲", "customer": leader}, changed=["customer"])
    assert found["fields"]["customer"]["text"] == "leader"
    assert found["fields"]["customer_name"]["value"] == "leader"


def test_fields_of_the_event_are_previewed_too(clerk, entered):
    body = {"record_id": entered, "raw": {}, "asked": {"reason": ""}}
    found = clerk.json("/d/order/preview/drop", body).json
    assert found["asked"]["reason"]["findings"][0]["code"] == "required"


def test_a_preview_of_what_may_not_be_seen_is_refused_in_the_envelope(clerk):
    answer = clerk.json("/d/order/preview/enter", {"record_id": "0" * 32})
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not_found"


def test_a_body_that_is_no_object_is_refused(clerk):
    assert clerk.json("/d/order/preview/enter", [1]).status_code == 400


def test_choices_are_found_by_what_is_typed(clerk, office):
    found = clerk.json("/d/order/options/customer", {"text": "lead"}).json
    assert [office.people["leader"].id, "leader", ""] in found
    assert clerk.json("/d/order/options/lines.nothing", {"text": ""}).status_code == 404
