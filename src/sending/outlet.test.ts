import { Writable } from 'node:stream';
import pg from 'pg';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { ConsoleChannel } from '../channel/console.js';
import { createLogger } from '../platform/log.js';
import { CircuitRows } from './circuit-rows.js';
import { DatabaseClock } from './database-clock.js';
import { Outlet } from './outlet.js';
import { SendingMetrics } from './sending-metrics.js';

it('keeps the limits of the mailings it was last told of, and only so many', () => {
  // Never asked for a connection.
  const pool = new pg.Pool();
  const log = createLogger({ level: 'silent', pretty: false });
  const channel = new ConsoleChannel(new Writable(), 1_000);
  const metrics = new SendingMetrics(new Registry());
  const circuitRows = new CircuitRows(pool, log);
  const outlet = new Outlet({
    channel,
    ceiling: () => null,
    pool,
    clock: new DatabaseClock(),
    circuitRows,
    metrics,
    log,
  });
  const learn = (id: string) => outlet.learn(id, null, null);
  const [sent, ended] = [learn('sent'), learn('ended')];
  for (let n = 0; n < 2_000; n += 1) {
    learn(`other ${n}`);
    expect(learn('sent')).toBe(sent);
  }
  expect(learn('ended')).not.toBe(ended);
});
