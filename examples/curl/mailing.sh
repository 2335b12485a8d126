#!/bin/sh
# Makes a mailing to one tag and watches it until it is over, with curl and nothing else.
# HELIOGRAPH_URL and HELIOGRAPH_TOKEN say where and as whom; the first argument is the tag (letters, digits, - and _).
set -eu
url="${HELIOGRAPH_URL:-http://127.0.0.1:4000}/graphql"
tag="${1:-example}"
ends=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+1H +%Y-%m-%dT%H:%M:%SZ)

# Asks one query or mutation: $1 its text, $2 its variables, both without line breaks.
ask() {
  curl --silent --show-error --fail-with-body "$url" \
    --header 'Content-Type: application/json' --header "Authorization: Bearer $HELIOGRAPH_TOKEN" \
    --data "{\"query\": \"$1\", \"variables\": $2}"
}

# The text between the quotation marks, or the digits, behind a name in an answer: $1 the answer, $2 the name.
value() {
  printf '%s' "$1" | sed -n "s/.*\"$2\": *\"\{0,1\}\([A-Za-z0-9]*\).*/\1/p"
}

# The same key again makes nothing twice: keep it for as long as you try.
made=$(ask 'mutation ($input: MailingInput!, $key: String!) { mailingCreate(input: $input, idempotencyKey: $key) { mailing { id } userErrors { field message } } }' \
  "{\"input\": {\"name\": \"To everybody with the tag $tag\", \"text\": \"Hello!\", \"filter\": {\"tagsAny\": [\"$tag\"]}, \"endsAt\": \"$ends\"}, \"key\": \"curl-$$-$(date +%s)\"}")
id=$(value "$made" id)
[ -n "$id" ] || { echo "$made" >&2; exit 1; }
echo "mailing $id"

status=
while [ "$status" != COMPLETED ]; do
  progress=$(ask 'query ($id: ID!) { mailing(id: $id) { progress { status sent total } } }' "{\"id\": \"$id\"}")
  status=$(value "$progress" status)
  [ -n "$status" ] || { echo "$progress" >&2; exit 1; }
  echo "$status: $(value "$progress" sent) of $(value "$progress" total) sent"
  [ "$status" = COMPLETED ] || sleep 1
done
