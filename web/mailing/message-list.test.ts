import { describe, expect, it } from 'vitest';
import type { MessageRowFragment, MessageStatus } from '../generated/graphql.js';
import { liveTotal, MessageList } from './message-list.js';

const row = (id: string, status: MessageStatus = 'ENQUEUED'): MessageRowFragment => ({
  id,
  status,
  phone: '79160000000',
  attempts: 0,
  waitingFor: 'WINDOW',
  dueAt: '2026-11-21T12:00:00Z',
  sentAt: null,
  gatewayCode: null,
  reason: null,
});
const at = '2026-11-21T12:00:05Z';
const change = (messageId: string, status: MessageStatus) => ({ messageId, status, at });

describe('the list of messages', () => {
  it('changes rows where they stand, and knows which have to be read again', () => {
    const list = new MessageList();
    list.add([row('3'), row('2'), row('1')]);
    expect(list.take([change('2', 'SENT'), change('9', 'SENT')])).toBe(true);
    expect(list.rows.map(({ id, status, sentAt }) => [id, status, sentAt])).toEqual([
      ['3', 'ENQUEUED', null],
      ['2', 'SENT', at],
      ['1', 'ENQUEUED', null],
    ]);
    expect(list.rows[1]!.waitingFor).toBe(null);
    expect(list.takeStale(['3', '2', '1'])).toEqual(['2']);
    list.renew({ ...row('2', 'SENT'), attempts: 1 });
    expect(list.rows[1]!.attempts).toBe(1);
    expect(list.takeStale(['2'])).toEqual([]);
  });

  it('keeps what was told after a row was asked for, and has it read once more', () => {
    const list = new MessageList();
    list.add([row('1')]);
    list.take([change('1', 'DELAYED')]);
    list.takeStale(['1']);
    list.take([change('1', 'SENT')]);
    list.renew(row('1', 'DELAYED'));
    expect(list.rows[0]!.status).toBe('SENT');
    expect(list.takeStale(['1'])).toEqual(['1']);
  });

  it('has every row read again when it is not told what changed', () => {
    const list = new MessageList();
    list.add([row('2'), row('1')]);
    list.doubt();
    expect(list.takeStale(['1'])).toEqual(['1']);
    expect(list.takeStale(['2', '1'])).toEqual(['2']);
  });

  it('says that nothing changed when none of its rows did', () => {
    const list = new MessageList();
    list.add([row('1')]);
    expect(list.take([change('9', 'SENT')])).toBe(false);
  });

  it('holds what is told while rows are on their way against the rows that come', () => {
    const list = new MessageList();
    list.expect();
    list.take([change('2', 'FAILED')]);
    list.add([row('2'), row('1')]);
    expect(list.rows.map(({ status }) => status)).toEqual(['FAILED', 'ENQUEUED']);
    expect(list.takeStale(['2', '1'])).toEqual(['2']);
  });

  it('takes no row in twice, and begins anew when told to', () => {
    const list = new MessageList();
    list.add([row('3'), row('2')]);
    list.add([row('2'), row('1')]);
    expect(list.rows.map(({ id }) => id)).toEqual(['3', '2', '1']);
    list.take([change('1', 'SENT')]);
    expect(list.rows[2]!.status).toBe('SENT');
    list.add([row('4')], true);
    expect(list.rows.map(({ id }) => id)).toEqual(['4']);
    expect(list.take([change('1', 'SENT')])).toBe(false);
  });
});

describe('how many the search finds', () => {
  const progress = { total: 100, sent: 60, failed: 5, enqueued: 20, delayed: 10, sending: 5 } as never;
  const search = { statuses: [] as MessageStatus[], codes: [] as number[], phone: '', reason: '' };

  it('follows from the live counts for statuses alone', () => {
    expect(liveTotal(search, progress)).toBe(100);
    expect(liveTotal({ ...search, statuses: ['SENT', 'FAILED'] }, progress)).toBe(65);
    expect(liveTotal({ ...search, statuses: ['ENQUEUED', 'DELAYED', 'SENDING'] }, progress)).toBe(35);
  });

  it('is left to the server for anything else', () => {
    expect(liveTotal({ ...search, codes: [503] }, progress)).toBe(null);
    expect(liveTotal({ ...search, reason: 'x' }, progress)).toBe(null);
  });
});
