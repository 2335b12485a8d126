import got from 'got';
import { z } from 'zod';
import type { Behaviour, BehaviourInput } from './behaviour.js';
import type { Totals } from './ledger.js';
import { type LedgerLine, parseLedgerLine } from './ledger-entry.js';

/** A piece of the ledger. */
export interface LedgerPiece {
  lines: LedgerLine[];
  /** Where the next piece begins, bytes. */
  next: number;
}

const totalsSchema = z.object({
  requests: z.int(),
  ids: z.int(),
  accepted: z.int(),
  repeats: z.int(),
  answers: z.record(z.string(), z.int()),
  bytes: z.int(),
}) satisfies z.ZodType<Totals>;

/** No redirect: nothing there points elsewhere. A simulator that is just starting or busy is asked again by got. */
const client = got.extend({
  followRedirect: false,
  timeout: { request: 10_000 },
  retry: { limit: 2, methods: ['GET', 'PUT'] },
});

/**
 * Replaces the simulator's behaviour; what is left out takes its default.
 * @param controlUrl `controlUrl` of the simulator; its `url` does as well while the gateway is not down
 * @returns the behaviour that holds from now on
 * @throws Error naming the field that is wrong
 */
export async function behave(controlUrl: string, behaviour: BehaviourInput): Promise<Behaviour> {
  const answer = await client.put(`${controlUrl}/simulator/behaviour`, { json: behaviour, throwHttpErrors: false });
  const body: unknown = JSON.parse(answer.body);
  // It was checked at the other side, by the same schema.
  if (answer.ok) return body as Behaviour;
  throw new Error(`the simulator refuses this behaviour: ${(body as { error: string }).error}`);
}

/** @returns counts over the whole ledger */
export async function totals(controlUrl: string): Promise<Totals> {
  return totalsSchema.parse(await client.get(`${controlUrl}/simulator/totals`).json());
}

/**
 * Reads the ledger from a byte on; whole lines, in the order of the file. `mergeLedgerLines` makes requests of them.
 * @param from 0, or `next` of the piece before
 */
export async function readLedger(controlUrl: string, from = 0): Promise<LedgerPiece> {
  const answer = await client.get(`${controlUrl}/simulator/ledger`, { searchParams: { from } });
  const lines = answer.body.split('\n').slice(0, -1).map(parseLedgerLine);
  return { lines, next: Number(answer.headers['x-ledger-bytes']) };
}
