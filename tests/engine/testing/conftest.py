"""The console speaks English here, so that the tests read like the rest of the code."""

import pytest

from engine.console import speak


@pytest.fixture(autouse=True)
def _english():
    speak("en")
    yield
    speak("zh")
