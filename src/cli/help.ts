import { type Command, optionsOf, usageOf } from './command.js';

/** How a command is called here. */
export const PROGRAM = 'npm run cli --';

/** What all commands do, a line each. */
export function helpOfAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Usage: ${PROGRAM} <command>`,
    '',
    ...commands.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`),
    '',
    `What a command takes, with examples: ${PROGRAM} help <command>`,
  ].join('\n');
}

/** What one command takes, and examples of it. */
export function helpOf(command: Command): string {
  const { does, more, args = [], examples } = command;
  const taken = [
    ...args.map((arg) => [`<${arg.name}>`, arg.does] as const),
    ...Object.entries(optionsOf(command)).map(
      ([option, { value, does }]) => [`--${option}${value === undefined ? '' : ` <${value}>`}`, does] as const,
    ),
  ];
  const width = Math.max(0, ...taken.map(([what]) => what.length));
  return [
    usageLine(command),
    '',
    `${does.charAt(0).toUpperCase()}${does.slice(1)}.`,
    ...(more === undefined ? [] : [more]),
    ...(taken.length === 0 ? [] : ['', ...taken.map(([what, tells]) => `  ${what.padEnd(width)}  ${tells}`)]),
    '',
    `Example${examples.length > 1 ? 's' : ''}:`,
    ...examples.flatMap((example) => [`  ${PROGRAM} ${example.line}`, `      ${example.does}`]),
  ].join('\n');
}

/** How a command is called, on one line. */
export function usageLine(command: Command): string {
  return `Usage: ${PROGRAM} ${command.name} ${usageOf(command)}`.trimEnd();
}
