"""The detail page, its files and prints; the workbench; the search; the account; problems of definitions."""

import io
import re

from engine.problems import Problem, Severity, Span
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.web import WebSettings, create_app
from tests.web.conftest import FILES, PASSWORD, Browser

PDF = b"%PDF-1.7 something"


def test_detail_shows_facts_rows_totals_events_and_history(clerk, entered):
    page = clerk.get(f"/d/order/{entered}").text
    assert "12345678" in page
    assert "600.00" in page
    assert '<span class="tag new">草稿</span>' in page
    assert f'action="/d/order/{entered}/do/submit"' in page
    assert f'href="/d/order/{entered}/do/change"' in page
    assert '<dialog class="dialog" id="ask-drop"' in page
    assert "保存" in page.split("经过")[1]


def test_detail_masks_and_hides(leader, sign_in, entered):
    assert "12****78" in leader.get(f"/d/order/{entered}").text
    page = sign_in("boss").get(f"/d/order/{entered}").text
    assert "证号" not in page


def test_a_guard_that_refuses_says_why(clerk, office):
    record = office.raise_("clerk", "enter", "order", name="空单").record_id
    page = clerk.get(f"/d/order/{record}").text
    assert 'aria-disabled="true"' in page
    assert 'title="请填写明细"' in page


def test_history_words_the_differences(clerk, office, entered):
    office.raise_("clerk", "change", "order", entered, name="改名")
    page = clerk.get(f"/d/order/{entered}").text
    assert "<del>甲</del> → <ins>改名</ins>" in page


def test_related_documents_are_linked(clerk, office, entered):
    letter = office.raise_("clerk", "write", "letter", order=entered).record_id
    assert f'href="/d/letter/{letter}"' in clerk.get(f"/d/order/{entered}").text


BESIDE = "{panel: 来函, body: [{table: letters, columns: [number]}]}, {grid: letters, rows: 1, columns: 1}"


def clerk_of(files):
    """An office of these files, and its clerk signed in."""
    made = Office({**FILES, **files})
    set_password(made.runtime, made.people["clerk"].id, PASSWORD)
    client = Browser(create_app(lambda: made.runtime, WebSettings("s" * 32)).test_client())
    client.post("/login", {"login": "clerk", "password": PASSWORD})
    return made, client


def test_references_in_rows_lead_on():
    name = "desk/order/document.yaml"
    column = "      before: {title: 前单, type: ref, to: order}\n      qty:"
    office, clerk = clerk_of({name: FILES[name].replace("      qty:", column, 1)})
    first = office.raise_("clerk", "enter", "order", name="前").record_id
    lines = [{"item": "笔", "qty": "1", "price": "1", "before": first}]
    record = office.raise_("clerk", "enter", "order", name="后", lines=lines).record_id
    assert f'<a href="/d/order/{first}">前</a>' in clerk.get(f"/d/order/{record}").text


def test_rows_of_others_stand_beside_the_fields():
    office, clerk = clerk_of({"desk/order/pages.yaml": f"pages: {{detail: [{BESIDE}]}}"})
    order = office.raise_("clerk", "enter", "order", name="甲").record_id
    letter = office.raise_("clerk", "write", "letter", order=order).record_id
    page = clerk.get(f"/d/order/{order}").text
    assert "<h2>来函</h2>" in page
    assert page.count(f'href="/d/letter/{letter}"') == 3  # in the table, in the grid and in what lies there
    assert 'class="related"' not in page


def test_more_rows_than_a_page_holds_go_to_the_grid(clerk, office):
    lines = [{"item": f"件{n}", "qty": "1", "price": "1"} for n in range(50)]
    record = office.raise_("clerk", "enter", "order", name="多行", lines=lines).record_id
    assert clerk.get(f"/d/order/{record}").text.count("<tr>") > 50


