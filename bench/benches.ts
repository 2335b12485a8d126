import type { Bench } from './bench.js';
import { bloat } from './bloat.js';
import { busyApi } from './busy-api.js';
import { dispatch } from './dispatch.js';
import { firstSend } from './first-send.js';
import { graphql } from './graphql.js';
import { idle } from './idle.js';
import { importClients } from './import.js';
import { latency } from './latency.js';
import { launch } from './launch.js';
import { live } from './live.js';
import { memory } from './memory.js';
import { pages } from './pages.js';
import { workers } from './workers.js';

/** The rows of the table, in its order. */
export const benches: readonly Bench[] = [
  dispatch,
  workers,
  latency,
  memory,
  firstSend,
  launch,
  importClients,
  live,
  pages,
  graphql,
  busyApi,
  idle,
  bloat,
];

/** Those with a way of telling of their own, by name only; the file is read when one is asked for. */
export const others: Readonly<Record<string, { file: string; does: string }>> = {
  lists: { file: 'lists', does: 'what pages, counts, facets and statistics cost' },
  subscribers: {
    file: 'subscribers',
    does: 'memory and delay of a thousand subscribers, and of those who do not read',
  },
  scale: { file: 'scale', does: 'bytes a message leaves in PostgreSQL, and what parted tables cost' },
  limits: { file: 'limits', does: 'how well limits are kept and used, with one worker and with two' },
  verify: { file: 'verify', does: 'how long verify takes over a million messages and their ledger' },
  log: { file: 'log', does: 'what app.log costs, with its two lines a message' },
  web: { file: 'web', does: "how soon a mailing's page can be used, and how busy it is at full speed" },
  'api-under-fault': {
    file: 'api-under-fault',
    does: 'what a query takes while a gateway is down, beside an idle program',
  },
};
