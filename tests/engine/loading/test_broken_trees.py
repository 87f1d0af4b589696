"""Trees broken at random places: loading never raises, every problem is worded and stands in a file that there is."""

import json
import random
from copy import deepcopy
from pathlib import Path

import pytest

from engine.codes import LANGUAGES, word
from engine.loading import DiskTree, MemoryTree, load
from engine.loading.source import read

SAMPLE = DiskTree(Path(__file__).parents[2] / "data" / "every_key")
FILES = {file: SAMPLE.read(file) for file in SAMPLE.files()}
DEFINITIONS = [file for file in FILES if file.endswith(".yaml")]
VALUES = (None, 7, True, "x", "=a", "", ["y"], [], {"z": True}, {}, [None])


def places(data: object) -> list[tuple[dict[str, object] | list[object], str | int]]:
    """Every key of a mapping and index of a list, with what holds it."""
    found: list[tuple[dict[str, object] | list[object], str | int]] = []
    if isinstance(data, dict):
        found += [(data, key) for key in data]
        found += [place for inner in data.values() for place in places(inner)]
    elif isinstance(data, list):
        found += [(data, index) for index in range(len(data))]
        found += [place for inner in data for place in places(inner)]
    return found


def broken(text: bytes, chance: random.Random) -> bytes:
    """The same file with a key misspelt, removed, or given a value of another kind."""
    data = json.loads(json.dumps(read("f.yaml", text).documents[0], default=float))
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice(places(data) or [(data, 0)])
        if isinstance(holder, dict) and chance.random() < 0.4:
            value = holder.pop(str(key), None)
            if chance.random() < 0.5:
                holder[f"{key}x"] = value
        elif isinstance(holder, dict):
            holder[str(key)] = deepcopy(chance.choice(VALUES))
        elif holder:
            holder[int(key)] = deepcopy(chance.choice(VALUES))
    return json.dumps(data, ensure_ascii=False).encode()


@pytest.mark.parametrize("seed", range(60))
def test_loading_never_raises(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    files: dict[str, str | bytes] = dict(FILES)
    for file in chance.sample(DEFINITIONS, 4):
        files[file] = broken(FILES[file], chance)
    for problem in load(MemoryTree(files)).problems:
        assert problem.where.file in files
        assert all(word(problem, language).message for language in LANGUAGES)
