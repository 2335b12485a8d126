import 'reflect-metadata';
import { runCommand } from './cli/run-command.js';

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
