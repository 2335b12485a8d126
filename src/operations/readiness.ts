import { inTime } from '../platform/deadline.js';

/** What must work before traffic is sent here, by name. */
export type Probes = Readonly<Record<string, () => boolean | Promise<boolean>>>;

/** A part that does not answer by then is not ready, ms. */
const ANSWER_WITHIN = 2_000;
/** So long an answer holds, ms: anybody may ask, and as often as they like. */
const ANSWER_HOLDS = 1_000;

/** What was found out. */
export interface Found {
  ready: boolean;
  parts: Readonly<Record<string, boolean>>;
  /** A person's decision, which takes no part away. */
  stopped: boolean;
}

/** Whether the parts of this process work, for whoever asks: a balancer, a person. Each is asked once for all of them. */
export class Readiness {
  readonly #probes: readonly (readonly [string, () => Promise<boolean>])[];
  readonly #stopped: () => Promise<boolean>;

  /** @param isStopped whether all sending is stopped */
  constructor(probes: Probes, isStopped: () => Promise<boolean>) {
    this.#probes = Object.entries(probes).map(([name, ask]) => [name, shared(() => answers(ask))] as const);
    this.#stopped = shared(() => answers(isStopped));
  }

  /** Never rejects. */
  async look(): Promise<Found> {
    const asked = this.#probes.map(async ([name, probe]) => [name, await probe()] as const);
    const [stopped, ...parts] = await Promise.all([this.#stopped(), ...asked]);
    return { ready: parts.every(([, works]) => works), parts: Object.fromEntries(parts), stopped };
  }
}

/** All who ask while a part is being asked get that answer, and so do those who come soon after it. */
function shared(probe: () => Promise<boolean>): () => Promise<boolean> {
  let latest: Promise<boolean> | undefined;
  return () => {
    latest ??= probe().finally(() =>
      setTimeout(() => {
        latest = undefined;
      }, ANSWER_HOLDS).unref(),
    );
    return latest;
  };
}

async function answers(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await inTime(ANSWER_WITHIN, Promise.resolve(ask()));
  } catch {
    return false;
  }
}
