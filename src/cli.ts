import 'reflect-metadata';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { configCheck, configPrint } from './cli/config.js';
import type { Config } from './config.js';
import { reachDatabase } from './embedded/reach-database.js';
import { findRunning } from './embedded/running-file.js';
import { explain } from './explain.js';
import { createPool } from './platform/pool.js';
import { readConfig } from './settings/read-config.js';

/** 0: done, or it holds. 1: it does not hold. 2: it could not be done or checked. */
type ExitCode = 0 | 1 | 2;

interface Command {
  /** What it takes, after its name. */
  usage: string;
  does: string;
  flags: readonly string[];
  /** Flags that take a value. */
  values?: readonly string[];
  run(flags: ReadonlySet<string>, values: Readonly<Record<string, string>>): Promise<ExitCode>;
}

/** Who does what is done here, as history tells it. */
const CLI = { id: 'cli', name: 'cli' };

/** The repository's folder, seen from dist/src. */
const ROOT = join(import.meta.dirname, '../..');

const commands: Record<string, Command> = {
  verify: {
    usage: '[--ledger]',
    does: "recount everything; with --ledger hold it against the simulator's ledger too",
    flags: ['ledger'],
    run: runVerify,
  },
  migrate: {
    usage: '',
    does: 'bring the database to the newest schema',
    flags: [],
    run: runMigrate,
  },
  seed: {
    usage: '',
    does: 'load the example clients (examples/clients.csv)',
    flags: [],
    run: runSeed,
  },
  link: {
    usage: '[--for <e-mail>]',
    does: 'print a new one-time link that signs a browser in; with --for, that lets a user set a password',
    flags: [],
    values: ['for'],
    run: runLink,
  },
  stop: {
    usage: '[--reason <text>]',
    does: 'stop all sending, of every mailing, until "resume"',
    flags: [],
    values: ['reason'],
    run: runStop,
  },
  resume: {
    usage: '',
    does: 'let all sending go on',
    flags: [],
    run: runResume,
  },
  'config check': configCheck,
  'config print': configPrint,
  'print-schema': {
    usage: '[--check | --write]',
    does: 'print the GraphQL schema; compare schema.graphql with it; write schema.graphql',
    flags: ['check', 'write'],
    run: runPrintSchema,
  },
  'print-config-schema': {
    usage: '[--check | --write]',
    does: 'print the JSON Schema of config.yaml; compare docs/config.schema.json with it; write that',
    flags: ['check', 'write'],
    run: runPrintConfigSchema,
  },
  'print-openapi': {
    usage: '[--check | --write]',
    does: 'print the OpenAPI document; compare docs/postman.json with it; write docs/postman.json',
    flags: ['check', 'write'],
    run: runPrintOpenApi,
  },
};

async function runVerify(flags: ReadonlySet<string>): Promise<ExitCode> {
  const { verify } = await import('./verify/verify.js');
  const { reportFindings } = await import('./verify/report.js');
  const config = configOfProcess();
  const ledger = flags.has('ledger') ? ledgerFile(config) : null;
  return await withDatabase(config, { make: false }, async (pool) => {
    const { timeoutMs, rateLimit } = config.gateway;
    const findings = await verify(pool, ledger, { timeoutMs, rateLimit });
    say(reportFindings(findings, ledger !== null));
    return findings.some((finding) => finding.broken > 0) ? 1 : 0;
  });
}

async function runMigrate(): Promise<ExitCode> {
  const { migrate } = await import('./platform/migrate.js');
  return await withDatabase(configOfProcess(), { make: true }, async (_pool, url) => {
    const count = await migrate(url);
    say(count === 0 ? 'The database is up to date.\n' : `Brought the database up to date by ${count} migrations.\n`);
    return 0;
  });
}

async function runSeed(): Promise<ExitCode> {
  const { migrate } = await import('./platform/migrate.js');
  const { importClients } = await import('./bulk/import-clients.js');
  return await withDatabase(configOfProcess(), { make: true }, async (pool, url) => {
    await migrate(url);
    const { imported } = await importClients(pool, createReadStream(join(ROOT, 'examples/clients.csv')));
    say(`${imported.toLocaleString('en-US')} example clients are there.\n`);
    return 0;
  });
}

async function runLink(_flags: ReadonlySet<string>, values: Readonly<Record<string, string>>): Promise<ExitCode> {
  const { Sessions } = await import('./access/sessions.js');
  const { findLinkHolder, issuePasswordLink } = await import('./access/password-links.js');
  const config = configOfProcess();
  const running = findRunning(config.dataDir);
  const base = config.publicUrl ?? running?.url ?? `http://${config.host}:${config.port}`;
  const email = values['for']?.trim().toLowerCase();
  return await withDatabase(config, { make: false }, async (pool) => {
    const user = email === undefined ? undefined : await findLinkHolder(pool, email);
    if (user === null) {
      complain(`Nobody has an account by the e-mail ${email}, or it is disabled.`);
      return 1;
    }
    say(
      `${user ? await issuePasswordLink(pool, base, user, CLI) : `${base}/enter/${await new Sessions(pool).issueLink(CLI)}`}\n`,
    );
    if (!running) complain('Nothing runs on this data folder: npm start first. The link holds for one hour.');
    return 0;
  });
}

