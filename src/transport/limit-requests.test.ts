import { expect, it } from 'vitest';
import { makeToken } from '../testing/credentials.js';
import { LiveSocket } from '../testing/live-socket.js';
import { rest } from '../testing/rest.js';
import { send, startApi } from '../testing/running-api.js';

it('refuses what one actor asks too often, by REST and GraphQL together, also over a WebSocket, says when to come back, and hinders nobody else', async () => {
  const running = await startApi({ config: { apiRateLimit: 1 } });
  try {
    const other = await makeToken(running, ['clients:read']);
    const first = await rest(running, 'GET', 'time-zones');
    expect([first.status, first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      200,
      '10',
      '8',
    ]);
    for (let count = 0; count < 6; count++) expect((await running.ask('{ __typename }')).status).toBe(200);
    const live = await LiveSocket.admitted(running.url);
    const types: string[] = [];
    for (const id of ['1', '2', '3']) {
      live.subscribe(id, '{ __typename }');
      const { type, payload } = await live.next(id);
      types.push(type === 'error' ? payload[0].extensions.code : type);
    }
    expect(types).toEqual(['next', 'next', 'RATE_LIMITED']);
    await live.close();
    const [refused, asked] = [await rest(running, 'GET', 'clients'), await running.ask('{ __typename }')];
    expect([refused.status, refused.body.code, refused.headers.get('ratelimit-remaining')]).toEqual([
      429,
      'RATE_LIMITED',
      '0',
    ]);
    expect(refused.headers.get('content-type')).toContain('problem+json');
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(10);
    expect([asked.status, asked.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
    expect((await rest(running, 'GET', 'clients', undefined, other.headers)).status).toBe(200);
    expect((await send(`${running.url}/healthz`)).status).toBe(200);
  } finally {
    await running.close();
  }
});
