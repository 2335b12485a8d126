import { describe, expect, it } from 'vitest';
import { createFormat } from '../ui/format.js';
import { toldReasons, type WaitingEntry, waitingWords } from './waiting-words.js';

const format = { ...createFormat('en'), inWords: (said: string) => `«${said}»` };
const entry = (reason: WaitingEntry['reason'], detail: string | null = null, count: number | null = 1_200) => ({
  reason,
  detail,
  count,
  until: null,
  asOf: '2026-11-21T10:00:00Z',
});
const word = (it: WaitingEntry, own: number | null = null) => waitingWords(it, { rateLimit: own }, null, format);

describe('why a mailing waits', () => {
  it('says how many it holds back', () => {
    expect(word(entry('WINDOW'))).toEqual({ word: 'waiting.WINDOW', values: { count: 1_200, n: '1,200' } });
  });

  it('tells the limit of the mailing from that of its channel', () => {
    const own = entry('RATE', '200 messages a second, the limit of this mailing');
    expect(word(own, 200)).toMatchObject({ word: 'waiting.RATE', values: { rate: '200' } });
    const channel = entry('RATE', '50 messages a second, the limit of its channel');
    expect(word(channel, 200)).toMatchObject({ word: 'waiting.RATE.channel', values: { rate: '50' } });
    expect(word(channel)).toMatchObject({ word: 'waiting.RATE.channel' });
  });

  it('does not tell of a limit when nothing goes at all: by then nothing will have gone', () => {
    const told = (...reasons: WaitingEntry['reason'][]) =>
      toldReasons(reasons.map((reason) => ({ reason }))).map(({ reason }) => reason);
    expect(told('PAUSED', 'RATE', 'WINDOW')).toEqual(['PAUSED', 'WINDOW']);
    expect(told('STOPPED', 'RATE')).toEqual(['STOPPED']);
    expect(told('RATE', 'WINDOW')).toEqual(['RATE', 'WINDOW']);
  });

  it('says who stopped all sending, and why', () => {
    const sending = { stopped: true, stoppedAt: null, stoppedBy: 'admin', reason: 'wrong text' };
    const said = waitingWords(entry('STOPPED'), { rateLimit: null }, sending, format);
    expect(said).toMatchObject({ word: 'waiting.STOPPED.reason', values: { by: 'admin', reason: 'wrong text' } });
  });

  it('says why a channel cannot be used', () => {
    expect(word(entry('CIRCUIT', 'no answer in time'))).toMatchObject({ values: { detail: '«no answer in time»' } });
  });

  it('tells a launch that nobody takes up from messages that nobody takes', () => {
    expect(word(entry('WORKER', 'It should have started.', null)).word).toBe('waiting.WORKER.start');
    expect(word(entry('WORKER')).word).toBe('waiting.WORKER');
  });
});
