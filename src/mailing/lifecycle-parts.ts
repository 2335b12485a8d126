import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { ChangeBell } from '../live/change-bell.js';
import type { Logger } from '../platform/log.js';
import type { Scheduler } from '../scheduler/scheduler.js';

/** What the functions that change mailings work with. */
export interface LifecycleParts {
  pool: pg.Pool;
  /** Rung after the commit. A ring that is lost makes no change look refused: the sweep finds in the rows what is to be done. */
  scheduler: Pick<Scheduler, 'ring'>;
  /** Tells those who watch. */
  bell: Pick<ChangeBell, 'ring'>;
  log: Logger;
  /** One attempt's time-out on a channel, ms. */
  timeoutMs: (channel: string) => number;
  /** By which the trace of the request goes on, with what it makes or changes; left out or null: it is not traced. */
  traceparent?: () => string | null;
}

/** The same, with the request's own entities. */
export interface EditParts extends LifecycleParts {
  em: EntityManager;
}

/** Columns of `mailing_event.details`, from a row called `m`: what holds from this step on. */
export const EVENT_DETAILS = `jsonb_build_object('startsAt', m.starts_at, 'endsAt', m.ends_at, 'allowedFrom', m.allowed_from,
  'allowedTo', m.allowed_to, 'weekdays', m.weekdays, 'rateLimit', m.rate_limit, 'plan', m.plan)`;
