import type { StoreUnderTest } from '../testing/scheduler-bench.js';
import { endingContract } from './scheduler.contract.ending.js';
import { listingContract } from './scheduler.contract.listing.js';
import { ringingContract } from './scheduler.contract.ringing.js';
import { runningContract } from './scheduler.contract.running.js';

/** What a scheduler promises on every backend; `open` makes an empty store for a single test. */
export function schedulerContract(open: () => Promise<StoreUnderTest>): void {
  ringingContract(open);
  runningContract(open);
  endingContract(open);
  listingContract(open);
}
