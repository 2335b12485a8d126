/** Where the server answers queries and mutations; subscriptions go to the same path over a WebSocket. */
export const GRAPHQL_PATH = '/graphql';

/** The address of subscriptions, beside the page's own: ws with http, wss with https. */
export function liveAddress(): string {
  return `${location.origin.replace(/^http/, 'ws')}${GRAPHQL_PATH}`;
}
