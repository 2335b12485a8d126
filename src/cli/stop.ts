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
      const { stop, isNew } = await stopSending(pool, CLI, reason);
      call.say(`${isNew ? '' : 'Nothing new: '}${describeStop(stop)} What is under way ends within one time-out.`);
      return 0;
    });
  },
};

export const resumeCommand: Command = {
  name: 'resume',
  does: 'let all sending go on',
  examples: [{ line: 'resume', does: 'let all sending go on' }],
  async run(call) {
    const { resumeSending } = await import('../sending/sending-switch.js');
    return await withDatabase(call, { make: false }, async (pool) => {
      call.say((await resumeSending(pool, CLI)) ? 'All sending goes on.' : 'Nothing was stopped.');
      return 0;
    });
  },
};
