"""How schemathesis reads GraphQL's answers in npm run audit (src/testing/audit.ts).

A GraphQL schema can't say how long a text may be, or which ids there are: made-up values are often refused, and each refusal says
so by its code. Only an error without one of these codes is one that should not be.
"""

import json

import schemathesis

REFUSALS = {
    "BAD_USER_INPUT",
    "CONFLICT",
    "FORBIDDEN",
    "GRAPHQL_VALIDATION_FAILED",
    "NOT_FOUND",
}


@schemathesis.hook
def after_call(context, case, response):
    # What breaks the schema on purpose must be refused, and schemathesis looks for that by itself.
    if not case.path.endswith("/graphql") or not response.content or case.meta.generation.mode.is_negative:
        return
    answer = response.json()
    errors = answer.get("errors", []) if isinstance(answer, dict) else []
    if errors and all(error.get("extensions", {}).get("code") in REFUSALS for error in errors):
        answer = {"data": answer.get("data") or {}}
        response.content = json.dumps(answer).encode()
        response._deserialized = answer
