import type pg from 'pg';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import type { Channel } from '../channel/channel.js';
import { ChangeBell } from '../live/change-bell.js';
import { TemplateCache } from '../mailing/template.js';
import { Dispatcher } from '../sending/dispatch.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { SendingMetrics } from '../sending/sending-metrics.js';
import { insertMailing, type MailingRow } from './rows.js';
import { recordingLog } from './running-api.js';

/** A launched mailing to the clients there are, and the dispatcher of a worker that sends it: its lanes run when the test says so. */
export async function launchedMailing(pool: pg.Pool, channel: Channel, row: MailingRow = {}) {
  const id = await insertMailing(pool, { channel: channel.name, ...row });
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => channel.timeoutMs);
  const { log, logged } = recordingLog();
  const bell = new ChangeBell(pool);
  onTestFinished(() => bell.flush());
  const metrics = new SendingMetrics(new Registry());
  const channels = { [channel.name]: channel };
  const dispatcher = new Dispatcher({ pool, channels, templates: new TemplateCache(), bell, metrics, log });
  return { id, logged, runLane: () => dispatcher.runLane(id, new AbortController().signal) };
}
