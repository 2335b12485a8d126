import type { Table } from '../client/export-clients.js';
import type { Call } from './call.js';
import type { Command } from './command.js';
import { listOf } from './show.js';
import { CLI_ACTOR, withProgram } from './with-program.js';
import { writeTable } from './write-table.js';

const OUT = { out: { value: 'file', does: 'write it there; left out: print it', file: true } };
const MASK = { mask: { does: 'show phones as those see them who may not see them whole' } };
const STREAMED =
  'CSV, or with --json an array of objects. Rows are read as of one moment, a few hundred at a time, however many there are.';

export const exportClientsCommand: Command = {
  name: 'export clients',
  does: 'write clients as CSV or JSON, the newest first',
  more: `${STREAMED} The CSV can be imported again.`,
  options: {
    tags: { value: 'tags', does: 'only those with at least one of these, with commas between' },
    'operator-codes': { value: 'codes', does: 'only those with one of these' },
    'time-zones': { value: 'zones', does: 'only those who live in one of these' },
    ...MASK,
    ...OUT,
  },
  json: true,
  examples: [
    { line: 'export clients --out clients.csv', does: 'write all clients to a file' },
    { line: 'export clients --tags vip,new --mask --json', does: 'print some as JSON, phones masked' },
  ],
  async run(call) {
    const { exportClients } = await import('../client/export-clients.js');
    const { parseClientFilter } = await import('../client/client-filter.js');
    const { TimeZones } = await import('../graphql/time-zones.js');
    return await withProgram(call, async ({ pool }) => {
      const { tags, 'operator-codes': codes, 'time-zones': zones } = call.values;
      const given = { tagsAny: listOf(tags), operatorCodes: listOf(codes), timeZones: listOf(zones) };
      const filter = parseClientFilter(given, await new TimeZones(pool).load(), CLI_ACTOR, []);
      return await write(call, (signal) => exportClients(pool, filter, { isMasked: call.flags.has('mask'), signal }));
    });
  },
};

export const exportMessagesCommand: Command = {
  name: 'export messages',
  does: 'write the messages of a mailing as CSV or JSON, the newest first',
  more: STREAMED,
  args: [{ name: 'mailing', does: 'the mailing, by its number' }],
  options: {
    status: { value: 'statuses', does: 'only these, with commas between: SENT,FAILED' },
    ...MASK,
    ...OUT,
  },
  json: true,
  examples: [
    { line: 'export messages 12 --out messages.csv', does: 'write all messages of mailing 12 to a file' },
    { line: 'export messages 12 --status FAILED,UNKNOWN --json', does: 'print those that went wrong, as JSON' },
  ],
  async run(call) {
    const { exportMessages } = await import('../message/export-messages.js');
    const { parseMessageFilter } = await import('../message/message-filter.js');
    const { findMailing } = await import('../mailing/mailings.js');
    const filter = parseMessageFilter({ statuses: listOf(call.values['status']) }, []);
    return await withProgram(call, async ({ pool, em }) => {
      const { id } = await findMailing(em, call.args['mailing']!);
      const isMasked = call.flags.has('mask');
      return await write(call, (signal) => exportMessages({ em, pool, isMasked, signal }, id, filter));
    });
  },
};

const GROUPS = ['mailing', 'status', 'operator', 'tag', 'hour'];
const COUNTS = ['total', 'open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

export const exportStatisticsCommand: Command = {
  name: 'export statistics',
  does: 'write how many messages have which status, as CSV or JSON',
  options: {
    by: { value: 'what', does: 'what to tell the messages apart by; mailing', choices: GROUPS },
    from: { value: 'moment', does: 'only from then on, as 2030-01-01T00:00:00Z, in quarters of an hour' },
    to: { value: 'moment', does: 'only up to then' },
    'time-zone': { value: 'zone', does: "for hours: by this zone's clock; left out: by each client's own" },
    ...OUT,
  },
  json: true,
  examples: [
    { line: 'export statistics --out mailings.csv', does: 'write the numbers of all mailings to a file' },
    {
      line: 'export statistics --by hour --from 2026-01-01T00:00:00Z --json',
      does: 'print them by the hour of the day',
    },
  ],
  async run(call) {
    const { StatisticsReader } = await import('../report/read-statistics.js');
    const { StatisticsGroupBy } = await import('../report/group-messages.js');
    const { TimeZones } = await import('../graphql/time-zones.js');
    const { by = 'mailing', from, to, 'time-zone': timeZone } = call.values;
    const groupBy = StatisticsGroupBy[by.toUpperCase() as keyof typeof StatisticsGroupBy];
    const period = from === undefined && to === undefined ? null : { from, to };
    return await withProgram(call, async ({ pool, em, log }) => {
      const reader = new StatisticsReader({ pool, log, timeZones: new TimeZones(pool) });
      const { groups } = await reader.read(em, { period, groupBy, timeZone }, []);
      const rows = (groups ?? []).map(({ key, mailing, messages }) => [
        ...[key, mailing?.name, ...COUNTS.map((name) => messages[name])],
      ]);
      async function* all() {
        yield rows;
      }
      return await write(call, async () => ({ header: ['key', 'name', ...COUNTS], rows: all() }));
    });
  },
};

/** Ctrl-C, and whoever stops reading, end the query. */
async function write(call: Call, open: (signal: AbortSignal) => Promise<Table>): Promise<0> {
  const stop = call.surroundings.stop();
  await writeTable(call, await open(stop), { file: call.values['out'], json: call.json, stop });
  return 0;
}
