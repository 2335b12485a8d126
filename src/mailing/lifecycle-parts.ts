import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { ChangeBell } from '../platform/change-bell.js';
import type { Logger } from '../platform/log.js';
import type { JobName, JobPayloads, Scheduler } from '../platform/scheduler.js';

/** What the functions that change mailings work with. */
export interface LifecycleParts {
  pool: pg.Pool;
  scheduler: Pick<Scheduler, 'ring'>;
  /** Tells those who watch. */
  bell: Pick<ChangeBell, 'ring'>;
  log: Logger;
  /** One attempt's time-out on a channel, ms. */
  timeoutMs: (channel: string) => number;
}

/** The same, with the request's own entities. */
export interface EditParts extends LifecycleParts {
  em: EntityManager;
}

/**
 * Rings after a commit. What is to be done is in the rows already, and the sweep finds it within a second: a bell that
 * fails must not make a change look refused.
 */
export async function ringAfterCommit<N extends JobName>(
  { scheduler, log }: Pick<LifecycleParts, 'scheduler' | 'log'>,
  name: N,
  payload: JobPayloads[N] & { mailingId: string },
  at?: Date,
): Promise<void> {
  try {
    await (at === undefined ? scheduler.ring(name, payload) : scheduler.ring(name, payload, at));
  } catch (error) {
    log.warn({ err: error, mailing_id: payload.mailingId, job: name }, 'a bell was lost; the sweep will find the work');
  }
}

/** Columns of `mailing_event.details`, from a row called `m`: what holds from this step on. */
export const EVENT_DETAILS = `jsonb_build_object('startsAt', m.starts_at, 'endsAt', m.ends_at, 'allowedFrom', m.allowed_from,
  'allowedTo', m.allowed_to, 'weekdays', m.weekdays, 'plan', m.plan)`;
