"""What is told of a record that may not be there twice: at which field, and which one there is already.

In: the uniqueness that a store found broken. Out: findings; who may know more of the record is judged elsewhere.
"""

from __future__ import annotations

from engine.documents.origins import origin
from engine.model.documents import Document, UniqueKey
from engine.ports import Duplicate
from engine.problems import Finding


def repeated(document: Document, duplicate: Duplicate) -> list[Finding]:
    """Findings at the fields that `at` of the key names; else at its own, of a value that the engine gives at the field
    that people fill and it follows from."""
    key = next((one for one in document.uniques if one.fields == duplicate.fields), UniqueKey(duplicate.fields))
    named = [document.fields[one] for one in (key.at,) if one in document.fields]
    own = [document.fields[one] for one in duplicate.fields if one in document.fields]
    fields = named or [origin(one, document.fields, {}) or one for one in own]
    about = (document.id, duplicate.existing) if duplicate.existing else ()
    zh = "、".join(one.title.zh for one in fields) or ", ".join(duplicate.fields)
    en = ", ".join(one.title.worded("en") for one in fields) or ", ".join(duplicate.fields)
    text = {"zh": f"{zh}已经有了，不能重复", "en": f"{en}: already taken"}
    names = dict.fromkeys(one.name for one in fields)
    return [Finding("duplicate", text, (name,), about=about) for name in names] or [
        Finding("duplicate", text, about=about)
    ]
