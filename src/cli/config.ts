import { type ListedSetting, listSettings } from '../settings/list-settings.js';
import { checkGiven, gatherSettings } from '../settings/read-config.js';

type Flags = ReadonlySet<string>;

const FOLDER = '.';

/** config check: everything that is wrong with the settings, and where each value comes from. */
export const configCheck = {
  usage: '[--json]',
  does: 'check the environment, .env and config.yaml, and say where every value comes from',
  flags: ['json'],
  run: async (flags: Flags): Promise<0 | 1> => {
    const { problems, warnings, settings } = look();
    if (flags.has('json')) {
      say(JSON.stringify({ ok: problems.length === 0, problems, warnings, settings }, null, 2));
    } else {
      const set = settings.filter(({ source }) => source !== 'default');
      for (const { name, path, source, at } of set)
        say(`${(path ?? name).padEnd(24)} ${name.padEnd(24)} ${at ?? source}`);
      say(`${set.length} settings are set, the other ${settings.length - set.length} have their defaults.`);
      for (const text of warnings) say(`Perhaps a slip: ${text}`);
      say(problems.length === 0 ? 'All settings are right.' : `${problems.length} wrong:`);
      for (const text of problems) say(`  ${text}`);
    }
    return problems.length === 0 ? 0 : 1;
  },
};

/** config print: the settings that hold. */
export const configPrint = {
  usage: '[--json]',
  does: 'print the settings that hold, with their sources; secrets only as set or not set',
  flags: ['json'],
  run: async (flags: Flags): Promise<0 | 1> => {
    const { problems, settings } = look();
    if (flags.has('json')) say(JSON.stringify(settings, null, 2));
    else for (const setting of settings) say(line(setting));
    if (problems.length === 0) return 0;
    process.stderr.write(
      `${problems.length} settings are wrong, and shown as their defaults: npm run cli -- config check\n`,
    );
    return 1;
  },
};

function look() {
  const given = gatherSettings(FOLDER, process.env);
  const { config, problems } = checkGiven(given);
  return { problems, warnings: given.warnings, settings: listSettings(given, config) };
}

function line({ name, path, value, source, at }: ListedSetting): string {
  const text = value === null ? '–' : Array.isArray(value) ? value.join(', ') : String(value);
  return `${name.padEnd(24)} ${(path ?? '–').padEnd(24)} ${text.padEnd(32)} ${at ?? source}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
