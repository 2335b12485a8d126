import type { OldMailing } from '../care/prune.js';
import { AppError } from '../errors.js';
import { acting } from './acting.js';
import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

/** As good as for good: no mailing gets so old. */
const FOR_GOOD = 1_000_000;

/** @throws AppError BAD_USER_INPUT */
export function daysOf(text: string, name: string): number {
  const days = Number(/^(\d{1,5})d?$/.exec(text)?.[1] ?? 0);
  if (days < 1) throw new AppError('BAD_USER_INPUT', `${name} takes days, as in 400d.`, name);
  return days;
}

export const pruneCommand: Command = {
  name: 'prune',
  does: 'remove the messages of mailings that ended long ago; their counts stay',
  more: 'Without --older-than it is RETENTION_DAYS. A mailing may have days of its own: "keep". With RETENTION_DAYS workers do it each night.',
  options: {
    'older-than': { value: 'days', does: 'of mailings that ended so long ago, as in 400d' },
    'dry-run': { does: 'only say what it would do' },
  },
  json: true,
  examples: [{ line: 'prune --older-than 400d --dry-run', does: 'see what is older than 400 days' }],
  async run(call) {
    const { findOld, prune } = await import('../care/prune.js');
    const asked = call.values['older-than'];
    const days = asked === undefined ? call.config().retentionDays : daysOf(asked, 'older-than');
    const dryRun = call.flags.has('dry-run');
    return await withDatabase(call, { make: false }, async (pool) => {
      const old = await findOld(pool, days);
      const messages = old.reduce((sum, { total }) => sum + total, 0);
      const what = `${messages} messages of ${old.length} mailings`;
      const log = { info: () => {}, warn: (_: object, text?: string) => call.complain(text ?? '') };
      if (!call.json) call.say(dryRun ? `It would remove ${what}.` : `It removes ${what}.`);
      const onMailing = ({ id, name, total }: OldMailing) =>
        call.json || call.say(`  ${id}  ${name}: ${total} messages`);
      const fields = asked === undefined ? [] : ['olderThan'];
      const act = await acting(pool);
      const done = dryRun
        ? []
        : await act('mailingPrune', null, fields, () => prune(pool, { days, log: log as never, onMailing }));
      if (call.json) call.sayJson({ dryRun, messages, mailings: old, pruned: done.map(({ id }) => id) });
      return dryRun || done.length === old.length ? 0 : 1;
    });
  },
};

export const keepCommand: Command = {
  name: 'keep',
  does: 'say how long the messages of one mailing are kept after its end, whatever RETENTION_DAYS says',
  args: [
    { name: 'mailing', does: 'its id' },
    { name: 'days', does: 'as in 30d; "always": for good; "default": as RETENTION_DAYS says' },
  ],
  examples: [{ line: 'keep 7 always', does: 'never remove the messages of mailing 7' }],
  async run(call) {
    const { mailing = '', days = '' } = call.args;
    const kept = days === 'always' ? FOR_GOOD : days === 'default' ? null : daysOf(days, 'days');
    if (!/^\d{1,18}$/.test(mailing)) throw new AppError('BAD_USER_INPUT', 'mailing is an id, a number.', 'mailing');
    const { notFound } = await import('../graphql/parse-input.js');
    return await withDatabase(call, { make: false }, async (pool) => {
      const act = await acting(pool);
      await act('mailingKeep', mailing, ['id', 'days'], async () => {
        const { rowCount } = await pool.query('update mailing set keep_days = $2 where id = $1', [mailing, kept]);
        if (rowCount === 0) throw notFound('mailing');
      });
      const howLong = kept === FOR_GOOD ? 'for good' : `for ${kept} days after its end`;
      call.say(`Mailing ${mailing}: its messages are kept ${kept === null ? 'as RETENTION_DAYS says' : howLong}.`);
      return 0;
    });
  },
};
