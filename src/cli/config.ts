import { type ListedSetting, listSettings } from '../settings/list-settings.js';
import { checkGiven, gatherSettings } from '../settings/read-config.js';
import type { Call } from './call.js';
import type { Command } from './command.js';

/** config check: everything that is wrong with the settings, and where each value comes from. */
export const configCheckCommand: Command = {
  name: 'config check',
  does: 'check the environment, .env and config.yaml, and say where every value comes from',
  json: true,
  examples: [{ line: 'config check', does: 'see whether the program would start with these settings' }],
  async run(call) {
    const { problems, warnings, settings } = look(call);
    if (call.json) call.sayJson({ ok: problems.length === 0, problems, warnings, settings });
    else {
      const set = settings.filter(({ source }) => source !== 'default');
      for (const { name, path, source, at } of set)
        call.say(`${(path ?? name).padEnd(24)} ${name.padEnd(24)} ${at ?? source}`);
      call.say(`${set.length} settings are set, the other ${settings.length - set.length} have their defaults.`);
      for (const text of warnings) call.say(`Perhaps a slip: ${text}`);
      call.say(problems.length === 0 ? 'All settings are right.' : `${problems.length} wrong:`);
      for (const text of problems) call.say(`  ${text}`);
    }
    return problems.length === 0 ? 0 : 1;
  },
};

/** config print: the settings that hold. */
export const configPrintCommand: Command = {
  name: 'config print',
  does: 'print the settings that hold, with their sources; secrets only as set or not set',
  json: true,
  examples: [{ line: 'config print --json', does: 'print every setting, for programs' }],
  async run(call) {
    const { problems, settings } = look(call);
    if (call.json) call.sayJson(settings);
    else for (const setting of settings) call.say(lineOf(setting));
    if (problems.length === 0) return 0;
    call.complain(`${problems.length} settings are wrong, and shown as their defaults: npm run cli -- config check`);
    return 1;
  },
};

function look({ surroundings: { folder, env } }: Call) {
  const given = gatherSettings(folder, env);
  const { config, problems } = checkGiven(given);
  return { problems, warnings: given.warnings, settings: listSettings(given, config) };
}

function lineOf({ name, path, value, source, at }: ListedSetting): string {
  const text = value === null ? '–' : Array.isArray(value) ? value.join(', ') : String(value);
  return `${name.padEnd(24)} ${(path ?? '–').padEnd(24)} ${text.padEnd(32)} ${at ?? source}`;
}
