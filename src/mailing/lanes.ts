import type { Scheduler } from '../scheduler/scheduler.js';

/** Lanes of one mailing over all workers: four processes, two lanes each, can share one mailing at full speed. */
const LANES = 8;

/**
 * Has workers look at a mailing's due messages: all lanes at once. One that is booked already keeps its place, one that
 * finds no room in its process comes again, perhaps to another, and one that finds nothing to do ends. The first lane is the one
 * that the sweep rings; while there is more to do it rings the others every so often.
 */
export async function ringLanes(scheduler: Pick<Scheduler, 'ring'>, mailingId: string): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  await Promise.all(lanes.map((lane) => scheduler.ring('mailing.dispatch', { mailingId, lane })));
}
