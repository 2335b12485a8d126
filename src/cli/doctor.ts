import type pg from 'pg';
import type { Config } from '../config.js';
import type { Call } from './call.js';
import type { Command } from './command.js';
import type { Finding } from './doctor/check.js';
import { paint } from './show.js';

export const doctorCommand: Command = {
  name: 'doctor',
  does: 'check everything that the program needs, and say what to do',
  more: 'Nothing is changed, and nothing is sent to anybody: of the gateway it is only tried whether it takes a connection. Exit code 0: nothing fails, though something may be worth a look (`warn`), or be left to do one day (`hint`); 1: something fails.',
  json: true,
  examples: [
    { line: 'doctor', does: 'check everything' },
    { line: 'doctor --json', does: 'the same, for a monitor' },
  ],
  async run(call) {
    const findings: Finding[] = [];
    for await (const finding of examine(call)) {
      findings.push(finding);
      if (!call.json) tell(call, finding);
    }
    const failed = findings.filter(({ state }) => state === 'fail').length;
    const warned = findings.filter(({ state }) => state === 'warn').length;
    if (call.json) call.sayJson({ ok: failed === 0, findings });
    else call.say(`\n${findings.length} checks: ${failed} fail, ${warned} warn.`);
    return failed === 0 ? 0 : 1;
  },
};

function tell(call: Call, { name, state, says, advice }: Finding): void {
  const colour = ({ ok: 'green', hint: 'cyan', warn: 'yellow', fail: 'red' } as const)[state];
  call.say(`${paint(call, colour, state.padEnd(4))}  ${name.padEnd(11)}  ${says}`);
  if (advice !== null) call.say(`${' '.repeat(19)}→ ${advice}`);
}

/** All checks, those first that others stand on. */
async function* examine(call: Call): AsyncGenerator<Finding> {
  const { fail, ok } = await import('./doctor/check.js');
  const { checkDisk, checkMemory, checkNode, checkPort } = await import('./doctor/machine.js');
  const { checkGateway, checkMail } = await import('./doctor/network.js');
  yield checkNode(process.version);
  yield checkMemory();
  let config: Config;
  try {
    config = call.config();
    yield ok('settings', 'All settings are right.');
  } catch (error) {
    yield fail('settings', error instanceof Error ? error.message : String(error), 'npm run cli -- config check');
    return;
  }
  yield checkDisk(config);
  yield await checkPort(config);
  yield await checkGateway(config);
  yield await checkMail(config);
  yield* await examineDatabase(config);
}

async function examineDatabase(config: Config): Promise<Finding[]> {
  const { fail, found, warn } = await import('./doctor/check.js');
  const { reachDatabase } = await import('../embedded/reach-database.js');
  const { AppError } = await import('../errors.js');
  const { createPool } = await import('../platform/pool.js');
  let database: Awaited<ReturnType<typeof reachDatabase>>;
  try {
    database = await reachDatabase(config, false);
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return [warn('database', error.message, 'npm start')];
    const says = error instanceof Error ? error.message : String(error);
    return [fail('database', says, 'Start the database, or mend DATABASE_URL.')];
  }
  const pool = createPool({ databaseUrl: database.url, max: 2, name: 'cli', onError: () => {} });
  try {
    return await found('database', 'Look into the log of the database.', () => look(pool, config));
  } finally {
    await pool.end();
    await database.close();
  }
}

async function look(pool: pg.Pool, config: Config): Promise<Finding[]> {
  const { checkBackup } = await import('./doctor/backup.js');
  const database = await import('./doctor/database.js');
  const program = await import('./doctor/program.js');
  const ground = [
    await database.checkVersion(pool),
    await database.checkMigrations(pool),
    await database.checkConnections(pool),
    await database.checkClock(pool),
  ];
  // Without its tables nothing can be asked of the program.
  if (ground.some(({ state }) => state === 'fail')) return ground;
  return [
    ...ground,
    await database.checkZones(pool, config),
    await program.checkScheduler(pool, config),
    await program.checkProcesses(pool),
    ...(await program.checkWork(pool, config)),
    await checkBackup(pool, config),
  ];
}
