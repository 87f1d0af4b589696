"""A call of an offer within a scenario: made up as a partner would make it, judged and served like any other.

In: a step `request: OFFER`, with `from` (the record of the partner, where an envelope knows them) or `as` (a person
with a token), `body` (a row of its fields, or the text of a message), `reqid` and what the answer is expected to say.
Out: what it says otherwise. Signatures and ciphers are taken for granted here; every other guard judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from engine.console import say
from engine.envelopes.admission import NotAdmitted
from engine.model.interfaces import Offer
from engine.problems import Refused
from engine.testing.staging import Stage
from engine.usecases.admitting import Entrant, body_bytes, staged
from engine.usecases.offer_answers import answer_of_refusal, request_names
from engine.usecases.offer_views import Asked, Told
from engine.usecases.offers import refusal, served
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Step, StepError

Row = Mapping[str, object]


def request(stage: Stage, step: Step) -> list[str]:
    """Make a call; what was answered otherwise than told. Raises StepError for an offer that there is not."""
    runtime, name = stage.runtime, str(step["request"])
    offer = runtime.definitions.offers.get(name)
    if offer is None:
        raise StepError(say("course.no_offer", name=name))
    given = step.get("body")
    about = given if isinstance(given, Mapping) else {}
    body = given if isinstance(given, str) else {str(key): stage.value(None, one) for key, one in about.items()}
    told = _told(stage, runtime, offer, step, body)
    if offer.otherwise and told.word != "ok":
        told = replace(told, data=answer_of_refusal(runtime, offer, told))
    answer: dict[str, object] = {"code": told.code, "word": told.word, "text": told.text, **told.data}
    answer |= {"duplicate": told.duplicate, "fields": list(told.fields)}
    expected = step.get("expect")
    wanted = expected if isinstance(expected, Mapping) else {"word": "ok"}
    return [
        say("course.answered", key=key, found=answer.get(str(key)), wanted=one)
        for key, one in wanted.items()
        if str(answer.get(str(key))) != str(one)
    ]


def _told(stage: Stage, runtime: Runtime, offer: Offer, step: Step, body: Row | str) -> Told:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, default=str)
    content = text.encode()
    actor = stage.actor(str(step["as"])) if "as" in step else None
    asked = Asked(content, len(content), actor=actor)
    if offer.is_bare and not offer.public and (actor is None or not actor.roles & set(offer.roles)):
        return refusal(runtime, offer, Refused((), kind="forbidden"))
    try:
        return served(
            runtime,
            offer,
            asked,
            _entrant(stage, runtime, offer, step, body if isinstance(body, str) else json.loads(content)),
        )
    except NotAdmitted as refused:
        return Told(refused.word, refused.code, refused.text["zh"])
    except Refused as refused:
        return refusal(runtime, offer, refused)


def _entrant(stage: Stage, runtime: Runtime, offer: Offer, step: Step, body: Row | str) -> Entrant:
    envelope = runtime.definitions.envelopes.get(offer.envelope)
    if envelope is None:
        return Entrant(body_bytes(body))
    names = request_names(runtime, envelope)
    known = envelope.known
    if known is not None and "from" in step:
        document, record_id = stage.named(str(step["from"]))
        with runtime.store.begin(write=False) as unit:
            record = unit.fetch(document, record_id)
        names[known.of] = record.values.get(known.by) if record is not None else None
    if "reqid" in step:
        names["request_id"] = str(step["reqid"])
    return staged(runtime, envelope, names, body)
