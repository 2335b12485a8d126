import { acting } from './acting.js';
import type { Command } from './command.js';
import { CLI, withDatabase } from './with-database.js';

export const stopCommand: Command = {
  name: 'stop',
  does: 'stop all sending, of every mailing, until "resume"',
  options: { reason: { value: 'text', does: 'why, as history and the dashboard tell it' } },
  examples: [{ line: 'stop --reason "a wrong text went out"', does: 'stop everything, and say why' }],
  async run(call) {
    const { checkReason, describeStop, stopSending } = await import('../sending/sending-switch.js');
    const reason = checkReason(call.values['reason']);
    return await withDatabase(call, { make: false }, async (pool) => {
      const act = await acting(pool);
      const fields = reason === null ? [] : ['reason'];
      const { stop, isNew } = await act('sendingStop', null, fields, () => stopSending(pool, CLI, reason));
      call.say(`${isNew ? '' : 'Nothing new: '}${describeStop(stop)} What is under way ends within one time-out.`);
      return 0;
    });
  },
};

export const resumeCommand: Command = {
  name: 'resume',
  does: 'let all sending go on',
  more: 'After a restore it has to be said when the old database took its last write: docs/backup.md.',
  options: {
    'after-restore': {
      value: 'moment',
      does: 'after a restore: when the database that was lost took its last write; what may have been sent is UNKNOWN',
    },
    'same-ids': { does: 'with --after-restore: the gateway drops ids that it knows, so send under the same ids again' },
  },
  examples: [{ line: 'resume', does: 'let all sending go on' }],
  async run(call) {
    if (call.values['after-restore'] !== undefined) {
      return await (await import('./backup.js')).resumeAfterRestore(call);
    }
    const { resumeSending } = await import('../sending/sending-switch.js');
    return await withDatabase(call, { make: false }, async (pool) => {
      const act = await acting(pool);
      const resumed = await act('sendingResume', null, [], () => resumeSending(pool, CLI));
      call.say(resumed ? 'All sending goes on.' : 'Nothing was stopped.');
      return 0;
    });
  },
};
