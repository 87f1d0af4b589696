import pytest

from adapters.text.pinyin import PypinyinInitials


@pytest.mark.parametrize(
    ("title", "readings"),
    [
        ("重庆海关", "cqhg chongqinghaiguan"),  # by phrase, not by character
        ("重量", "zl zhongliang"),
        ("出国（境）", "cgj chuguojing"),
        ("A类 3号", "al3h alei3hao"),
        ("女", "n nv"),
        ("", ""),
        ("（）", ""),
    ],
)
def test_readings(title: str, readings: str) -> None:
    assert PypinyinInitials().readings(title) == readings


@pytest.mark.parametrize(("syllable", "sign"), [("yue", "玥"), ("lv", "吕"), ("yu", "彧"), ("nv", "女")])
def test_characters_are_found_by_syllable(syllable: str, sign: str) -> None:
    assert sign in PypinyinInitials().characters(syllable)
    assert sign not in PypinyinInitials().characters("lu")
    assert not PypinyinInitials().characters("nothing")
