import type { SendingStateFragment, SteeredMailingFragment } from '../generated/graphql.js';
import type { Format } from '../ui/format.js';

export type WaitingEntry = SteeredMailingFragment['waiting'][number];

/** What it is that does not go on, in words of this room. */
export type WaitingWord =
  | 'waiting.START'
  | 'waiting.WINDOW'
  | 'waiting.RETRY'
  | 'waiting.RATE'
  | 'waiting.RATE.channel'
  | 'waiting.PAUSED'
  | 'waiting.STOPPED'
  | 'waiting.STOPPED.reason'
  | 'waiting.CIRCUIT'
  | 'waiting.WORKER'
  | 'waiting.WORKER.start'
  | 'waiting.WORKER.settle'
  | 'waiting.WORKER.launch';

/** The server's sentences about a missing worker, and ours: src/mailing/waiting.ts. */
const WORKER_DETAILS: Record<string, WaitingWord> = {
  'It should have started.': 'waiting.WORKER.start',
  'Its messages should have been settled.': 'waiting.WORKER.settle',
  'Its messages are not all made yet.': 'waiting.WORKER.launch',
};

/** What nothing goes through at all: for as long as it holds, no limit says when all have gone. */
const SHUT: readonly string[] = ['PAUSED', 'STOPPED', 'CIRCUIT', 'WORKER'];

/** The reasons that are worth a sentence, in their order. */
export function toldReasons<T extends Pick<WaitingEntry, 'reason'>>(waiting: readonly T[]): readonly T[] {
  const isShut = waiting.some(({ reason }) => SHUT.includes(reason));
  return isShut ? waiting.filter(({ reason }) => reason !== 'RATE') : waiting;
}

/** One reason as a sentence. What only the server knows (why a channel can't be used) is said by `inWords`. */
export function waitingWords(
  { reason, count, detail }: WaitingEntry,
  mailing: Pick<SteeredMailingFragment, 'rateLimit'>,
  sending: SendingStateFragment | null,
  { count: countOf, inWords }: Pick<Format, 'count'> & { inWords: (said: string) => string },
): { word: WaitingWord; values: Record<string, string | number> } {
  const held = { count: count ?? 0, n: countOf(count ?? 0) };
  switch (reason) {
    case 'RATE':
      return rate(detail, mailing.rateLimit, held, countOf);
    case 'STOPPED': {
      const by = { ...held, by: sending?.stoppedBy ?? '', reason: sending?.reason ?? '' };
      return { word: sending?.reason ? 'waiting.STOPPED.reason' : 'waiting.STOPPED', values: by };
    }
    case 'CIRCUIT':
      return { word: 'waiting.CIRCUIT', values: { ...held, detail: inWords(detail ?? '') } };
    case 'WORKER':
      return { word: WORKER_DETAILS[detail ?? ''] ?? 'waiting.WORKER', values: held };
    default:
      return { word: `waiting.${reason}`, values: held };
  }
}

/** The limit in force is the lesser of the mailing's own and its channel's: it stands first in the server's sentence. */
function rate(detail: string | null, own: number | null, held: { count: number; n: string }, count: Format['count']) {
  const limit = Number.parseInt(detail ?? '', 10);
  const isOwn = Number.isNaN(limit) || limit === own;
  const word: WaitingWord = isOwn ? 'waiting.RATE' : 'waiting.RATE.channel';
  return { word, values: { ...held, rate: count(Number.isNaN(limit) ? (own ?? 0) : limit) } };
}
