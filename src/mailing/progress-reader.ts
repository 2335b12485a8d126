import { bulkhead } from 'cockatiel';
import DataLoader from 'dataloader';
import type pg from 'pg';
import { notFound } from '../graphql/parse-input.js';
import { WaitingFor } from '../message/message.js';
import type { Logger } from '../platform/log.js';
import { type Ceilings, type Counts, type MailingState, RATE_WINDOW, readStates } from './mailing-state.js';
import { type OpenSample, sampleOpen } from './open-sample.js';
import { type Progress, toProgress } from './progress.js';
import { mayWait, type Waiting, whyWaiting } from './waiting.js';

/** A mailing's open messages are sampled no more often than this, ms… */
const SAMPLE_EVERY = 2_000;
/** …nor so often that sampling takes more than a twentieth of the time. */
const SAMPLE_REST = 20;
/** An older sample is not shown at all, ms. */
const SAMPLE_LIFE = 10_000;
/** Samples taken at the same moment: many big mailings may not keep all of the API's connections busy. */
const SAMPLING = 2;
/** Mailings whose sample is remembered. */
const SAMPLES = 1_000;

/** What holds nobody back. */
const FREE = { stop: null, circuit: null, limit: null, limitIsOwn: false } as const;

interface Taken {
  sample: OpenSample;
  /** Monotonic, ms. */
  takenAt: number;
  /** When it may be taken anew; monotonic, ms. */
  restsUntil: number;
}

/** Reads progress: the exact part anew each time, the split of the open ones from a sample that all readers share. */
export class ProgressReader {
  readonly #taken = new Map<string, Taken>();
  readonly #taking = new Map<string, Promise<Taken>>();
  readonly #sampling = bulkhead(SAMPLING, Number.POSITIVE_INFINITY);

  /** Whatever is asked for at the same moment, be it one mailing many times, is one query; nothing is remembered. */
  readonly #states: DataLoader<string, MailingState | null>;

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Logger,
    ceilings: Ceilings = {},
  ) {
    this.#states = new DataLoader(
      async (ids) => {
        const distinct = [...new Set(ids)];
        const states = await readStates(pool, distinct, ceilings);
        const byId = new Map(distinct.map((id, place) => [id, states[place] ?? null]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false },
    );
  }

  /** @throws AppError NOT_FOUND: no such mailing, or it was deleted */
  async read(mailingId: string): Promise<Progress> {
    const state = await this.#states.load(mailingId);
    if (state === null) throw notFound('mailing', 'mailingId');
    return toProgress(state, await this.#sampleIfOpen(mailingId, state));
  }

  /** Of a mailing that was read already. One at rest costs no query, and lists are mostly those. */
  async of(mailing: Counts & { id: string }): Promise<Progress> {
    const readAt = new Date();
    const quietSince = mailing.finishedAt?.getTime() ?? 0;
    // This process's clock may be off by some seconds; the rate is zero long before.
    const atRest = mailing.launchedAt === null || readAt.getTime() - quietSince > 6 * RATE_WINDOW * 1_000;
    if (mailing.open > 0 || !atRest) return await this.read(mailing.id);
    return toProgress({ ...mailing, ...FREE, quietSince: readAt, readAt, rate: 0 }, null);
  }

  /** What a mailing waits for, by its row and the same sample; of one that can't wait for anything it costs no query. */
  async waiting(mailing: Pick<Counts, 'status' | 'open'> & { id: string }): Promise<Waiting[]> {
    return mayWait(mailing) ? await this.waitingOf(mailing.id) : [];
  }

  /** The same, by its id; empty where there is no such mailing. */
  async waitingOf(mailingId: string): Promise<Waiting[]> {
    const state = await this.#states.load(mailingId);
    return state === null ? [] : whyWaiting(state, await this.#sampleIfOpen(mailingId, state));
  }

  /** What holds back a test send that is due: it heeds neither status, nor window, nor limit of its mailing. */
  async testWaitsFor(mailingId: string): Promise<WaitingFor | null> {
    const state = await this.#states.load(mailingId);
    if (state?.stop) return WaitingFor.STOPPED;
    return state?.circuit ? WaitingFor.CIRCUIT : null;
  }

  async #sampleIfOpen(mailingId: string, { open }: Counts): Promise<OpenSample | null> {
    return open === 0 ? null : await this.#sample(mailingId);
  }

  async #sample(mailingId: string): Promise<OpenSample> {
    const now = performance.now();
    const taken = this.#taken.get(mailingId);
    if (taken === undefined || now - taken.takenAt > Math.max(SAMPLE_LIFE, taken.restsUntil - taken.takenAt)) {
      return (await this.#take(mailingId)).sample;
    }
    if (now >= taken.restsUntil) {
      this.#take(mailingId).catch((error: unknown) => {
        this.log.debug({ err: error, mailing_id: mailingId }, 'open messages could not be sampled');
      });
    }
    return taken.sample;
  }

  /** All who ask while a sample is being taken get that one. */
  #take(mailingId: string): Promise<Taken> {
    const running = this.#taking.get(mailingId);
    if (running) return running;
    const taking = this.#takeOnce(mailingId).finally(() => this.#taking.delete(mailingId));
    this.#taking.set(mailingId, taking);
    return taking;
  }

  async #takeOnce(mailingId: string): Promise<Taken> {
    const taken = await this.#sampling.execute(async () => {
      // Not before its turn: who stood in line for long would rest for many minutes.
      const started = performance.now();
      const sample = await sampleOpen(this.pool, mailingId);
      const takenAt = performance.now();
      return { sample, takenAt, restsUntil: takenAt + Math.max(SAMPLE_EVERY, SAMPLE_REST * (takenAt - started)) };
    });
    // The map keeps the order of insertion: the first is the one not sampled for longest.
    this.#taken.delete(mailingId);
    this.#taken.set(mailingId, taken);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > SAMPLES && oldest !== undefined) this.#taken.delete(oldest);
    return taken;
  }
}
