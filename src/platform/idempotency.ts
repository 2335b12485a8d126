import { createHash } from 'node:crypto';
import { PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { AppError } from '../errors.js';

/** What a request with an idempotency key came to, so that the same request again gets the same answer. Kept for three days. */
@Entity({ tableName: 'idempotency' })
@Index({ name: 'idempotency_created_at_index', properties: ['createdAt'] })
export class Idempotency {
  [PrimaryKeyProp]?: ['operation', 'key'];

  /** The mutation's name. */
  @PrimaryKey({ type: 'text' })
  operation!: string;

  /** Made up by the caller, with whose it is before it (`ownKey`). */
  @PrimaryKey({ type: 'text' })
  key!: string;

  /** SHA-256 of the input as it was given, in hex. */
  @Property({ type: 'text' })
  inputHash!: string;

  /** Id of what was made; empty only inside the transaction that makes it. */
  @Property({ type: 'text' })
  resultId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;
}

/** A call that is to make one thing, however often it comes. */
export interface KeyedCall {
  /** The id of whoever asks: the same key of another one is another key. */
  actor: string;
  /** The mutation's name: the same key of another one is another key. */
  operation: string;
  key: string;
  /** All that the caller gave; the same key with anything else is refused. Plain values, as in JSON; null is as good as left out. */
  input: unknown;
}

/**
 * Makes something once. The key is taken in the transaction that makes it: a second call that comes meanwhile waits, and
 * gets the same id; a call that fails leaves its key free.
 *
 * @param tx the transaction in which `make` writes
 * @param call null: the caller gave no key, and it is made each time
 * @param make gives the id of what it made
 * @returns the id, and whether it was made just now
 * @throws AppError CONFLICT on `idempotencyKey` when the key was used with other input; what `make` throws
 */
export async function makeOnce(
  tx: EntityManager,
  call: KeyedCall | null,
  make: () => Promise<string>,
): Promise<{ id: string; isNew: boolean }> {
  if (call === null) return { id: await make(), isNew: true };
  const { operation, input } = call;
  const key = ownKey(call);
  const hash = createHash('sha256').update(canonicalJson(input)).digest('hex');
  // The update changes nothing: it makes one statement of taking the key and reading who has it.
  const [row] = await tx.execute<{ input_hash: string; result_id: string }[]>(
    `insert into idempotency (operation, key, input_hash, result_id) values (?, ?, ?, '')
     on conflict (operation, key) do update set key = excluded.key returning input_hash, result_id`,
    [operation, key, hash],
  );
  if (row === undefined) throw new Error('a statement that always gives one row gave none');
  if (row.input_hash !== hash) {
    throw new AppError('CONFLICT', 'This key was used with other input: take a new one.', 'idempotencyKey');
  }
  if (row.result_id !== '') return { id: row.result_id, isNew: false };
  const id = await make();
  await tx.execute('update idempotency set result_id = ? where operation = ? and key = ?', [id, operation, key]);
  return { id, isNew: true };
}

/**
 * Frees keys older than three days.
 *
 * @returns how many
 */
export async function dropOldKeys(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from idempotency where created_at < clock_timestamp() - interval '3 days'`,
  );
  return rowCount ?? 0;
}

/**
 * Keys of two who make up the same do not meet: no key has a control character in it, so none looks like another's. Those of
 * the admin token stay as they were when nobody else had any, also for processes of an older version beside this one.
 */
function ownKey({ actor, key }: KeyedCall): string {
  return actor === 'admin' ? key : `${actor}\u001f${key}`;
}

/** One text for equal values, in whatever order their fields were written (as RFC 8785 has it), and without those that are null. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, value]) => value !== null)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
