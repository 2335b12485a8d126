import type { Writable } from 'node:stream';
import cliProgress from 'cli-progress';

/** A line of a terminal that tells how far something is. */
export interface Bar {
  /** @param total 0: not known yet */
  show(done: number, total: number, words: string): void;
  /** Leaves the line as it is. */
  end(): void;
}

/** @returns null where nobody would see it: no terminal */
export function openBar(stream: Writable & { isTTY?: boolean }, title: string): Bar | null {
  if (!stream.isTTY) return null;
  const bar = new cliProgress.SingleBar(
    {
      format: `${title} {bar} {percentage} %  {words}`,
      stream: stream as NodeJS.WritableStream,
      barsize: 24,
      hideCursor: true,
      emptyOnZero: true,
      // Who presses Ctrl-C is heard by the command.
      gracefulExit: false,
      fps: 8,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(0, 0, { words: '' });
  return {
    show(done, total, words) {
      bar.setTotal(total);
      bar.update(done, { words });
    },
    end: () => bar.stop(),
  };
}