async function runStop(_flags: ReadonlySet<string>, { reason }: Readonly<Record<string, string>>): Promise<ExitCode> {
  const { checkReason, describeStop, stopSending } = await import('./sending/sending-switch.js');
  const checked = checkReason(reason);
  return await withDatabase(configOfProcess(), { make: false }, async (pool) => {
    const { stop, isNew } = await stopSending(pool, CLI, checked);
    say(`${isNew ? '' : 'Nothing new: '}${describeStop(stop)} What is under way ends within one time-out.\n`);
    return 0;
  });
}

async function runResume(): Promise<ExitCode> {
  const { resumeSending } = await import('./sending/sending-switch.js');
  return await withDatabase(configOfProcess(), { make: false }, async (pool) => {
    say((await resumeSending(pool, CLI)) ? 'All sending goes on.\n' : 'Nothing was stopped.\n');
    return 0;
  });
}

async function runPrintSchema(flags: ReadonlySet<string>): Promise<ExitCode> {
  const { printHeliographSchema } = await import('./transport/schema.js');
  const schema = printHeliographSchema();
  if (flags.size > 0) return keep('schema.graphql', schema, flags, 'print-schema');
  say(schema);
  return 0;
}

async function runPrintConfigSchema(flags: ReadonlySet<string>): Promise<ExitCode> {
  const { configSchema } = await import('./settings/config-schema.js');
  const made = `${JSON.stringify(configSchema(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8')), null, 2)}\n`;
  if (flags.size > 0) return keep('docs/config.schema.json', made, flags, 'print-config-schema');
  say(made);
  return 0;
}

async function runPrintOpenApi(flags: ReadonlySet<string>): Promise<ExitCode> {
  const { openApiDocument } = await import('./rest/print-openapi.js');
  const document = await openApiDocument();
  if (flags.size > 0) {
    const { toPostman } = await import('./rest/postman.js');
    const { default: postman } = await import('openapi-to-postmanv2');
    return keep('docs/postman.json', await toPostman(document, postman.convertV2), flags, 'print-openapi');
  }
  say(`${JSON.stringify(document, null, 2)}\n`);
  return 0;
}

/** Writes what the code says to a file of the repository, or compares that with it. */
function keep(name: string, made: string, flags: ReadonlySet<string>, command: string): ExitCode {
  const file = join(ROOT, name);
  if (flags.has('write')) writeFileSync(file, made);
  else if (readFileSync(file, 'utf8') !== made) {
    complain(`${name} is not what the code says: npm run cli -- ${command} --write`);
    return 1;
  }
  return 0;
}

function configOfProcess(): Config {
  return readConfig('.', process.env).config;
}

/** The ledger of the simulator that runs on the data folder, or ran there last. */
function ledgerFile(config: Config): string {
  return join(findRunning(config.dataDir)?.simulatorDir ?? join(config.dataDir, 'simulator'), 'ledger.jsonl');
}

async function withDatabase(
  config: Config,
  options: { make: boolean },
  work: (pool: pg.Pool, url: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  const database = await reachDatabase(config, options.make);
  const pool = createPool({ databaseUrl: database.url, max: 2, name: 'cli', onError: () => {} });
  try {
    return await work(pool, database.url);
  } finally {
    await pool.end();
    await database.close();
  }
}

function say(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { usage, does }]) => `  ${`${name} ${usage}`.padEnd(35)} ${does}`);
  return ['Usage: npm run cli -- <command>', '', ...lines].join('\n');
}

async function main(args: string[]): Promise<ExitCode> {
  const words = Object.hasOwn(commands, args.slice(0, 2).join(' ')) ? 2 : 1;
  const [name, rest] = [args.slice(0, words).join(' '), args.slice(words)];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    if (name === 'help' || name === '--help') {
      say(`${usage()}\n`);
      return 0;
    }
    complain(name === '' ? usage() : `There is no command "${name}".\n\n${usage()}`);
    return 2;
  }
  let given: Record<string, boolean | string | undefined>;
  try {
    const options = Object.fromEntries([
      ...command.flags.map((flag) => [flag, { type: 'boolean' }] as const),
      ...(command.values ?? []).map((name) => [name, { type: 'string' }] as const),
    ]);
    given = parseArgs({ args: rest, options, allowPositionals: false }).values as typeof given;
  } catch {
    complain(`Usage: npm run cli -- ${name} ${command.usage}`);
    return 2;
  }
  const values = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return await command.run(new Set(Object.keys(given)), Object.fromEntries(values));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  complain(explain(error));
  process.exitCode = 2;
}
