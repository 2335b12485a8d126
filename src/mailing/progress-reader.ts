import DataLoader from 'dataloader';
import type pg from 'pg';
import { notFound } from '../graphql/parse-input.js';
import type { Logger } from '../platform/log.js';
import { type OpenSample, sampleOpen } from './open-sample.js';
import { type Counts, type CountsAndRate, type Progress, RATE_WINDOW, readCounts, toProgress } from './progress.js';

/** A mailing's open messages are sampled no more often than this, ms… */
const SAMPLE_EVERY = 2_000;
/** …nor so often that sampling takes more than a twentieth of the time. */
const SAMPLE_REST = 20;
/** An older sample is not shown at all, ms. */
const SAMPLE_LIFE = 10_000;
/** Mailings whose sample is remembered. */
const SAMPLES = 1_000;

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

  /** Whatever is asked for at the same moment, be it one mailing many times, is one query; nothing is remembered. */
  readonly #counts: DataLoader<string, CountsAndRate | null>;

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Logger,
  ) {
    this.#counts = new DataLoader(
      async (ids) => {
        const distinct = [...new Set(ids)];
        const counts = await readCounts(pool, distinct);
        const byId = new Map(distinct.map((id, place) => [id, counts[place] ?? null]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false },
    );
  }

  /** @throws AppError NOT_FOUND: no such mailing, or it was deleted */
  async read(mailingId: string): Promise<Progress> {
    const counts = await this.#counts.load(mailingId);
    if (counts === null) throw notFound('mailing', 'mailingId');
    return toProgress(counts, counts.open === 0 ? null : await this.#sample(mailingId));
  }

  /** Of a mailing that was read already. One at rest costs no query, and lists are mostly those. */
  async of(mailing: Counts & { id: string }): Promise<Progress> {
    const readAt = new Date();
    const quietSince = mailing.finishedAt?.getTime() ?? 0;
    // This process's clock may be off by some seconds; the rate is zero long before.
    const atRest = mailing.launchedAt === null || readAt.getTime() - quietSince > 6 * RATE_WINDOW * 1_000;
    if (mailing.open > 0 || !atRest) return await this.read(mailing.id);
    return toProgress({ ...mailing, readAt, rate: 0 }, null);
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
    const started = performance.now();
    const sample = await sampleOpen(this.pool, mailingId);
    const takenAt = performance.now();
    const taken = { sample, takenAt, restsUntil: takenAt + Math.max(SAMPLE_EVERY, SAMPLE_REST * (takenAt - started)) };
    // The map keeps the order of insertion: the first is the one not sampled for longest.
    this.#taken.delete(mailingId);
    this.#taken.set(mailingId, taken);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > SAMPLES && oldest !== undefined) this.#taken.delete(oldest);
    return taken;
  }
}
