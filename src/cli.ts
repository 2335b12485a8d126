import 'reflect-metadata';
import { runCommand } from './cli/run-command.js';

// Nobody may be reading any more: `… | head`. What is written then says so itself where it matters.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  folder: '.',
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stop() {
    const asked = new AbortController();
    // Once only: who presses it again means it.
    process.once('SIGINT', () => asked.abort());
    return asked.signal;
  },
});
