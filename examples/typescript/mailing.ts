// Makes a mailing to one tag and watches it until it is over. Every question and every answer is typed from schema.graphql.
// HELIOGRAPH_URL and HELIOGRAPH_TOKEN say where and as whom; the first argument is the tag.
import { createClient } from 'graphql-ws';
import { graphql } from './generated/gql.js';
import type { TypedDocumentString, WatchMailingSubscription } from './generated/graphql.js';

const url = process.env['HELIOGRAPH_URL'] ?? 'http://127.0.0.1:4000';
const authorization = `Bearer ${process.env['HELIOGRAPH_TOKEN'] ?? ''}`;

const MAKE = graphql(`
  mutation MakeMailing($input: MailingInput!, $key: String!) {
    mailingCreate(input: $input, idempotencyKey: $key) {
      mailing { id status }
      audienceCount
      userErrors { field message code }
    }
  }
`);

const WATCH = graphql(`
  subscription WatchMailing($id: ID!) {
    mailingProgress(mailingId: $id) { status total sent open }
  }
`);

/** Asks one query or mutation. @throws Error when the operation itself is refused */
async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const answer = (await response.json()) as { data?: Result; errors?: { message: string }[] };
  if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? `HTTP ${response.status}`);
  return answer.data;
}

const tag = process.argv[2] ?? 'example';
const { mailingCreate } = await ask(MAKE, {
  input: {
    name: `To everybody with the tag ${tag}`,
    text: "Hello, {{ name | default: 'friend' }}!",
    filter: { tagsAny: [tag] },
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  },
  // The same key again makes nothing twice: keep it for as long as you try.
  key: crypto.randomUUID(),
});
const [mistake] = mailingCreate.userErrors;
if (!mailingCreate.mailing) throw new Error(`${mistake?.field}: ${mistake?.message}`);
process.stdout.write(`mailing ${mailingCreate.mailing.id} goes to ${mailingCreate.audienceCount}\n`);

const live = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, connectionParams: { authorization } });
const variables = { id: mailingCreate.mailing.id };
for await (const { data } of live.iterate<WatchMailingSubscription>({ query: WATCH.toString(), variables })) {
  if (!data) continue;
  const { status, sent, total } = data.mailingProgress;
  process.stdout.write(`${status}: ${sent} of ${total} sent\n`);
  if (status === 'COMPLETED') break;
}
await live.dispose();
