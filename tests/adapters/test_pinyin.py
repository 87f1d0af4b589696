import pytest

from adapters.text.pinyin import PypinyinInitials


@pytest.mark.parametrize(
    ("title", "initials"),
    [
        ("重庆海关", "cqhg"),  # by phrase, not by character
        ("重量", "zl"),
        ("普通护照", "pthz"),
        ("出国（境）", "cgj"),
        ("A类 3号", "al3h"),
        ("女", "n"),
        ("", ""),
        ("（）", ""),
    ],
)
def test_initials(title: str, initials: str) -> None:
    assert PypinyinInitials().initials(title) == initials
