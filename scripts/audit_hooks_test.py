"""That npm run audit would see what is wrong: run by it before it asks anything."""

import json
from types import SimpleNamespace

from schemathesis.core.failures import Failure
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.graphql.schemas import _response_failure

from audit_hooks import after_call

REFUSED = {"message": "There is no such client.", "path": ["client"], "extensions": {"code": "NOT_FOUND"}}
FAULT = {"message": "Something went wrong.", "path": ["client"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
FORBIDDEN = {"message": "This needs a permission.", "path": ["client"], "extensions": {"code": "FORBIDDEN"}}
UNNAMED = {"message": "Oh", "path": ["client"]}
NULL = {"message": "Cannot return null for non-nullable field Client.id.", "path": ["client"]}


class Answer:
    status_code = 200
    encoding = "utf-8"

    def __init__(self, content):
        self.content = content
        self._deserialized = None

    def json(self):
        return json.loads(self.content)


def judged(body, mode=GenerationMode.POSITIVE):
    meta = SimpleNamespace(generation=SimpleNamespace(mode=mode), phase=SimpleNamespace(data=SimpleNamespace(description="")))
    case = SimpleNamespace(path="/graphql", meta=meta, operation=SimpleNamespace(label="Query.client"))
    answer = Answer(body if isinstance(body, bytes) else json.dumps(body).encode())
    after_call(None, case, answer)
    return isinstance(_response_failure(case, answer), Failure)


SOUND = [{"data": {"client": None}}, {"data": None, "errors": [REFUSED]}]
WRONG = [
    b"<html>",
    [],
    *({"data": None, "errors": errors} for errors in ([FAULT], [REFUSED, FAULT], [FORBIDDEN], [UNNAMED], [NULL])),
]
assert [body for body in SOUND if judged(body)] == []
assert [body for body in WRONG if not judged(body)] == []
assert judged({"errors": [FAULT]}, GenerationMode.NEGATIVE) and judged({"data": {}}, GenerationMode.NEGATIVE)
assert not judged({"errors": [{"message": "No.", "extensions": {"code": "BAD_USER_INPUT"}}]}, GenerationMode.NEGATIVE)
