"""How schemathesis reads GraphQL's answers in npm run audit (src/testing/audit.ts).

A GraphQL schema can't say how long a text may be, or which ids there are: made-up values are often refused, and each refusal says
so by its code. Only an error without one of these codes is one that should not be: a fault of ours, and that whoever may do
everything may not do something.
"""

import json

import schemathesis

REFUSALS = {
    "BAD_USER_INPUT",
    "CONFLICT",
    "GRAPHQL_VALIDATION_FAILED",
    "NOT_FOUND",
}


def without_refusals(answer):
    """The same without its errors, where each of them is a refusal; everything else is left for schemathesis to judge."""
    if not isinstance(answer, dict) or not isinstance(answer.get("errors"), list) or not answer["errors"]:
        return answer
    return {"data": answer.get("data") or {}} if all(map(is_refusal, answer["errors"])) else answer


def is_refusal(error):
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return isinstance(extensions, dict) and extensions.get("code") in REFUSALS


@schemathesis.hook
def after_call(context, case, response):
    # What breaks the schema on purpose must be refused, and schemathesis looks for that by itself, as it does for a 5xx.
    if not case.path.endswith("/graphql") or response.status_code >= 500 or case.meta.generation.mode.is_negative:
        return
    try:
        answer = response.json()
    except ValueError:
        return
    sound = without_refusals(answer)
    if sound is not answer:
        response.content = json.dumps(sound).encode()
        response._deserialized = sound
