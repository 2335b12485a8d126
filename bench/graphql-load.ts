import { Pool } from 'undici';

/** Asked for at the same moment. */
const CONNECTIONS = 16;
const QUERY =
  'query Client($id: ID!) { client(id: $id) { id phone operatorCode tags timeZone attributes optedOutAt createdAt updatedAt revision } }';

/** Who is asked for how much. */
interface Load {
  url: string;
  /** Null: it asks for none. */
  token: string | null;
  clients: number;
  requests: number;
}

/**
 * Asks a server for one client after another, over the same HTTP client whichever server it is.
 *
 * @param load ids of clients are 1 to so many
 * @returns requests a second
 * @throws Error when an answer is not the client that was asked for
 */
export async function askForClients({ url, token, clients, requests }: Load): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  let asked = 0;
  const asker = async () => {
    while (asked < requests) {
      asked += 1;
      const id = String(1 + ((asked * 7_919) % clients));
      const answer = await pool.request({
        method: 'POST',
        path: '/graphql',
        headers,
        body: JSON.stringify({ query: QUERY, variables: { id } }),
      });
      const text = await answer.body.text();
      if (!text.startsWith(`{"data":{"client":{"id":"${id}"`)) throw new Error(`asked for client ${id}: ${text}`);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, asker));
  const seconds = (performance.now() - begun) / 1_000;
  await pool.close();
  return requests / seconds;
}
