/** A stretch of time in which the clients of a zone may be reached, ms since the epoch; it ends with the mailing at the latest. */
export interface OpenWindow {
  opensAt: number;
  closesAt: number;
}

/** Clients of one time zone, and when they may be reached. */
export interface ZoneAudience {
  count: number;
  /** In order; the first may be open at the start. */
  windows: readonly OpenWindow[];
  /** There are more of them before the end, which were not looked at. */
  cut: boolean;
}

/** What will become of them; the counts add up to `count`. */
export interface ZoneOutlook {
  sentCount: number;
  expiredCount: number;
  /** Those who still wait after the last window that was looked at. */
  undecidedCount: number;
  /** Moments, ms since the epoch; null: nothing is sent. */
  firstSendAt: number | null;
  lastSendAt: number | null;
}

export interface ForeseeOptions {
  /** ms since the epoch; nothing is sent before. */
  startsAt: number;
  /** Messages a second; null: all that are due go at once. */
  rate: number | null;
  /** One attempt's time-out, ms: nothing starts when its window closes sooner than that. */
  timeoutMs: number;
}

/** Clients of a zone who wait. Times count from the start, in parts of a millisecond so small that all of them are whole. */
interface Queue {
  audience: ZoneAudience;
  outlook: ZoneOutlook;
  left: number;
  /** When their turn begins, and the end of the time in which an attempt may start. */
  dueAt: number;
  startBefore: number;
}

/**
 * Plays a mailing through as claims do it: who is due longest goes first, starts are evenly spaced at the rate, and who is
 * found when an attempt could not end inside the window any more waits for the next window, or has expired. Works in
 * stretches in which nothing opens or closes, so what it costs grows with zones and windows, not with clients.
 *
 * Exact to the message where zones are due at different times. Those due at the same moment (all that are open at the start)
 * go in the order of their clients, which is not looked at: they are taken to be evenly mixed.
 *
 * @returns an outlook for each zone, in their order
 */
export function foreseeSends(zones: readonly ZoneAudience[], options: ForeseeOptions): ZoneOutlook[] {
  const { startsAt, rate, timeoutMs } = options;
  const scale = rate ?? 1;
  const spacing = rate === null ? 0 : 1_000;
  const inTicks = (moment: number) => (moment - startsAt) * scale;
  const inMs = (ticks: number) => startsAt + ticks / scale;
  const queues = zones.map((audience): Queue => {
    const outlook = { sentCount: 0, expiredCount: 0, undecidedCount: 0, firstSendAt: null, lastSendAt: null };
    return { audience, outlook, left: audience.count, dueAt: 0, startBefore: 0 };
  });
  const plan = (queue: Queue, now: number) => {
    const { windows, cut } = queue.audience;
    for (const { opensAt, closesAt } of windows) {
      queue.dueAt = Math.max(now, inTicks(opensAt));
      queue.startBefore = inTicks(closesAt - timeoutMs);
      if (queue.dueAt < queue.startBefore) return;
    }
    queue.outlook[cut ? 'undecidedCount' : 'expiredCount'] += queue.left;
    queue.left = 0;
  };

  for (const queue of queues) plan(queue, 0);
  for (let now = 0; ; ) {
    const waiting = queues.filter(({ left }) => left > 0);
    if (waiting.length === 0) return queues.map(({ outlook }) => outlook);
    const dueAt = Math.min(...waiting.map((queue) => queue.dueAt));
    now = Math.max(now, dueAt);
    const head = waiting.filter((queue) => queue.dueAt === dueAt);
    const late = head.filter(({ startBefore }) => startBefore <= now);
    if (late.length > 0) {
      for (const queue of late) plan(queue, now);
      continue;
    }
    const startBefore = Math.min(...head.map((queue) => queue.startBefore));
    const room = spacing === 0 ? Number.POSITIVE_INFINITY : Math.ceil((startBefore - now) / spacing);
    now += spacing * serve(head, room, inMs(now), (nth) => inMs(now + spacing * nth));
  }
}

/** Sends to as many of these as there is room for, in equal parts of each. @returns to how many */
function serve(head: readonly Queue[], room: number, first: number, momentOf: (nth: number) => number): number {
  const total = head.reduce((sum, { left }) => sum + left, 0);
  const served = Math.min(total, room);
  let before = 0;
  let shared = 0;
  for (const queue of head) {
    // Rounding what has been given out, not each share, so that the shares add up.
    before += queue.left;
    const share = Math.round((served * before) / total) - shared;
    shared += share;
    if (share === 0) continue;
    queue.left -= share;
    queue.outlook.sentCount += share;
    queue.outlook.firstSendAt ??= first;
    queue.outlook.lastSendAt = momentOf(served - 1);
  }
  return served;
}
