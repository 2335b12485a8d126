import { type Command, optionsOf, usageOf } from './command.js';
import { PROGRAM } from './help.js';
import { madeFileCommand } from './repository.js';

/** @param all the commands that the page tells of, once they are known */
export function printDocsCommand(all: () => readonly Command[]): Command {
  return madeFileCommand({
    name: 'print-docs',
    what: 'the page of the command line',
    file: 'docs/cli.md',
    example: { line: 'print-docs --check', does: 'see whether docs/cli.md is what the code says' },
    make: async () => docsOf(all()),
  });
}

const INTRODUCTION = `# The command line

<!-- Made from src/cli/commands.ts: npm run cli -- print-docs --write -->

\`${PROGRAM} <command>\`, in the folder of the program. It works on the database that the settings mean: that of \`DATABASE_URL\`; else that of
the program that runs on the data folder; else the embedded one, started for the time of the command. Commands that change something do it by
the functions that the API uses, by the same rules, and the audit log has them with the actor \`cli\`. Processes that run take notice within a second.

- \`${PROGRAM} help <command>\`, or \`<command> --help\`, tells what one takes.
- \`--json\` prints data for programs; its keys stay. \`npm run --silent cli -- … --json\` prints nothing else.
- Exit code 0: done, or it holds. 1: it does not hold, or not all of it was done. 2: it could not be done; the reason is on standard error.
- Colours and bars are for terminals only; \`NO_COLOR=1\` leaves colours out there, too.
- \`source <(npm run --silent cli -- completion bash)\` makes a command \`heliograph\` that completes; zsh and fish likewise.
`;

/** docs/cli.md. */
export function docsOf(commands: readonly Command[]): string {
  const list = ['| command | does |', '| --- | --- |'].concat(
    commands.map(({ name, does }) => `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${cell(does)} |`),
  );
  return `${[INTRODUCTION, list.join('\n'), '', ...commands.map(sectionOf)].join('\n').trimEnd()}\n`;
}

function sectionOf(command: Command): string {
  const { name, does, more, args = [], examples } = command;
  const taken = [
    ...args.map((arg) => [`<${arg.name}>`, arg.does, arg.choices] as const),
    ...Object.entries(optionsOf(command)).map(
      ([option, { value, does, choices }]) =>
        [`--${option}${value === undefined ? '' : ` <${value}>`}`, does, choices] as const,
    ),
  ];
  const rows = taken.map(
    ([what, tells, choices]) =>
      `| \`${what}\` | ${cell(tells)}${choices ? `: ${choices.map((each) => `\`${each}\``).join(', ')}` : ''} |`,
  );
  const table = rows.length === 0 ? [] : ['| | |', '| --- | --- |', ...rows, ''];
  return [
    `## ${name}`,
    '',
    `\`${`${name} ${usageOf(command)}`.trimEnd()}\``,
    '',
    `${does.charAt(0).toUpperCase()}${does.slice(1)}.${more === undefined ? '' : ` ${more}`}`,
    '',
    ...table,
    '```bash',
    ...examples.flatMap((example) => [`# ${example.does}`, `${PROGRAM} ${example.line}`]),
    '```',
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
