/** A mailing's state as the terminal shows it. */
export interface ShownProgress {
  name: string;
  status: string;
  /** Messages made so far. */
  total: number;
  open: number;
  sent: number;
  failed: number;
  expired: number;
  cancelled: number;
  unknown: number;
  /** From its launch until it was finished, or until now, in seconds. */
  seconds: number;
}

/** Characters of the bar, where the rest of the line leaves room; one below the least says nothing and is left out. */
const BAR_WIDTH = { most: 16, least: 4 };
/** What fits the narrowest usual terminal, after the margin of two and without its last column. */
const LINE_WIDTH = 77;
/** Some terminals don't know, and say 0. */
const USUAL_COLUMNS = 80;
/** Final statuses besides `sent`, shown only when there are any. */
const UNHAPPY = ['failed', 'expired', 'cancelled', 'unknown'] as const;

/**
 * One line of plain text: `Demo 1  ████████░░░░░░░░   52 %  5,200 of 10,000 sent  3,120/s`.
 *
 * @param hindrance why nothing moves, in place of how fast it goes; null when it moves
 */
export function progressLine(progress: ShownProgress, hindrance: string | null = null): string {
  const done = progress.total - progress.open;
  const share = progress.total === 0 ? 0 : done / progress.total;
  const others = UNHAPPY.filter((name) => progress[name] > 0).map((name) => `${count(progress[name])} ${name}`);
  const words = [
    progress.name,
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    [`${count(progress.sent)} of ${count(progress.total)} sent`, ...others].join(', '),
    isOver(progress)
      ? `${progress.status.toLowerCase()} in ${progress.seconds.toFixed(1)} s`
      : stateOf(progress, hindrance),
  ];
  const width = Math.min(BAR_WIDTH.most, LINE_WIDTH - words.join('  ').length - 2);
  if (width >= BAR_WIDTH.least) words.splice(1, 0, bar(share, width));
  return words.join('  ');
}

function bar(share: number, width: number): string {
  const filled = Math.floor(share * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Whether nothing will change any more. */
export function isOver(progress: ShownProgress): boolean {
  return progress.status === 'COMPLETED' || progress.status === 'CANCELLED';
}

function stateOf({ status, sent, seconds }: ShownProgress, hindrance: string | null): string {
  if (hindrance !== null) return hindrance;
  if (status !== 'RUNNING') return status.toLowerCase();
  return `${count(seconds > 0 ? Math.round(sent / seconds) : 0)}/s`;
}

/** Open messages that nobody works on just now. */
export interface Waiting {
  /** Of a message whose last attempt did not succeed and whose next one is not due yet. */
  retry: number;
  /** Taken in hand by a process that is gone; free again when their leases end. */
  lost: number;
  /** A person stopped all sending. */
  stopped: boolean;
}

/**
 * Why a mailing stands still.
 *
 * @param storeReady whether the scheduler reaches the store of its jobs
 * @returns null when it does not stand still for a reason known here
 */
export function hindranceOf(open: number, waiting: Waiting, storeReady: boolean): string | null {
  // The other store is the mailing's own database, and that one has just answered.
  if (!storeReady) return 'MONGO_URL does not answer';
  if (waiting.stopped) return 'all sending is stopped';
  if (open === 0 || waiting.retry + waiting.lost < open) return null;
  if (waiting.lost > 0) return `${count(waiting.lost)} in the hands of a lost worker`;
  return `${count(waiting.retry)} waiting for another attempt`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Where progress is drawn: a terminal, or a file or pipe that keeps every line. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Width of the terminal in characters. */
  columns?: number;
}

/** How often a line is drawn, in ms: on a terminal it moves, a file should stay short. */
export function drawEvery(screen: Screen): number {
  return screen.isTTY ? 100 : 1_000;
}

/** Draws the line: over the one before on a terminal, beneath it elsewhere. */
export function draw(screen: Screen, line: string, last: boolean): void {
  if (!screen.isTTY) {
    screen.write(`  ${line}\n`);
    return;
  }
  // A line that wraps could not be drawn over.
  const shown = `  ${line}`.slice(0, (screen.columns || USUAL_COLUMNS) - 1);
  screen.write(`\r\x1b[2K${shown}${last ? '\n' : ''}`);
}
