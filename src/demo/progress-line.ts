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

const BAR_WIDTH = 24;
/** Some terminals don't know, and say 0. */
const USUAL_COLUMNS = 80;
/** Final statuses besides `sent`, shown only when there are any. */
const UNHAPPY = ['failed', 'expired', 'cancelled', 'unknown'] as const;

/** One line of plain text: `Demo 1  ████████░░░░  52 %  5,200 of 10,000 sent  3,120/s`. */
export function progressLine(progress: ShownProgress): string {
  const done = progress.total - progress.open;
  const share = progress.total === 0 ? 0 : done / progress.total;
  const filled = Math.floor(share * BAR_WIDTH);
  const rate = progress.seconds > 0 ? Math.round(progress.sent / progress.seconds) : 0;
  const others = UNHAPPY.filter((name) => progress[name] > 0).map((name) => `${count(progress[name])} ${name}`);
  return [
    progress.name,
    '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled),
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    [`${count(progress.sent)} of ${count(progress.total)} sent`, ...others].join(', '),
    isOver(progress) ? `${progress.status.toLowerCase()} in ${progress.seconds.toFixed(1)} s` : stateOf(progress, rate),
  ].join('  ');
}

/** Whether nothing will change any more. */
export function isOver(progress: ShownProgress): boolean {
  return progress.status === 'COMPLETED' || progress.status === 'CANCELLED';
}

function stateOf(progress: ShownProgress, rate: number): string {
  return progress.status === 'RUNNING' ? `${count(rate)}/s` : progress.status.toLowerCase();
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
