"""What guards every answer: headers, cookies, forged requests, sizes, and silence about what may not be seen."""

import pytest

from engine.problems import DeliveryError, Incident
from engine.web import WebSettings, create_app
from tests.web.conftest import Browser

PAGES = ["/login", "/", "/d/order", "/d/nothing", "/tasks", "/account", "/api", "/api/v1/order", "/health"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_the_strict_policy(clerk, address):
    headers = clerk.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/login", "/", "/d/order", "/d/order/new/enter", "/tasks", "/account"])
def test_pages_hold_no_inline_script_or_style(clerk, address):
    text = clerk.get(address).text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert all("src=" in part or "application/json" in part for part in text.split("<script")[1:])


def test_session_cookie_is_for_the_server_alone(visitor):
    cookie = visitor.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_cookies_are_secure_and_hsts_is_sent(office):
    app = create_app(lambda: office.runtime, WebSettings("s" * 32, secure=True))
    answer = app.test_client().get("/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "address",
    ["/login", "/logout", "/d/order/new/enter", "/tasks/1", "/account/password", "/account/tokens", "/preferences"],
)
def test_no_form_is_taken_without_its_token(clerk, address):
    answer = clerk.client.post(address, data={})
    assert answer.status_code == 400
    assert "重新登录" in answer.text


def test_scripts_need_the_token_too(clerk):
    answer = clerk.client.post("/d/order/preview/enter", json={}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"


def test_a_body_that_is_too_large_is_refused(office):
    app = create_app(lambda: office.runtime, WebSettings("s" * 32, body_limit=1000))
    assert app.test_client().post("/login", data={"login": "x" * 2000}).status_code == 413


@pytest.mark.parametrize(
    "address", ["/d/user/{stranger}", "/d/order/{foreign}", "/d/order/" + "0" * 32, "/d/_task", "/d/x"]
)
def test_what_may_not_be_seen_is_not_there(clerk, office, address):
    foreign = office.raise_("stranger", "enter", "order", name="乙").record_id
    answer = clerk.get(address.format(stranger="0" * 32, foreign=foreign))
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_texts_of_people_are_escaped(clerk, office):
    record = office.raise_("clerk", "enter", "order", name="<b>&amp;\"'").record_id
    for address in ("/d/order", f"/d/order/{record}", f"/d/order/{record}/do/change", "/"):
        text = clerk.get(address).text
        assert "<b>" not in text, address


def test_data_in_pages_cannot_end_its_script(clerk, office):
    line = {"item": "</script><b>", "qty": "1", "price": "1"}
    record = office.raise_("clerk", "enter", "order", name="丙", lines=[line]).record_id
    assert "</script><b>" not in clerk.get(f"/d/order/{record}/do/change").text


def test_static_files_are_kept_for_ever_under_their_digest(app, visitor):
    address = app.extensions["assets"].address("css/tokens.css")
    with visitor.get(address) as answer, visitor.get("/assets/older/css/tokens.css") as old:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "immutable" not in old.headers["Cache-Control"]
    assert visitor.get("/assets/x/../../settings.py").status_code == 404


def test_a_service_that_fails_is_told_apart_from_a_defect(clerk, rest, entered, monkeypatch):
    def failing(*given, **more):
        raise DeliveryError(Incident("pdf", "no answer"))

    monkeypatch.setattr("engine.usecases.prints.make_print", failing)
    answer = clerk.post(f"/d/order/{entered}/prints/p")
    assert answer.status_code == 503
    assert "稍后重试" in answer.text
    assert rest("POST", f"order/{entered}/prints/p").json["error"]["code"] == "unavailable"


def test_a_defect_says_nothing_of_inner_matters(app, clerk, office, monkeypatch, caplog):
    monkeypatch.setattr("engine.usecases.listing.list_documents", lambda *given: 1 / 0)
    answer = clerk.get("/d/order")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("proxies", "told"), [(0, "127.0.0.1"), (1, "192.0.2.8"), (2, "192.0.2.7")])
def test_callers_are_told_apart_behind_proxies_that_are_counted(office, proxies, told):
    client = create_app(lambda: office.runtime, WebSettings("s" * 32, proxies=proxies)).test_client()
    heads = {"X-Forwarded-For": "10.0.0.1, 192.0.2.7, 192.0.2.8"}
    Browser(client).post("/login", {"login": "clerk", "password": "wrong"}, headers=heads)
    assert [one.address for one in office.runtime.store.audit(limit=1)] == [told]
