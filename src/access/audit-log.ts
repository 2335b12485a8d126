import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { AppError, type ErrorCode } from '../errors.js';
import type { Keyset } from '../graphql/connection.js';
import type { MomentRange } from '../graphql/moments.js';
import type { Logger } from '../platform/log.js';
import type { Actor } from './actor.js';
import { AuditEvent, AuditOutcome } from './audit-event.js';

/** Something that is done by somebody. No part of it may be a phone, a text or a secret: names of fields, not their values. */
export interface Act {
  actor: Pick<Actor, 'id' | 'name'>;
  /** As mutations are named: `mailingStart`; what is no mutation in the same way: `userSignIn`. */
  action: string;
  /** What kind of thing it is done to, and which; null: none, or not known yet. */
  subjectKind: string | null;
  subjectId: string | null;
  /** Names of the fields that were given: `input.tags`. */
  fields: readonly string[];
  /** Which of several ways it is done by: `password`. */
  way?: string;
  ip: string | null;
}

/** What came of an act. */
export interface Result {
  outcome: AuditOutcome;
  /** The thing that it made, where that is another than it was done to. */
  subjectId?: string | undefined;
}

/** What an action is about: actions begin with it. What changes many clients makes a job, whose id is no client's. */
export function nounOf(action: string): string {
  if (/^client(s|Job)/.test(action)) return 'clientJob';
  if (action.startsWith('dailyReport')) return 'dailyReport';
  return /^[a-z]+/.exec(action)?.[0] ?? action;
}

/** Errors that are no fault of who asked. */
const OURS: readonly ErrorCode[] = ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR'];

/** The names of an input's fields, and no value. What looks like no name of ours might be a value in the wrong place. */
export function namesIn(input: unknown): string[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [];
  return Object.keys(input).filter((name) => /^[a-zA-Z]{1,40}$/.test(name));
}

/** An id, or the name of a channel. What somebody sends in the place of one may be anything, and be something PostgreSQL can't store. */
function isName(text: string | null): boolean {
  return text !== null && /^[\w-]{1,64}$/.test(text);
}

/**
 * Writes a row with what came of it: of what is done in the same transaction, or is refused.
 *
 * @param outcome null: that is not known yet
 * @returns the row
 * @throws what pg throws
 */
export async function record(
  db: Pick<pg.ClientBase, 'query'>,
  { actor, action, subjectKind, subjectId, fields, way, ip }: Act,
  outcome: AuditOutcome | null,
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into audit_event (actor, actor_id, action, subject_kind, subject_id, details, ip, outcome)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [actor.name, actor.id, action, subjectKind, isName(subjectId) ? subjectId : null, { fields, way }, ip, outcome],
  );
  return rows[0]!.id;
}

/**
 * Writes down who does what. An act's row is written before it is done, and its outcome after: whatever happens in between, it
 * is on record that somebody asked for it. What can't be written down isn't done.
 */
export class AuditLog {
  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Logger,
  ) {}

  /** @returns the row, for `end`. @throws what pg throws */
  async begin(act: Act): Promise<string> {
    return await record(this.pool, act, null);
  }

  /** Never throws: the act is done. */
  async end(id: string, { outcome, subjectId }: Result): Promise<void> {
    try {
      await this.pool.query(
        `update audit_event set outcome = $2, subject_id = coalesce($3, subject_id),
           details = case when $3 <> subject_id then details || jsonb_build_object('of', subject_id) else details end
         where id = $1`,
        [id, outcome, subjectId ?? null],
      );
    } catch (error) {
      this.log.warn({ err: error }, 'what came of an act could not be written to the audit log');
    }
  }

  /**
   * Does something, on record.
   *
   * @param judge reads from the answer what came of it
   * @throws what `work` throws; what pg throws when it can't be written down, and then it is not done
   */
  async around<T>(act: Act, work: () => Promise<T>, judge: (answer: T) => Result): Promise<T> {
    const id = await this.begin(act);
    try {
      const answer = await work();
      await this.end(id, judge(answer));
      return answer;
    } catch (error) {
      // What failed half-way may have been done: an account whose letter nobody took is there.
      const refused = error instanceof AppError && !OURS.includes(error.code);
      await this.end(id, { outcome: refused ? AuditOutcome.REFUSED : AuditOutcome.FAILED });
      throw error;
    }
  }
}

/** Which rows of the log are wanted: all conditions hold together. */
export interface AuditFilter {
  /** A name (`user:<e-mail>`) or an id (`user:12`). */
  actor?: string | null | undefined;
  action?: string | null | undefined;
  subjectKind?: string | null | undefined;
  subjectId?: string | null | undefined;
  period?: MomentRange | null | undefined;
}

function eventsWhere({ actor, action, subjectKind, subjectId, period }: AuditFilter): FilterQuery<AuditEvent> {
  const { from, to } = period ?? {};
  return {
    $and: [
      actor == null ? {} : { $or: [{ actor }, { actorId: actor }] },
      action == null ? {} : { action },
      subjectKind == null ? {} : { subjectKind },
      subjectId == null ? {} : { subjectId },
      from == null ? {} : { at: { $gte: from } },
      to == null ? {} : { at: { $lt: to } },
    ],
  };
}

/** Newest first: up to `first + 1`. */
export async function listAudit(em: EntityManager, filter: AuditFilter, keyset: Keyset): Promise<AuditEvent[]> {
  const behind: FilterQuery<AuditEvent> = keyset.after === null ? {} : { id: { $lt: keyset.after[0] as string } };
  const order = { orderBy: { id: 'desc' }, limit: keyset.first + 1, disableIdentityMap: true } as const;
  return await em.find(AuditEvent, { $and: [eventsWhere(filter), behind] }, order);
}

export async function countAudit(em: EntityManager, filter: AuditFilter): Promise<number> {
  return await em.count(AuditEvent, eventsWhere(filter));
}
