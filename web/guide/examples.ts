/** The guide's examples, for the address that the reader came by. They are held against schema.graphql by ../documents.test.ts. */

export const FIRST_QUERY =
  '{ mailings(first: 5) { edges { node { id name status progress { total sent open } } } totalCount } }';

export const FIRST_MUTATION = `mutation ($input: MailingInput!) {
  mailingCreate(input: $input) {
    mailing { id status }
    warnings { field message code }
    userErrors { field message code }
  }
}`;

export const FIRST_SUBSCRIPTION = `subscription ($id: ID!, $after: String) {
  messageStatusChanged(mailingId: $id, after: $after) { version changes { messageId status } }
}`;

/** @param origin of this page, `http://127.0.0.1:4000` */
export function examplesFor(origin: string): Record<'query' | 'mutation' | 'subscription', string> {
  return { query: curlFor(origin), mutation: FIRST_MUTATION, subscription: clientFor(origin) };
}

const curlFor = (origin: string) => `curl ${origin}/graphql \\
  -H "Authorization: Bearer $ADMIN_TOKEN" \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify({ query: FIRST_QUERY })}'`;

const clientFor = (origin: string) => `import { createClient } from 'graphql-ws';

const client = createClient({
  url: '${origin.replace(/^http/, 'ws')}/graphql',
  connectionParams: { authorization: \`Bearer \${process.env.ADMIN_TOKEN}\` },
  retryAttempts: Infinity,
  shouldRetry: () => true,
});

// graphql-ws sends these again when it has to reconnect: moved on with each event, they are the cursor.
const variables = { id: '1', after: null };
const query = \`${FIRST_SUBSCRIPTION}\`;

for await (const { data } of client.iterate({ query, variables })) {
  console.log(data.messageStatusChanged);
  variables.after = data.messageStatusChanged.version;
}`;
