import { expect, it, onTestFinished } from 'vitest';
import { createLogs } from '../platform/log.js';
import { createHttp } from './http.js';

it('a request has its line as soon as the log takes it, and no longer: levels change while the program runs', async () => {
  const lines: string[] = [];
  const { log, levels } = createLogs({
    level: 'info',
    pretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  const app = await createHttp({ log, publicUrl: null });
  onTestFinished(() => app.close());
  for (const level of ['info', 'debug', 'info'] as const) {
    levels.stdout = level;
    await app.inject({ url: `/nothing-at-${level}`, headers: { 'x-request-id': level } });
  }
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'debug', request_id: 'debug', status: 404, msg: 'answered' },
  ]);
});
