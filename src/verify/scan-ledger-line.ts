import type { LedgerLine } from '../simulator/ledger-entry.js';
import type { JsonCursor } from './json-cursor.js';

const SEQ = Buffer.from('{"seq":');
const ID = Buffer.from(',"id":');
const PHONE = Buffer.from(',"phone":');
const HASH = Buffer.from(',"hash":');
const AT = Buffer.from(',"at":');
const HELD_SINCE = Buffer.from(',"heldSince":');
const ANSWERED_AT = Buffer.from(',"answeredAt":');
const STATUS = Buffer.from(',"status":');
const CODE = Buffer.from(',"code":');
const ACCEPTED = Buffer.from(',"accepted":');
const COMPLETE = Buffer.from(',"complete":');
const REPEAT = Buffer.from(',"repeat":');
const END = Buffer.from('}\n');

/**
 * Reads a line of the ledger that looks exactly as the simulator writes it: keys in its order, no spaces.
 *
 * @returns what parseLedgerLine() makes of the line, with the cursor behind it; null when the line looks otherwise, right
 *   or wrong, and the cursor is anywhere
 */
export function scanLedgerLine(cursor: JsonCursor): LedgerLine | null {
  if (!cursor.skip(SEQ)) return null;
  const line = {
    seq: cursor.whole(),
    id: wholeAfter(ID, cursor),
    phone: wholeAfter(PHONE, cursor),
    hash: cursor.skip(HASH) ? (cursor.skipNull() ? null : cursor.string()) : undefined,
    at: cursor.skip(AT) ? cursor.decimal() : undefined,
    heldSince: cursor.skip(HELD_SINCE) ? cursor.decimal() : undefined,
    answeredAt: cursor.skip(ANSWERED_AT) ? cursor.decimal() : undefined,
    status: wholeAfter(STATUS, cursor),
    code: wholeAfter(CODE, cursor),
    accepted: cursor.skip(ACCEPTED) ? cursor.boolean() : undefined,
    complete: cursor.skip(COMPLETE) ? cursor.boolean() : undefined,
    repeat: cursor.skip(REPEAT) ? cursor.boolean() : undefined,
  };
  return cursor.skip(END) && line.seq !== 0 && line.id !== 0 ? line : null;
}

/** @returns undefined when the key does not come next */
function wholeAfter(key: Buffer, cursor: JsonCursor): number | null | undefined {
  if (!cursor.skip(key)) return undefined;
  return cursor.skipNull() ? null : cursor.whole();
}
