import type pg from 'pg';
import type { StoredStatus } from '../message/message.js';
import { type CheckOptions, type Finding, Tally } from './check.js';

/**
 * A minute and a time-out after a cancel or an end, a running program has settled what it has not in hand, or is at it: millions
 * take longer, and each batch of them is a version. `$1` is the time-out.
 */
const GRACE = `($1::interval + interval '1 minute')`;
const LONG_AGO = (moment: string) => `greatest(${moment}, c.at) < now() - ${GRACE}`;

/** One look at every message: those that are alike are counted together, and one of them stands for all. */
const ALIKE = `
  select mailing_id::float8 as "mailingId", kind, status, uncertain,
    coalesce(lease_until >= now() - ${GRACE}, false) as "inHand", count(*)::float8 as messages, min(id)::float8 as example
  from message group by 1, 2, 3, 4, 5 order by 7`;

const COLUMNS = ['total', 'open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

const MAILINGS = `
  select g.id::float8 as id, g.pruned_at is not null as pruned, g.status = 'COMPLETED' as completed, coalesce(g.status = 'CANCELLED' and ${LONG_AGO('g.finished_at')}
      or g.status in ('RUNNING', 'PAUSED') and ${LONG_AGO('g.ends_at')}, false) as over, ${COLUMNS.map((column) => `g.${column}`).join(', ')}
  from mailing g left join mailing_change c on c.mailing_id = g.id and c.version = g.version`;

interface Alike {
  mailingId: number;
  kind: 'CAMPAIGN' | 'TEST';
  status: StoredStatus;
  uncertain: boolean;
  /** Somebody has them, or should have given them back a moment ago. */
  inHand: boolean;
  messages: number;
  example: number;
}

interface Mailing extends Record<(typeof COLUMNS)[number], number> {
  id: number;
  completed: boolean;
  /** Its messages are being removed, or are gone: nothing is left to recount. */
  pruned: boolean;
  /** It was cancelled or has ended, long ago. */
  over: boolean;
}

/** What the rows of messages and mailings say of each other. Messages of kind TEST are in no count. */
export async function checkCounts(client: pg.ClientBase, { timeoutMs }: CheckOptions): Promise<Finding[]> {
  const grace = [`${timeoutMs} ms`];
  const { rows: alike } = await client.query<Alike>(ALIKE, grace);
  const { rows: mailings } = await client.query<Mailing>(MAILINGS, grace);
  const campaigns = alike.filter(({ kind }) => kind === 'CAMPAIGN');
  const tallies = [...checkAlike(campaigns, mailings), checkUncertain(alike), recount(campaigns, mailings)];
  return tallies.map((tally) => tally.finding);
}

function checkAlike(campaigns: readonly Alike[], mailings: readonly Mailing[]): Tally[] {
  const open = new Tally(1, 'messages of mailings that are over', 'none open');
  const overall = new Tally(1, 'messages overall', 'each counted by a mailing that exists');
  const byId = new Map(mailings.map((mailing) => [mailing.id, mailing]));
  for (const { mailingId, status, inHand, messages, example } of campaigns) {
    const mailing = byId.get(mailingId);
    overall.note(example, mailing === undefined, messages);
    if (!mailing?.completed && !mailing?.over) continue;
    open.note(example, status === 'OPEN' && (mailing.completed || !inHand), messages);
  }
  return [open, overall];
}

function checkUncertain(alike: readonly Alike[]): Tally {
  const tally = new Tally(2, 'FAILED, EXPIRED and CANCELLED messages', 'none with an attempt of unknown outcome');
  for (const { status, uncertain, messages, example } of alike) {
    if (status === 'FAILED' || status === 'EXPIRED' || status === 'CANCELLED') tally.note(example, uncertain, messages);
  }
  return tally;
}

function recount(campaigns: readonly Alike[], mailings: readonly Mailing[]): Tally {
  const tally = new Tally(1, 'mailings', 'each with counts equal to a recount of its messages');
  const counted = new Map<string, number>();
  for (const { mailingId, status, messages } of campaigns) {
    for (const key of [`${mailingId} total`, `${mailingId} ${status.toLowerCase()}`])
      counted.set(key, (counted.get(key) ?? 0) + messages);
  }
  for (const mailing of mailings) {
    if (mailing.pruned) continue;
    const wrong = COLUMNS.some((column) => mailing[column] !== (counted.get(`${mailing.id} ${column}`) ?? 0));
    tally.note(mailing.id, wrong);
  }
  return tally;
}
