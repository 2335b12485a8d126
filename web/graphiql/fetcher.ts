import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from '@graphiql/toolkit';
import { type DocumentNode, Kind, parse } from 'graphql';

/**
 * How GraphiQL reaches the API: queries and mutations by POST, subscriptions by WebSocket. The session cookie goes with
 * both; an Authorization in the Headers pane goes in its place.
 *
 * What the document holds is read here again: GraphiQL's own idea of it lags behind by a moment after a change of tabs,
 * and whoever is quick got "Unknown operation" or a subscription sent by POST.
 */
export function createFetcher(url: string, subscriptionUrl: string): Fetcher {
  const send = createGraphiQLFetcher({ url, subscriptionUrl, enableIncrementalDelivery: false });
  return (params, options) => {
    const documentAST = parsed(params.query);
    const headers = lowerCased(options?.headers);
    if (documentAST === undefined) return send(params, { ...options, headers });
    return send({ ...params, operationName: operationNameIn(documentAST, params) }, { headers, documentAST });
  };
}

/** The wanted operation where the document has it, else the only one there is; null leaves it to the server to complain. */
export function operationNameIn(document: DocumentNode, wanted: Pick<FetcherParams, 'operationName'>): string | null {
  const names = document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((definition) => definition.name?.value ?? null);
  if (wanted.operationName && names.includes(wanted.operationName)) return wanted.operationName;
  return names.length === 1 ? (names[0] ?? null) : null;
}

/** Header names have no case, but over the WebSocket they become the keys of the first message. */
function lowerCased(headers: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Nothing for a document that isn't valid yet: the server says where and why. */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}
