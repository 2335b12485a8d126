import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from './child-program.js';
import { makeRunFolder, removeLeftovers, removeRunFolder } from './run-folder.js';

it('ends and removes what a killed run has left, and nothing of one that goes on', async () => {
  const [mine, killed] = [makeRunFolder(), makeRunFolder()];
  onTestFinished(() => removeRunFolder(mine));
  const gone = startChild(process.execPath, ['-e', '']);
  await gone.ended;
  const left = killed.replace(`-${process.pid}-`, `-${gone.pid}-`);
  renameSync(killed, left);
  mkdirSync(join(left, 'a folder'));
  // One ends when it is asked to, the other does not listen.
  const said = 'process.stdout.write("up"); setInterval(() => {}, 1000)';
  const deaf = `process.on('SIGQUIT', () => process.stdout.write('no'));${said}`;
  const [asked, forced, other] = [
    startChild(process.execPath, ['-e', said], { cwd: left }),
    startChild(process.execPath, ['-e', deaf], { cwd: join(left, 'a folder') }),
    startChild(process.execPath, ['-e', said], { cwd: mine }),
  ];
  onTestFinished(() => other.kill('SIGKILL'));
  for (const child of [asked, forced, other]) await child.saying(/up/);

  await removeLeftovers();
  expect(await asked.ended).toMatchObject({ signal: 'SIGQUIT' });
  expect(await forced.ended).toMatchObject({ signal: 'SIGKILL' });
  expect([existsSync(left), existsSync(mine)]).toEqual([false, true]);
  expect(process.kill(other.pid, 0)).toBe(true);
});
