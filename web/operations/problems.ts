import type { ChannelsQuery, HealthQuery } from '../generated/graphql.js';

type Health = HealthQuery['health'];
type Channel = ChannelsQuery['channels'][number];

/** A database that takes longer to answer something this small has too much to do, ms. */
const SLOW_MS = 500;

/** Something that is not as it should be; each kind has its words, with what to do, in en.json under `problem`. */
export type Problem =
  | { kind: 'database' | 'live' | 'scheduler' | 'part' | 'settings' | 'restart'; name: string }
  | { kind: 'noWorker' }
  | { kind: 'silent'; host: string; seenAt: string }
  | { kind: 'versions'; versions: string }
  | { kind: 'slow'; ms: number }
  | { kind: 'circuit'; channel: Channel['name']; reason: string; probeAt: string }
  | { kind: 'stopped' };

/** Parts of the process that answered which do not work. */
export function brokenParts(parts: Health['parts']): Problem[] {
  return parts
    .filter(({ works }) => !works)
    .map(({ name }) => ({
      kind: name === 'database' || name === 'live' || name === 'scheduler' ? name : 'part',
      name,
    }));
}

/** What is wrong, the worst first; empty: all is well. */
export function findProblems(health: Health, channels: readonly Channel[], isStopped: boolean): Problem[] {
  const { parts, processes, database, settingsProblems, settingsNeedRestart } = health;
  const alive = processes.filter(({ silent }) => !silent);
  const versions = [...new Set(alive.map(({ version }) => version))].sort();
  return [
    ...brokenParts(parts),
    ...(isStopped ? [{ kind: 'stopped' } as const] : []),
    ...(alive.some(({ role }) => role !== 'api') ? [] : [{ kind: 'noWorker' } as const]),
    ...channels.flatMap(({ name, circuits }) =>
      // One of its workers tells it for all of them.
      circuits.slice(0, 1).map(({ reason, probeAt }) => ({ kind: 'circuit', channel: name, reason, probeAt }) as const),
    ),
    ...processes.filter(({ silent }) => silent).map(({ host, seenAt }) => ({ kind: 'silent', host, seenAt }) as const),
    ...(settingsProblems.length > 0 ? [{ kind: 'settings', name: settingsProblems.join('; ') } as const] : []),
    ...(settingsNeedRestart.length > 0 ? [{ kind: 'restart', name: settingsNeedRestart.join(', ') } as const] : []),
    ...(versions.length > 1 ? [{ kind: 'versions', versions: versions.join(', ') } as const] : []),
    ...(database.answeredInMs > SLOW_MS ? [{ kind: 'slow', ms: database.answeredInMs } as const] : []),
  ];
}

/** What `/readyz` says, which anybody may ask while the database is away and nobody can be let in; null: nobody answers at all. */
export async function askReadyz(): Promise<Health['parts'] | null> {
  try {
    const answer = (await (await fetch('/readyz')).json()) as { parts: Record<string, boolean> };
    return Object.entries(answer.parts).map(([name, works]) => ({ name, works }));
  } catch {
    return null;
  }
}
