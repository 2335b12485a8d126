import type { Claimed } from './deliveries.js';

/** What a letter says. */
export interface AlarmLetter {
  subject: string;
  text: string;
}

interface StuckData {
  mailing: { id: string; name: string; status: string; counts: { open: number; total: number } };
  stuck: { since: string; waitingFor: string; detail: string | null };
}

interface CircuitData {
  channel: { name: string; reason: string; openedAt: string };
}

const CAUSES: Readonly<Record<string, string>> = {
  CIRCUIT: 'Its channel is not worth asking: nobody is there, or nobody is taken',
  WORKER: 'No worker takes its messages',
};

/**
 * The letter about something that is wrong: what, since when, why, and where to look.
 *
 * @param base the address people reach the server under, without a slash at the end; null: nobody knows
 * @throws Error of an event that nobody gets letters about
 */
export function alarmLetter({ kind, data }: Pick<Claimed, 'kind' | 'data'>, base: string | null): AlarmLetter {
  if (kind === 'mailing.stuck') return stuckLetter(data as unknown as StuckData, base);
  if (kind === 'circuit.opened') return circuitLetter(data as unknown as CircuitData, base);
  throw new Error(`There is no letter about ${kind}.`);
}

function stuckLetter({ mailing, stuck }: StuckData, base: string | null): AlarmLetter {
  const { open, total } = mailing.counts;
  const cause = CAUSES[stuck.waitingFor] ?? stuck.waitingFor;
  const name = oneLine(mailing.name);
  return {
    subject: `Heliograph: the mailing “${name}” is stuck`,
    text: lines(
      `Nothing of the mailing “${name}” has moved since ${utc(stuck.since)}, although it is due and allowed.`,
      `${cause}${stuck.detail ? ` (${stuck.detail})` : ''}.`,
      `${open} of its ${total} messages are open. They are sent by themselves as soon as the cause is mended; none is lost.`,
      base && `See ${base}/mailings/${mailing.id}`,
    ),
  };
}

function circuitLetter({ channel }: CircuitData, base: string | null): AlarmLetter {
  return {
    subject: `Heliograph: the channel ${channel.name} sends nothing`,
    text: lines(
      `Since ${utc(channel.openedAt)} at least one worker sends nothing by the channel ${channel.name}: ${channel.reason}.`,
      'One message is tried every now and then; sending goes on by itself as soon as one gets through.',
      'A wrong token or address of the gateway has to be mended in the settings.',
      base && `See ${base}/health`,
    ),
  };
}

/** To the minute, in the zone that needs no explaining. */
function utc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function oneLine(name: string): string {
  return name.replace(/\s+/g, ' ').slice(0, 100);
}

function lines(...given: (string | null)[]): string {
  return `${given.filter((line) => line !== null).join('\n\n')}\n`;
}
