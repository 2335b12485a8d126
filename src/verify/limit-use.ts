import { Ledger } from './ledger.js';

/** A stretch of time in which there was always something to send, and nothing else held it up. */
export interface BusyStretch {
  /** The limit that held all the while, messages a second. */
  rate: number;
  /** ms since the epoch. */
  since: number;
  until: number;
  /** The messages that the limit is about; all of the ledger if not said. */
  concerns?: (messageId: number) => boolean;
}

/**
 * How much of a limit was used, 1 being all of it. `verify` cannot say: a slow gateway, a window or a pause leaves a limit
 * unused and is no fault. Who knows that nothing but the limit held a stretch up may ask.
 */
export async function limitUse(ledgerFile: string, { rate, since, until, concerns }: BusyStretch): Promise<number> {
  const ledger = new Ledger(ledgerFile);
  await ledger.read();
  let arrived = 0;
  for (let request = 0; request < ledger.size; request += 1) {
    const at = ledger.arrival.at(request);
    if (at < since || at >= until) continue;
    if (concerns === undefined || concerns(ledger.ids.id(ledger.of.at(request)))) arrived += 1;
  }
  return arrived / ((rate * (until - since)) / 1_000);
}
