/**
 * Puts the wall clock of the process CLOCK_SHIFT_MS off, and on SIGUSR2 lets it step to CLOCK_STEP_MS off: everything that
 * JavaScript can ask for the time of day. The monotonic clock and the timers stay as they are, as on a real machine. Says
 * what the clock shows, so that a test can see that the shift was in force. Loaded by `--import` (program.ts).
 */
let shift = Number(process.env['CLOCK_SHIFT_MS']);
const RealDate = Date;
const realOrigin = performance.timeOrigin;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now() + shift] : given, newTarget),
  apply: () => new Date().toString(),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + shift : Reflect.get(target, name)),
});
Object.defineProperty(performance, 'timeOrigin', { get: () => realOrigin + shift });

const tell = () => process.stderr.write(`the clock shows ${new Date().toISOString()}\n`);
tell();
process.on('SIGUSR2', () => {
  shift = Number(process.env['CLOCK_STEP_MS'] ?? 0);
  tell();
});
