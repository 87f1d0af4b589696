"""The kiosk's pages over a flow: what is drawn, what a touch sends, who may look, the stream of screens."""

import html
import json
import re
from dataclasses import replace

import pytest

from engine.usecases.flow_views import Touch
from engine.usecases.touch_views import PictureView
from kiosk.drawing import is_menu
from kiosk.wording import KIOSK


def attribute(page: str, name: str) -> str:
    return html.unescape(re.search(rf'{name}="([^"]*)"', page)[1])


def test_standby_shows_no_name_and_any_touch_begins(kiosk, hand):
    assert 'class="screen rest"' in hand.page
    assert 'data-press="touch"' in hand.page
    assert "23°C" in hand.page
    assert "clerk" not in hand.page
    assert 'data-press="enter"' in hand.press("touch")


def test_the_clock_goes_by_that_of_the_node(kiosk, hand):
    now = kiosk.office.clock.now().isoformat()
    assert attribute(hand.page, "data-now") == now
    assert attribute(hand.client.get("/kiosk/status").json["html"], "data-now") == now


def test_the_page_keeps_a_strict_policy(hand):
    answer = hand.client.get("/kiosk")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    for address in re.findall(r'(?:src|href)="(/[^"#]+)', answer.text):
        with hand.client.get(address) as found:
            assert found.status_code == 200, address


@pytest.mark.parametrize("address", ["", "/screen", "/status", "/live", "/candidates?pinyin=yue"])
def test_only_the_machine_itself_may_look(hand, address):
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert hand.client.get(f"/kiosk{address}", environ_base=far).status_code == 404


