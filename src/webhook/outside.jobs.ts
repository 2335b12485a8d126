import type pg from 'pg';
import { maskPhonesWithin } from '../access/mask-phone.js';
import type { AlarmSettings } from '../alarm-settings.js';
import type { Ceilings } from '../mailing/mailing-state.js';
import type { Logger } from '../platform/log.js';
import type { Mailer } from '../platform/mailer.js';
import type { JobRun, Scheduler, When } from '../scheduler/scheduler.js';
import { touching } from '../scheduler/touching.js';
import { watchOutages } from '../sending/outages.js';
import { alarmLetter } from './alarm-letter.js';
import {
  type Claimed,
  claimDelivery,
  findDueTargets,
  giveUpLetters,
  recordDelivery,
  type Target,
  type Tried,
} from './deliveries.js';
import { tellOfStuck } from './find-stuck.js';
import { messageIdOf } from './message-id.js';
import { POST_TIMEOUT_MS, type Poster } from './post-webhook.js';
import { signatureHeaders } from './sign.js';
import { spreadEvents } from './spread-events.js';
import { MOST_WEBHOOKS } from './webhooks.js';

/** A dead worker's job is taken over after so long, ms. */
const LOCK_MS = 3_000;
/** A try is over by then: its time-out, and the time to write down what came of it, ms. */
const LEASE_MS = POST_TIMEOUT_MS + 5_000;
/** The mail server is given ten seconds for each step of a letter, ms. */
const LETTER_LEASE_MS = 120_000;
/** How often a process looks for mailings that are stuck, ms. */
const LOOK_EVERY_MS = 15_000;
/** How often the log tells of what can't be found out, ms. */
const TELL_EVERY_MS = 60_000;

/** What the jobs work with. */
export interface OutsideJobsOptions {
  pool: pg.Pool;
  scheduler: Pick<Scheduler, 'define' | 'ring'>;
  poster: Pick<Poster, 'post'>;
  /** Null: there is no mail server, and no letter is sent. */
  mailer: Pick<Mailer, 'send'> | null;
  /** As they are now. */
  alarms: () => Pick<AlarmSettings, 'recipients' | 'stuckMinutes'>;
  ceilings: Ceilings;
  /** The address people reach the server under; null: nobody knows. */
  publicUrl: string | null;
  log: Logger;
}

/** Tells the outside. Its jobs are doorbells like all others: what is to be told, and to whom, is in the rows. */
export class OutsideJobs {
  #lookAt = 0;
  #tellAt = 0;

  constructor(private readonly options: OutsideJobsOptions) {}

  /** Tells the scheduler what to do; call before it starts. */
  define(): void {
    const { scheduler } = this.options;
    scheduler.define('webhook.deliver', { concurrency: MOST_WEBHOOKS, lockMs: LOCK_MS }, ({ webhookId }, run) =>
      touching(run, LOCK_MS, () => this.#work({ webhookId }, LEASE_MS, run)),
    );
    scheduler.define('alarm.send', { concurrency: 1, lockMs: LOCK_MS }, (_, run) =>
      touching(run, LOCK_MS, () => this.#work({ recipients: this.#recipients() }, LETTER_LEASE_MS, run)),
    );
  }

  /** Finds out what is to be told and to whom, and rings for what is due: once a second, in one process at a time. Never throws. */
  async sweep(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      // Once for a while: it is tried again each second.
      if (performance.now() >= this.#tellAt) {
        this.#tellAt = performance.now() + TELL_EVERY_MS;
        this.options.log.warn({ err: error }, 'it could not be found out what the outside is to be told');
      }
    }
  }

  async #look(): Promise<void> {
    const { pool, scheduler, alarms, ceilings } = this.options;
    const recipients = this.#recipients();
    if (performance.now() >= this.#lookAt) {
      this.#lookAt = performance.now() + LOOK_EVERY_MS;
      await watchOutages(pool);
      await tellOfStuck(pool, alarms().stuckMinutes, ceilings);
      await giveUpLetters(pool, recipients);
    }
    await spreadEvents(pool, recipients);
    for (const target of await findDueTargets(pool, recipients)) {
      if ('webhookId' in target) await scheduler.ring('webhook.deliver', target);
      else await scheduler.ring('alarm.send', {});
    }
  }

  /** Who gets letters now. */
  #recipients(): readonly string[] {
    return this.options.mailer === null ? [] : this.options.alarms().recipients;
  }

  async #work(target: Target, leaseMs: number, run: JobRun): Promise<When | undefined> {
    // What was begun is ended: it takes less than a stopping process is given.
    while (!run.signal.aborted) {
      const claimed = await claimDelivery(this.options.pool, target, leaseMs);
      if (claimed === null) return undefined;
      await this.#deliver(claimed);
    }
    return { inMs: 0 };
  }

  async #deliver(claimed: Claimed): Promise<void> {
    const { pool, log } = this.options;
    const tried =
      claimed.recipient === null ? await this.#post(claimed) : await this.#write(claimed, claimed.recipient);
    await recordDelivery(pool, claimed, tried);
    const about = { event: claimed.kind, delivery_id: claimed.id, tries: claimed.tries, status: tried.status };
    if (tried.ok) log.info(about, 'the outside was told');
    else log.warn({ ...about, reason: tried.reason }, 'the outside could not be told');
  }

  /** A name may hold what its writer put there; all else is ours. The body is the same at each try. */
  async #post({ eventId, kind, at, data, url, secret, now }: Claimed): Promise<Tried> {
    const body = JSON.stringify({ type: kind, timestamp: at.toISOString(), data: maskPhonesWithin(data) });
    const signed = { id: messageIdOf(eventId), timestamp: Math.floor(now.getTime() / 1_000), body };
    const answer = await this.options.poster.post(url ?? '', signatureHeaders(secret ?? '', signed), body);
    const { status } = answer;
    const ok = status !== null && status >= 200 && status < 300;
    const reason = ok ? null : (answer.reason ?? `answered with ${status}`);
    return { ...answer, ok, gone: status === 410, reason };
  }

  async #write(claimed: Claimed, to: string): Promise<Tried> {
    const nothing = { status: null, body: null };
    const { mailer, publicUrl } = this.options;
    if (mailer === null) return { ...nothing, ok: false, reason: 'there is no mail server in the settings' };
    try {
      const letter = alarmLetter({ ...claimed, data: maskPhonesWithin(claimed.data) as never }, publicUrl);
      // The same at each try: where one arrived although we were not told, many programs show both as one.
      const messageId = `<${messageIdOf(claimed.eventId)}.${claimed.id}@heliograph>`;
      await mailer.send({ to, ...letter, messageId, isAutomatic: true });
      return { ...nothing, ok: true, reason: null };
    } catch (error) {
      return { ...nothing, ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
