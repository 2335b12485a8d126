import { ADMIN_TOKEN, type Answer, type RunningApi, send } from './running-api.js';

/** One request to the REST API, as admin unless other headers are given. A body that is no text goes out as JSON. */
export async function rest(
  { url }: Pick<RunningApi, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await send(path.startsWith('/') ? url + path : `${url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}