@pytest.mark.parametrize("address", ["", "/screen", "/live", "/file/" + "0" * 64])
@pytest.mark.parametrize(
    "heads",
    [
        {"Host": "elsewhere.example"},
        {"Host": "127.0.0.1.elsewhere.example:8000"},
        {"Host": "[::1"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Real-IP": "127.0.0.1"},
    ],
    ids=str,
)
def test_nobody_asks_by_another_name_or_by_a_proxy_that_is_not_known(hand, address, heads):
    assert hand.client.get(f"/kiosk{address}", headers=heads).status_code in (400, 404)


def test_the_machine_asks_by_its_own_names(hand):
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.1"):
        assert hand.client.get("/kiosk/status", headers={"Host": host}).status_code == 200, host


def test_a_touch_needs_the_token_of_the_session(kiosk, hand):
    token = kiosk.service.standing().token
    answer = hand.client.post("/kiosk/touch", json={"kind": "press", "token": token, "outcome": "touch"})
    assert answer.status_code in (400, 403)
    assert hand.touch("dance").status_code == 400
    assert kiosk.step == "standby"


def test_the_same_touch_twice_counts_once(kiosk, hand):
    hand.signed_in()
    token = kiosk.service.standing().token
    first = hand.touch("press", token, outcome="map").json
    again = hand.touch("press", token, outcome="map").json
    assert (kiosk.step, again["token"]) == ("map", first["token"])
    assert again["at"] > first["at"]


def test_a_menu_is_drawn_as_tiles_and_the_way_out_stands_at_the_left(kiosk, hand):
    hand.signed_in()
    page = hand.client.get("/kiosk/screen").json["html"]
    assert page.count('class="tile') == 1 + 6
    assert re.search(r'class="act back"[^>]*data-press="exit"', page)
    assert attribute(page, "data-who") == "c*"
    assert 'class="number alert">2<small>格' not in page
    assert 'class="number alert">1<small>格' in page


def test_what_shows_a_picture_of_what_to_do_is_no_menu(kiosk, hand):
    hand.signed_in()
    screen = kiosk.service.screen("zh")
    assert is_menu(screen)
    pictured = replace(screen.body[0], part=PictureView("swipe_card"))
    assert not is_menu(replace(screen, body=(*screen.body, pictured)))


def test_a_table_comes_in_stretches_and_masked(kiosk, hand):
    hand.signed_in()
    page = hand.press("search")
    assert (attribute(page, "data-start"), attribute(page, "data-count")) == ("0", "70")
    assert page.count("data-row") == 60
    assert "张*" in page
    assert "张伟" not in page
    path = re.findall(r'data-path="([^"]*)"', page)[1]
    later = hand.client.get(f"/kiosk/screen?start.{path}=65").json["html"]
    assert attribute(later, "data-start") == "65"
    assert later.count("data-row") == 5


def test_a_search_narrows_without_a_step(kiosk, hand):
    hand.signed_in()
    hand.press("search")
    token = kiosk.service.standing().token
    page = hand.touch("type", form={"q": "E0000001"}).json
    assert page["token"] == token
    assert attribute(page["html"], "data-count") == "10"


def test_a_row_leads_on(kiosk, hand):
    hand.signed_in()
    page = hand.press("search")
    path, key = re.search(r'data-pick="([^"]*)" data-key="([^"]*)"', page).groups()
    details = hand.touch("pick", path=path, row=key).json["html"]
    assert kiosk.step == "details"
    assert "<dd>E00000000</dd>" in details
    assert "<dd>张*</dd>" in details


def test_a_map_says_states_by_colour_shape_letter_and_count(kiosk, hand):
    hand.signed_in()
    page = hand.press("map")
    assert page.count('data-map="') == 2
    assert '<i class="shape late" aria-hidden="true">!</i>异常 <b>1</b>' in page
    assert re.search(r'<i class="shape new"[^>]*>空</i>空余 <b>8</b>', page)
    assert re.search(r'<button class="front new[^>]*aria-label="1-1：第 1 行第 1 列, 空余"', page)


def test_a_form_says_what_is_wrong_at_its_fields_and_keeps_what_was_typed(kiosk, hand):
    hand.signed_in()
    hand.press("form")
    asked = hand.touch("type", form={"name": "<张>"}).json["html"]
    assert attribute(asked, "data-confirm") == "确认登记 <张>？"
    page = hand.press("save", name="", id="11010119900307", glad="true")
    assert kiosk.step == "form"
    assert page.count('class="wrong"') == 2
    assert 'value="11010119900307"' in page
    assert re.search(r'data-value="true" aria-checked="true"', page)
    assert "张三" in hand.press("save", name="张三", id="11010519491231002X")
    assert kiosk.step == "saved"


def test_what_was_typed_is_judged_before_the_question_is_asked(kiosk, hand):
    hand.signed_in()
    hand.press("form")
    token = kiosk.service.standing().token
    wrong = hand.touch("judge", outcome="save", form={"name": "", "id": "11010119900307"}).json
    assert (kiosk.step, wrong["token"], wrong["html"].count('class="wrong"')) == ("form", token, 2)
    right = hand.touch("judge", outcome="save", form={"name": "张三", "id": "11010519491231002X"}).json
    assert (kiosk.step, right["token"], right["html"].count('class="wrong"')) == ("form", token, 0)
    assert attribute(right["html"], "data-confirm") == "确认登记 张三？"
    assert "张三" in hand.press("save", name="张三", id="11010519491231002X")


def test_keys_follow_from_what_is_asked(kiosk, hand):
    hand.signed_in()
    page = hand.press("form")
    keys = dict(re.findall(r'name="(\w+)" value="[^"]*" readonly[^>]*data-keys="(\w+)"', page))
    assert keys == {"name": "text", "id": "identity", "mobile": "digits", "born": "date"}
    kiosk.service.touch(Touch("press", kiosk.service.standing().token, "back"), "zh")
    assert 'data-keypad data-input="code"' in hand.press("code")
    assert 'class="keypad letters"' in hand.press("letters")


def test_a_secret_is_never_told_again(kiosk, hand):
    hand.press("touch")
    page = hand.press("enter", secret="wrong-one")
    assert "wrong-one" not in page
    assert "wrong-one" not in hand.client.get("/kiosk/screen").json["html"]


def test_a_chart_carries_its_data(kiosk, hand):
    hand.signed_in()
    page = hand.press("chart")
    data = json.loads(attribute(page, "data-chart"))
    assert data["form"] == "bar"
    assert set(data["categories"]) == {"张*", "王*", "李*", "刘*", "陈*"}


def test_the_stream_begins_with_a_whole_screen_and_beats(hand):
    stream = hand.client.get("/kiosk/live", buffered=False).response
    told = ""
    for part in stream:
        told += part.decode()
        if "event: beat" in told:
            break
    stream.close()
    body = json.loads(re.search(r"event: screen\ndata: (.*)\n\n", told)[1])
    assert 'class="screen rest"' in body["html"]


def test_english(kiosk, hand):
    hand.client.post("/kiosk/language", data={"csrf_token": hand.csrf, "language": "en"})
    hand.signed_in()
    page = hand.client.get("/kiosk/screen").json["html"]
    assert "<h1>Main</h1>" in page
    assert "Sign out" in page


def test_the_usual_language_comes_back(kiosk, hand):
    for chosen, heading in (("en", 'data-usual="zh-CN"'), ("en", '<html lang="en"'), ("", '<html lang="zh-CN"')):
        hand.client.post("/kiosk/language", data={"csrf_token": hand.csrf, "language": chosen})
        assert heading in hand.client.get("/kiosk").text


def test_rare_characters_and_files(hand):
    assert "玥" in hand.client.get("/kiosk/candidates?pinyin=yue").json["characters"]
    assert hand.client.get(f"/kiosk/file/{'0' * 64}").status_code == 404


def test_without_a_service_there_is_no_kiosk(kiosk, hand):
    kept = kiosk.app.extensions.pop("kiosk")
    assert hand.client.get("/kiosk").status_code == 404
    kiosk.app.extensions["kiosk"] = kept


def test_specimens_are_for_administrators(hand):
    assert hand.client.get("/kiosk/design").status_code in (302, 404)


def test_texts_stand_in_both_languages():
    places = re.compile(r"\{(\w+)\}")
    for key, (zh, en) in KIOSK.texts.items():
        assert zh.strip(), key
        assert en.strip(), key
        assert sorted(places.findall(zh)) == sorted(places.findall(en)), key
