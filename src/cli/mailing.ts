import type { Mailing } from '../mailing/mailing.js';
import type { Call } from './call.js';
import type { Command } from './command.js';
import { FIRST, firstOf, listOf, momentText, toColumns } from './show.js';
import { type Program, withProgram } from './with-program.js';

/** What a mailing can be. */
const STATUSES = 'DRAFT, SCHEDULED, RUNNING, PAUSED, COMPLETED, CANCELLED';

/** Which mailing a command is about. */
export const WHICH = { name: 'id', does: 'the mailing, by its number' };

export const mailingListCommand: Command = {
  name: 'mailing list',
  does: 'list the mailings, with how far each is',
  options: { status: { value: 'statuses', does: `only these, with commas between: ${STATUSES}` }, first: FIRST },
  json: true,
  examples: [
    { line: 'mailing list', does: 'list the newest fifty' },
    { line: 'mailing list --status RUNNING,PAUSED --json', does: 'list those under way, for programs' },
  ],
  async run(call) {
    const { listMailings } = await import('../mailing/list-mailings.js');
    const { parseMailingFilter } = await import('../mailing/mailing-filter.js');
    const { CLI_ACTOR } = await import('./with-program.js');
    const first = firstOf(call);
    const filter = parseMailingFilter({ statuses: listOf(call.values['status']) }, CLI_ACTOR, []);
    return await withProgram(call, async (program) => {
      const found = await listMailings(program.em, filter, { first, after: null });
      const shown = await shownMailings(
        call,
        program,
        found.slice(0, first).map(({ row }) => row),
      );
      if (call.json) call.sayJson(shown);
      else {
        const rows = shown.map(({ id, name, status, startsAt, endsAt, progress: { total, sent, open } }) => [
          ...[id, status, total, sent, open, momentText(startsAt), momentText(endsAt), name],
        ]);
        call.say(toColumns(['id', 'status', 'total', 'sent', 'open', 'starts', 'ends', 'name'], rows));
      }
      return 0;
    });
  },
};

export const mailingShowCommand: Command = {
  name: 'mailing show',
  does: 'show one mailing: what it is, how far, and what it waits for',
  args: [WHICH],
  json: true,
  examples: [{ line: 'mailing show 12', does: 'show mailing 12' }],
  async run(call) {
    const { findMailing } = await import('../mailing/mailings.js');
    return await withProgram(call, async (program) => {
      await sayMailing(call, program, await findMailing(program.em, call.args['id']!));
      return 0;
    });
  },
};

/** Prints one mailing, as it stands. */
export async function sayMailing(call: Call, program: Program, mailing: Mailing): Promise<void> {
  const [shown] = await shownMailings(call, program, [mailing]);
  if (shown === undefined) return;
  if (call.json) return call.sayJson(shown);
  const { id, name, status, channel, startsAt, endsAt, progress, waiting, text } = shown;
  const { total, open, ...counts } = progress;
  const finals = (['sent', 'failed', 'expired', 'cancelled', 'unknown'] as const)
    .filter((each) => counts[each] > 0)
    .map((each) => `${counts[each]} ${each}`);
  call.say(`${id}  ${name}`);
  call.say(`status    ${status}, on channel ${channel}`);
  call.say(`starts    ${momentText(startsAt)}`);
  call.say(`ends      ${momentText(endsAt)}`);
  call.say(`messages  ${total}: ${[`${open} open`, ...finals].join(', ')}`);
  for (const { reason, until, detail } of waiting) {
    call.say(`waits     ${[reason, until && `until ${momentText(until)}`, detail].filter(Boolean).join(' ')}`);
  }
  call.say(`text      ${text.replaceAll('\n', '\n          ')}`);
}

/** Mailings with the keys that REST has, whatever else their rows hold. */
async function shownMailings(call: Call, { pool, log }: Program, mailings: readonly Mailing[]) {
  const { ProgressReader } = await import('../mailing/progress-reader.js');
  const { presentMailings, shownMailing } = await import('../rest/mailing-shown.js');
  const { rateLimit } = call.config().gateway;
  const progress = new ProgressReader(pool, log, { gateway: rateLimit });
  return (await presentMailings({ progress }, mailings)).map((mailing) => shownMailing.parse(mailing));
}
