"""Makes a mailing to one tag and watches it until it is over, with nothing but Python's standard library.

HELIOGRAPH_URL and HELIOGRAPH_TOKEN say where and as whom; the first argument is the tag.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

URL = os.environ.get("HELIOGRAPH_URL", "http://127.0.0.1:4000") + "/graphql"
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ.get("HELIOGRAPH_TOKEN", "")}

MAKE = """
mutation ($input: MailingInput!, $key: String!) {
  mailingCreate(input: $input, idempotencyKey: $key) {
    mailing { id }
    audienceCount
    userErrors { field message code }
  }
}
"""
PROGRESS = "query ($id: ID!) { mailing(id: $id) { progress { status sent total } } }"


def ask(query: str, variables: dict) -> dict:
    """Asks one query or mutation; ends the program when the operation itself is refused."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(URL, body, HEADERS), timeout=30) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    if not answer.get("data"):
        sys.exit(answer["errors"][0]["message"])
    return answer["data"]


def main(tag: str) -> None:
    ends_at = datetime.now(timezone.utc) + timedelta(hours=1)
    given = {
        "name": f"To everybody with the tag {tag}",
        "text": "Hello, {{ name | default: 'friend' }}!",
        "filter": {"tagsAny": [tag]},
        "endsAt": ends_at.isoformat(),
    }
    # The same key again makes nothing twice: keep it for as long as you try.
    made = ask(MAKE, {"input": given, "key": str(uuid.uuid4())})["mailingCreate"]
    if made["mailing"] is None:
        sys.exit("; ".join(f"{error['field']}: {error['message']}" for error in made["userErrors"]))
    print(f"mailing {made['mailing']['id']} goes to {made['audienceCount']}")
    while True:
        progress = ask(PROGRESS, {"id": made["mailing"]["id"]})["mailing"]["progress"]
        print(f"{progress['status']}: {progress['sent']} of {progress['total']} sent", flush=True)
        if progress["status"] == "COMPLETED":
            return
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "example")