def test_uploads_pass_the_use_case(clerk):
    answer = clerk.post(
        "/d/order/upload/name", {"file": (io.BytesIO(PDF), "a.pdf")}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 404  # the field takes no file
    assert answer.json["error"]["code"] == "not_found"
    empty = clerk.post("/d/order/upload/name", headers={"Accept": "application/json"})
    assert empty.status_code == 400


def test_a_file_of_another_document_is_not_there(clerk, office, entered):
    stored = office.runtime.files.put(PDF, "a.pdf", "application/pdf")
    assert clerk.get(f"/d/order/{entered}/files/{stored.hash}").status_code == 404


def test_workbench_gathers_what_is_mine(clerk, leader, office, entered):
    page = clerk.get("/").text
    assert "clerk，您好" in page
    assert f'href="/d/order/{entered}"' in page
    assert 'href="/d/order/new/enter"' in page
    assert "没有待办" in page
    office.raise_("clerk", "submit", "order", entered)
    office.clock.move(hours=5)
    waiting = leader.get("/").text
    assert "5 小时" in waiting
    assert 'class="badge">1<' in waiting


def test_menu_is_by_role_and_marks_where_one_is(clerk, leader):
    page = clerk.get("/d/letter").text
    assert 'href="/d/letter" aria-current="page"' in page
    assert 'href="/d/letter"' not in leader.get("/d/order").text


def test_search_over_all_types(clerk, entered):
    assert f'href="/d/order/{entered}"' in clerk.get("/search?q=甲").text
    hits = clerk.get("/search?q=甲", headers={"HX-Request": "true"}).text
    assert hits.strip().startswith('<div class="float hit-list">')
    assert "没有找到" in clerk.get("/search?q=nothing").text
    assert clerk.get("/search").status_code == 200


def test_password_is_changed_and_the_old_one_is_out(clerk, sign_in, visitor):
    wrong = clerk.post("/account/password", {"old": "no", "new": "Neues-2026", "again": "Neues-2026"})
    assert "旧密码不正确" in wrong.text
    assert "不一致" in clerk.post("/account/password", {"old": PASSWORD, "new": "Neues-2026", "again": "x"}).text
    done = clerk.post("/account/password", {"old": PASSWORD, "new": "Neues-2026", "again": "Neues-2026"})
    assert done.status_code == 303
    assert clerk.get("/").status_code == 200
    assert visitor.post("/login", {"login": "clerk", "password": PASSWORD}).status_code == 422


def test_a_token_is_shown_once_and_works(clerk, app):
    assert clerk.post("/account/tokens", {"title": "", "days": "30"}).status_code == 422
    assert clerk.post("/account/tokens", {"title": "程序", "days": "9999"}).status_code == 422
    page = clerk.post("/account/tokens", {"title": "程序", "days": "30"}).text
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found is not None
    answer = app.test_client().get("/api/v1/_documents", headers={"Authorization": f"Bearer {found[1]}"})
    assert answer.status_code == 200
    assert found[1] not in clerk.get("/account").text


def test_problems_of_definitions_are_shown_while_the_last_good_ones_run(clerk, admin, problems):
    assert "定义没有问题" in admin.get("/problems").text
    from engine.codes import catalogue

    code = min(catalogue())
    problems.append(Problem(code, Span("desk/order/document.yaml", 12, 7), {}, "name", Severity.ERROR))
    page = admin.get("/problems").text
    assert "desk/order/document.yaml" in page
    assert "12:7" in page
    assert code in page
    assert "定义中有 1 个问题" in admin.get("/").text
    assert "定义中有 1 个问题" not in clerk.get("/").text
    assert clerk.get("/d/order").status_code == 200


def test_the_specimen_shows_all_components_twice(admin):
    page = admin.get("/design").text
    assert page.count('class="specimen"') == 2
    assert page.count('data-widget="file"') == 2
    assert page.count('data-grid-data="') == 4


def test_pages_speak_english(clerk, entered):
    clerk.post("/preferences", {"language": "en"})
    page = clerk.get(f"/d/order/{entered}").text
    assert '<html lang="en">' in page
    assert "History" in page
    assert "Business" in page
