import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded before a program that is measured: tells whoever started it how late its event loop was, since it was asked last. */
const RESOLUTION = 10;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
histogram.enable();

process.on('message', () => {
  // Each value is the time between two looks, which is as long as it should be and what it was late.
  process.send?.(Math.max(0, histogram.percentile(99.9) / 1e6 - RESOLUTION));
  histogram.reset();
});
// The program ends when it has nothing else to do.
process.channel?.unref();
