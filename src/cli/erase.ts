import { acting } from './acting.js';
import type { Command } from './command.js';
import { daysOf } from './prune.js';
import { CLI, withDatabase } from './with-database.js';

export const eraseCommand: Command = {
  name: 'erase',
  does: 'erase the personal data of a phone, or of clients that were deleted long ago, for good',
  more: 'History stays, with counts, statuses and times. Backups are not reached: docs/data-care.md.',
  options: {
    phone: { value: 'phone', does: 'of everybody who has it or had it' },
    'deleted-before': { value: 'days', does: 'of clients that were deleted more than so many days ago, as in 90d' },
  },
  json: true,
  examples: [{ line: 'erase --deleted-before 90d', does: 'erase whoever was deleted more than 90 days ago' }],
  async run(call) {
    const { eraseDeleted, erasePhone } = await import('../care/erase.js');
    const { phone, 'deleted-before': deletedBefore } = call.values;
    if ((phone === undefined) === (deletedBefore === undefined)) {
      call.complain('erase takes --phone or --deleted-before.');
      return 2;
    }
    const { normalizePhone } = await import('../client/phone.js');
    const given = phone === undefined ? null : normalizePhone(phone);
    if (phone !== undefined && given === null) {
      call.complain('--phone takes a phone: 79161234567.');
      return 2;
    }
    const days = deletedBefore === undefined ? 0 : daysOf(deletedBefore, 'deleted-before');
    return await withDatabase(call, { make: false }, async (pool) => {
      const act = await acting(pool);
      const field = given === null ? 'deletedBefore' : 'phone';
      const erase = () => (given === null ? eraseDeleted(pool, days, CLI) : erasePhone(pool, given, CLI));
      // Nobody's phone is on record: whose it was, where it was one person's.
      const { ids, ...erased } = await act('clientErase', null, [field], erase, (done) =>
        done.ids.length === 1 ? done.ids[0] : undefined,
      );
      if (call.json) call.sayJson(erased);
      else
        call.say(
          `Erased: ${erased.clients} clients, the phones of ${erased.messages} messages, ${erased.lines} lines of imports.`,
        );
      return 0;
    });
  },
};
