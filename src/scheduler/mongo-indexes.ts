import { type Collection, type Document, type IndexDescription, MongoServerError } from 'mongodb';

/** What the jobs need to be found by, and what keeps them one each. */
export const JOB_INDEXES: readonly (IndexDescription & { name: string })[] = [
  {
    key: { name: 1, 'data.key': 1 },
    name: 'one_job_per_key',
    unique: true,
    partialFilterExpression: { 'data.key': { $exists: true } },
  },
  // In the order in which a look takes them: expired locks, then what is due, so that it reads one and sorts nothing.
  { key: { name: 1, lockedAt: -1, nextRunAt: 1 }, name: 'look_in_order' },
];
/** Of earlier versions, in another order. A process of theirs makes it again, which harms nobody. */
const FORMER = 'find_and_lock';

/** Two first rings at once: one inserts, the other is told so by the unique index. */
export const DUPLICATE_KEY = 11_000;
/** There is no collection, and so no index of it. */
const NO_COLLECTION = 26;

/**
 * Makes the indexes where they are missing; asking costs next to nothing where they are there. Somebody may drop the
 * collection under running programs, or put another server in its place, and without the index jobs become two of a kind.
 */
export async function ensureIndexes<T extends Document>(collection: Collection<T>): Promise<void> {
  const found = await collection.listIndexes().toArray().catch(none);
  const names = new Set(found.map(({ name }) => name));
  if (JOB_INDEXES.every(({ name }) => names.has(name))) return;
  try {
    await collection.createIndexes([...JOB_INDEXES]);
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error;
    // Two of a kind already. Jobs are doorbells: without them the sweep rings again for all there is to do.
    await collection.deleteMany({});
    await collection.createIndexes([...JOB_INDEXES]);
  }
  if (names.has(FORMER)) await collection.dropIndex(FORMER);
}

function none(error: unknown): [] {
  if (error instanceof MongoServerError && error.code === NO_COLLECTION) return [];
  throw error;
}
