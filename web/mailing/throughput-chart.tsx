import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { useFormat } from '../ui/format.js';
import { CHART_HEIGHT, type Curves } from './throughput.js';

/** The curves of the last minutes; what they say stands in words beside it. */
export default function ThroughputChart({ curves }: { curves: Curves }) {
  const measured = useElementSize<HTMLDivElement>();
  const { width } = measured;
  const place = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(measured.ref, place);
  const chart = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const { i18n } = useTranslation();
  const { count, clock } = useFormat();
  const data: uPlot.AlignedData = [curves.times, curves.sent, curves.other];
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in other colours and another language; the numbers follow below
  useEffect(() => {
    const { current } = place;
    if (current === null || width === 0) return;
    const made = new uPlot(optionsOf(current, width, count, clock), latest.current, current);
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, [width, scheme, i18n.language]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading of the curves is another
  useEffect(() => chart.current?.setData(latest.current), [curves]);
  return <div ref={ref} style={{ height: CHART_HEIGHT, overflow: 'hidden' }} aria-hidden />;
}

function optionsOf(
  place: HTMLElement,
  width: number,
  count: (value: number) => string,
  clock: (at: number) => string,
): uPlot.Options {
  const [sent, failed, dim, line] = ['--sent', '--failed', '--dim', '--line'].map((name) => colourOf(place, name));
  const axis = { stroke: dim!, grid: { stroke: line!, width: 1 }, ticks: { stroke: line!, width: 1 } };
  const minutes = (splits: number[]) => splits.map((at) => clock(at * 1_000).slice(0, 5));
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
    axes: [
      { ...axis, values: (_chart, splits) => minutes(splits), incrs: [60, 120, 300], space: 60 },
      { ...axis, values: (_chart, splits) => splits.map(count), size: 60, incrs: WHOLE },
    ],
    series: [
      {},
      { stroke: sent!, fill: `color-mix(in srgb, ${sent} 25%, transparent)`, width: 2, points: { show: false } },
      { stroke: failed!, width: 2, points: { show: false } },
    ],
  };
}

/** Messages a second between two lines: 1, 2, 5, 10 … */
const WHOLE = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);

/** A canvas knows nothing of our tokens, nor of light and dark. */
function colourOf(place: HTMLElement, token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
