import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** How long a write waits for a slow reader before it is tried again, in ms. */
const SLOW_READER_MS = 10;

/**
 * Writes to an open file at once. A slow reader is waited for. Whoever reads may also go away (`| head`, a terminal that
 * was closed): then every later line is dropped, and that is no reason for the program to end, nor for it to stay, as
 * pino's own destination does: it tries for ever to get its last lines into a terminal that is gone (EIO).
 *
 * @param fd number of the open file
 */
export function writeTo(fd: number): DestinationStream {
  let gone = false;
  return {
    write(line) {
      for (let rest = Buffer.from(line); !gone && rest.length > 0; ) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          gone = (error as NodeJS.ErrnoException).code !== 'EAGAIN';
          if (!gone) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_READER_MS);
        }
      }
    },
  };
}
