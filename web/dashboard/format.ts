const numbers = new Intl.NumberFormat('en');
const moments = new Intl.DateTimeFormat('en', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

/** `10000` → `10,000` */
export function count(value: number): string {
  return numbers.format(value);
}

/** One ISO 8601 instant in the reader's own zone, which is named. */
export function moment(at: string): string {
  return moments.format(new Date(at));
}

/** Two ISO 8601 instants in the reader's own zone, which is named: `Nov 21, 2026, 14:05 – 18:00 GMT+3` */
export function period(from: string, to: string): string {
  return moments.formatRange(new Date(from), new Date(to));
}

/** A duration in its two largest units: `8 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. Negative ones count as nothing. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${count(amount)} ${unit}`)
    .join(' ');
}

/** A share of a whole as a percentage that says 100 % and 0 % only when it is so: `99.9 %` for 9,999 of 10,000. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (part / whole) * 100;
  return `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;
}
