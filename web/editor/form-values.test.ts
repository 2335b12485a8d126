import { describe, expect, it } from 'vitest';
import type { EditedMailingFragment } from '../generated/graphql.js';
import { problemsOf } from './check-values.js';
import { changedParts, fieldOf, inputOf, inZone, newValues, PART_NAMES, valuesOf, withStart } from './form-values.js';
import { editableParts } from './frozen-parts.js';
import { compareEdits, takeParts } from './merge-edits.js';
import { readStored } from './stored-edit.js';

const now = Date.parse('2026-11-21T11:07:42.123Z');
const fresh = newValues(now, 'Europe/Moscow');

const mailing: Omit<EditedMailingFragment, 'progress'> = {
  id: '1',
  name: 'Autumn',
  text: 'Hello',
  filter: { tagsAny: ['vip'], tagsAll: [], operatorCodes: [], timeZones: [] },
  startsAt: '2026-11-21T11:07:42.123Z',
  endsAt: '2026-11-23T11:07:42.123Z',
  allowedFrom: '09:30:00',
  allowedTo: '21:00:00',
  weekdays: [1, 2],
  channel: 'GATEWAY',
  rateLimit: 50,
  maxAttempts: null,
  unknownOutcome: 'RETRY',
  status: 'SCHEDULED',
  revision: 3,
};
const values = valuesOf(mailing, 'Europe/Moscow', now);

describe('the form of a mailing', () => {
  it('asks for no more than a name and a text of who starts one', () => {
    const written = { ...fresh, name: 'A', text: 'B' };
    expect(problemsOf(written, { now, editable: PART_NAMES, draft: false })).toEqual({});
    expect(inputOf(written)).toMatchObject({
      startsAt: null,
      endsAt: '2026-11-22T11:07:00.000Z',
      allowedFrom: '10:00',
      allowedTo: '20:00',
      weekdays: null,
      rateLimit: null,
      channel: null,
    });
  });

  it('takes nothing for changed that was only shown, though it knows moments to the minute only', () => {
    expect(changedParts(values, values)).toEqual([]);
    expect(changedParts(values, inZone(values, 'America/New_York'))).toEqual([]);
    expect(changedParts(values, { ...values, endsAt: '2026-11-23T14:08', name: 'Autumn ' })).toEqual(['endsAt']);
    expect(changedParts(values, { ...values, windowed: false })).toEqual(['allowedFrom', 'allowedTo']);
  });

  it('keeps the moments when they are shown by other clocks', () => {
    expect(inZone(values, 'Asia/Kamchatka')).toMatchObject({
      startsAt: '2026-11-21T23:07',
      endsAt: '2026-11-23T23:07',
    });
  });

  it('lets the end keep its distance from the start', () => {
    const later = withStart(fresh, { startMode: 'at', startsAt: '2026-11-25T10:00' }, now);
    expect(later.endsAt).toBe('2026-11-26T09:59');
    expect(withStart({ ...fresh, endsAt: '' }, { startMode: 'at', startsAt: '' }, now).endsAt).toBe('');
  });

  it('names what is to be mended', () => {
    const wrong = { ...fresh, endsAt: '2026-11-21T14:07', allowedTo: '10:00', weekdays: [], rateLimit: 0 };
    expect(problemsOf(wrong, { now, editable: PART_NAMES, draft: false })).toEqual({
      name: 'error.name',
      text: 'error.text',
      endsAt: 'error.endIsOver',
      allowedTo: 'error.emptyWindow',
      weekdays: 'error.noDay',
      rateLimit: 'error.rateLimit',
    });
    const backwards = { ...values, startsAt: '2026-11-24T10:00' };
    expect(problemsOf(backwards, { now, editable: PART_NAMES, draft: true })).toEqual({
      endsAt: 'error.endBeforeStart',
    });
  });

  it('says nothing of what may not be changed any more', () => {
    const emptied = { ...values, text: '', rateLimit: 0 };
    expect(problemsOf(emptied, { now, editable: editableParts('RUNNING'), draft: false })).toEqual({
      rateLimit: 'error.rateLimit',
    });
    expect(editableParts('CANCELLED')).toEqual(['name']);
  });

  it('finds the field that an error of the server is about', () => {
    expect(['filter.tagsAll.3', 'filter', 'endsAt', 'revision', null].map(fieldOf)).toEqual([
      'tagsAll',
      'tagsAny',
      'endsAt',
      null,
      null,
    ]);
  });
});

describe('two edits of one mailing', () => {
  const mine = { ...values, name: 'Mine', rateLimit: 70, endsAt: '2026-11-24T10:00' };
  const theirs = { ...values, name: 'Theirs', text: 'Hi', endsAt: '2026-11-24T10:00' };

  it('takes theirs where only they changed, and asks where both did', () => {
    expect(compareEdits(values, mine, theirs)).toEqual({ theirs: ['text'], both: ['name'] });
  });

  it('takes over a part by my own clocks', () => {
    const taken = takeParts(inZone(mine, 'UTC'), { ...theirs, endsAt: '2026-11-25T03:00' }, ['text', 'endsAt']);
    expect(taken).toMatchObject({ name: 'Mine', text: 'Hi', endsAt: '2026-11-25T00:00', rateLimit: 70, zone: 'UTC' });
  });
});

describe('an edit that was not saved', () => {
  const kept = (more: object) => JSON.stringify({ values: { ...fresh, text: 'typed' }, at: now, revision: 3, ...more });

  it('is gone on with', () => {
    expect(readStored(kept({}), fresh, now + 1_000)).toEqual({
      values: { ...fresh, text: 'typed' },
      base: fresh,
      at: now,
      revision: 3,
    });
  });

  it('is forgotten after a week, or when the browser gives back something else', () => {
    expect(readStored(kept({}), fresh, now + 8 * 86_400_000)).toBeNull();
    for (const wrong of [null, '', '{', '1', 'null', '{}']) expect(readStored(wrong, fresh, now)).toBeNull();
  });

  it('may come from an older page', () => {
    const older = kept({ values: { text: 'typed', tagsAny: 'vip', gone: 1, rateLimit: 'fast' } });
    expect(readStored(older, fresh, now)?.values).toEqual({ ...fresh, text: 'typed' });
  });
});
