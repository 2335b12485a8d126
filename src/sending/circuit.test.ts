import { describe, expect, it } from 'vitest';
import type { Fault } from '../channel/answer-rules.js';
import type { Outcome } from '../channel/channel.js';
import { openMs } from './backoff.js';
import { Circuit } from './circuit.js';

const fine: Outcome = { kind: 'accepted', gatewayCode: 200 };
const fault = (how: Fault): Outcome => ({
  kind: 'unknown',
  gatewayCode: null,
  reason: `a ${how} fault`,
  charged: true,
  fault: how,
  answer: 'timeOut',
});

function watched() {
  const told: string[] = [];
  const circuit = new Circuit({
    opened: (reason) => told.push(`open: ${reason}`),
    probing: () => told.push('probing'),
    closed: () => told.push('closed'),
  });
  const hear = async (outcome: Outcome, times = 1, startedAt = performance.now()) => {
    for (let n = 0; n < times; n += 1) await circuit.hear(outcome, startedAt, false);
  };
  const probe = (outcome: Outcome) => circuit.hear(outcome, performance.now(), true);
  return { circuit, told, hear, probe };
}

describe('the circuit of a channel', () => {
  it('opens after three definite faults in a row, or twenty of any kind, and says why', async () => {
    const definite = watched();
    await definite.hear(fault('definite'), 2);
    expect(definite.circuit.waitMs()).toBe(0);
    await definite.hear(fault('definite'));
    expect(definite.told).toEqual(['open: a definite fault']);
    expect(definite.circuit.waitMs()).toBeGreaterThan(0);
    const soft = watched();
    await soft.hear(fault('soft'), 19);
    expect(soft.circuit.isClosed).toBe(true);
    await soft.hear(fault('soft'));
    expect(soft.told).toEqual(['open: a soft fault']);
  });

  it('counts anew after anything that shows that somebody takes messages, a refusal of one too', async () => {
    const { circuit, hear } = watched();
    for (const sign of [fine, fault('none')]) {
      await hear(fault('soft'), 19);
      await hear(sign);
    }
    await hear(fault('soft'), 19);
    expect(circuit.isClosed).toBe(true);
  });

  it('learns nothing from attempts that began before the last good one ended', async () => {
    const { circuit, hear } = watched();
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2));
    await hear(fine);
    await hear(fault('definite'), 100, before);
    expect(circuit.isClosed).toBe(true);
  });

  it('opens once, however many were under way', async () => {
    const { told, circuit } = watched();
    const now = performance.now();
    await Promise.all(Array.from({ length: 64 }, () => circuit.hear(fault('definite'), now, false)));
    expect(told).toEqual(['open: a definite fault']);
  });

  it('stays open when a probe fails, and closes when one is taken', async () => {
    const { circuit, told, hear, probe } = watched();
    await hear(fault('definite'), 3);
    circuit.beginProbe();
    expect(circuit.waitMs()).toBeGreaterThan(0);
    circuit.sendsProbe();
    await probe(fault('soft'));
    circuit.endProbe();
    expect(circuit.isClosed).toBe(false);
    await probe(fine);
    expect(circuit.waitMs()).toBe(0);
    expect(told).toEqual(['open: a definite fault', 'probing', 'open: a soft fault', 'closed']);
    // All that was counted is forgotten.
    await hear(fault('definite'), 2);
    expect(circuit.isClosed).toBe(true);
  });

  it('takes no notice of a wall clock that is set back', async () => {
    const { circuit, hear, probe } = watched();
    const real = Date.now;
    await hear(fault('definite'), 3);
    try {
      Date.now = () => real() - 600_000;
      await probe(fine);
    } finally {
      Date.now = real;
    }
    expect(circuit.isClosed).toBe(true);
  });

  it('waits between half and the whole of a bound that doubles from one second to thirty', () => {
    const bounds = (random: number) => [1, 2, 3, 5, 6, 1_000].map((failures) => openMs(failures, () => random));
    expect(bounds(1)).toEqual([1_000, 2_000, 4_000, 16_000, 30_000, 30_000]);
    expect(bounds(0)).toEqual([500, 1_000, 2_000, 8_000, 15_000, 15_000]);
  });
});
