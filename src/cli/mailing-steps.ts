import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import type { LifecycleParts } from '../mailing/lifecycle-parts.js';
import type { Call } from './call.js';
import type { Command } from './command.js';
import { sayMailing, WHICH } from './mailing.js';
import { CLI_ACTOR, withProgram } from './with-program.js';

type Step = (parts: LifecycleParts, id: string, by: By, revision?: number) => Promise<void>;

const steps = () => import('../mailing/lifecycle.js');

export const mailingStartCommand = stepCommand({
  verb: 'start',
  does: 'move the start of a draft or scheduled mailing to now',
  step: async () => (await steps()).startMailing,
});

export const mailingPauseCommand = stepCommand({
  verb: 'pause',
  does: 'send nothing new of a mailing until it is resumed',
  step: async () => (await steps()).pauseMailing,
});

export const mailingResumeCommand = stepCommand({
  verb: 'resume',
  does: 'let a paused mailing go on',
  step: async () => (await steps()).resumeMailing,
});

export const mailingCancelCommand = stepCommand({
  verb: 'cancel',
  does: 'stop a mailing for good',
  step: async () => (await steps()).cancelMailing,
});

/** A command that takes one step in the life of a mailing, by the function and under the name that the API has for it. */
function stepCommand({ verb, does, step }: { verb: string; does: string; step: () => Promise<Step> }): Command {
  const name = `mailing ${verb}`;
  return {
    name,
    does,
    more: 'A process that sends takes notice within a second. What can not be done is told with what can: exit code 2.',
    args: [WHICH],
    options: { revision: { value: 'n', does: 'the revision that it is meant for: refused when there is a newer one' } },
    json: true,
    examples: [{ line: `${name} 12`, does: `${verb} mailing 12` }],
    async run(call) {
      const revision = revisionOf(call);
      const { findMailing } = await import('../mailing/mailings.js');
      const take = await step();
      const id = call.args['id']!;
      const fields = revision === undefined ? ['id'] : ['id', 'revision'];
      return await withProgram(call, async (program) => {
        const action = `mailing${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
        await program.act(action, id, fields, () => take(program, id, CLI_ACTOR, revision));
        await sayMailing(call, program, await findMailing(program.em, id));
        return 0;
      });
    },
  };
}

function revisionOf({ values }: Call): number | undefined {
  const text = values['revision'];
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new AppError('BAD_USER_INPUT', '--revision must be a whole number.');
  return Number(text);
}
