import { TextInput } from '@mantine/core';

interface Props {
  /** As fields for days have them, `2026-11-21`; empty: open on that side. */
  from: string;
  to: string;
  labels: { from: string; to: string };
  choose: (change: { from?: string; to?: string }) => void;
}

/** The first and the last day of a time; neither can be chosen past the other. */
export function DayRange({ from, to, labels, choose }: Props) {
  return (
    <>
      <TextInput
        type="date"
        label={labels.from}
        max={to || undefined}
        value={from}
        onChange={({ currentTarget }) => choose({ from: currentTarget.value })}
      />
      <TextInput
        type="date"
        label={labels.to}
        min={from || undefined}
        value={to}
        onChange={({ currentTarget }) => choose({ to: currentTarget.value })}
      />
    </>
  );
}
