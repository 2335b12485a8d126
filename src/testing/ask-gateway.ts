import { request } from 'undici';

/** A gateway's whole answer, as a test sees it. */
export interface GatewayReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What a test asks for, right unless it says otherwise. */
export interface GatewayQuestion {
  /** The body as it is; a right one for the id if not said. */
  body?: string;
  token?: string;
  signal?: AbortSignal;
}

/** Sends one message as the protocol wants it. Rejects when the connection breaks. */
export async function askGateway(url: string, id: number | string, o: GatewayQuestion = {}): Promise<GatewayReply> {
  const answer = await request(`${url}/v1/send/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(o.token ? { authorization: `Bearer ${o.token}` } : {}) },
    body: o.body ?? `{"id":${id},"phone":79161234567,"text":"Hello"}`,
    signal: o.signal ?? null,
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}
