import type { AppLogTrouble } from '../platform/app-log.js';
import { inTime } from '../platform/deadline.js';
import type { SettingsHealth } from '../settings/live-settings.js';

/** Whether a part works; a sentence says that it does not and what follows, and shows nothing that not everybody may know. */
type Works = boolean | string;

/** What must work before traffic is sent here, by name. */
export type Probes = Readonly<Record<string, () => Works | Promise<Works>>>;

/** A part that does not answer by then is not ready, ms. */
const ANSWER_WITHIN = 2_000;
/** So long an answer holds, ms: anybody may ask, and as often as they like. */
const ANSWER_HOLDS = 1_000;

/** What is said of a part that has nothing to say itself. */
const SILENT = 'It does not answer.';

/** What was found out. */
export interface Found {
  ready: boolean;
  parts: Readonly<Record<string, boolean>>;
  /** Of each part that does not work, what follows. */
  reasons: Readonly<Record<string, string>>;
  /** A person's decision, which takes no part away. */
  stopped: boolean;
  /** What is to be said of settings that were read again. */
  settings: SettingsHealth;
  /** Why the log is not written to its file; null: it is. */
  logTrouble: AppLogTrouble | null;
}

/** Whether the parts of this process work, for whoever asks: a balancer, a person. Each is asked once for all of them. */
export class Readiness {
  readonly #probes: readonly (readonly [string, () => Promise<Works>])[];
  readonly #stopped: () => Promise<Works>;

  /** @param isStopped whether all sending is stopped */
  constructor(
    probes: Probes,
    isStopped: () => Promise<boolean>,
    private readonly settings: SettingsHealth = { problems: [], needRestart: [] },
    private readonly logTrouble: () => AppLogTrouble | null = () => null,
  ) {
    this.#probes = Object.entries(probes).map(([name, ask]) => [name, shared(() => answers(ask))] as const);
    this.#stopped = shared(() => answers(isStopped));
  }

  /** Never rejects. */
  async look(): Promise<Found> {
    const asked = this.#probes.map(async ([name, probe]) => [name, await probe()] as const);
    const [stopped, ...parts] = await Promise.all([this.#stopped(), ...asked]);
    const broken = parts.filter(([, works]) => works !== true);
    return {
      ready: broken.length === 0,
      parts: Object.fromEntries(parts.map(([name, works]) => [name, works === true])),
      reasons: Object.fromEntries(broken.map(([name, why]) => [name, typeof why === 'string' ? why : SILENT])),
      stopped: stopped === true,
      settings: this.settings,
      logTrouble: this.logTrouble(),
    };
  }
}

/** All who ask while a part is being asked get that answer, and so do those who come soon after it. */
function shared(probe: () => Promise<Works>): () => Promise<Works> {
  let latest: Promise<Works> | undefined;
  return () => {
    latest ??= probe().finally(() =>
      setTimeout(() => {
        latest = undefined;
      }, ANSWER_HOLDS).unref(),
    );
    return latest;
  };
}

async function answers(ask: () => Works | Promise<Works>): Promise<Works> {
  try {
    return await inTime(ANSWER_WITHIN, Promise.resolve(ask()));
  } catch {
    return false;
  }
}
