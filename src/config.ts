import { resolve } from 'node:path';
import { z } from 'zod';
import { type AlarmSettings, alarmSettings, assembleAlarms, findAlarmContradictions } from './alarm-settings.js';
import { type AppLogSettings, assembleAppLog, type LogLevel, logSettings } from './log-settings.js';
import { assembleReport, findReportContradictions, type ReportSettings, reportSettings } from './report-settings.js';
import { address, isThisMachine, number, oneOf, token, webAddress, whole, yesOrNo } from './setting-kinds.js';
import {
  assembleSignIn,
  findSignInContradictions,
  type SignInConfig,
  signInSecrets,
  signInSettings,
} from './sign-in-settings.js';
import {
  assembleTelemetry,
  findTelemetryContradictions,
  type TelemetryConfig,
  telemetrySecrets,
  telemetrySettings,
} from './telemetry-settings.js';

/** Names and values as an operating system hands them over. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All settings of one process, checked. Times are in ms. */
export interface Config extends SignInConfig, TelemetryConfig {
  /** TCP port of the server; 0 takes a free one. */
  readonly port: number;
  /** Address the server listens on. */
  readonly host: string;
  /** Absolute path of the folder for everything that is kept. */
  readonly dataDir: string;
  /** A PostgreSQL of the operator's; null starts the embedded one. */
  readonly databaseUrl: string | null;
  /** MongoDB for the scheduler's jobs; null keeps them in PostgreSQL. */
  readonly mongoUrl: string | null;
  readonly gateway: {
    /** Base of the sending service, without a slash at the end; null when messages don't go to one, or to the simulator. */
    readonly url: string | null;
    /** Bearer token for it. */
    readonly token: string | null;
    /** How long one request may take as a whole. */
    readonly timeoutMs: number;
    /** Requests in flight at the same time, of this process. */
    readonly concurrency: number;
    /** Messages a second at the most, over all processes; null: only limits set in the program hold. */
    readonly rateLimit: number | null;
  };
  /** Where messages of mailings that name no channel go. */
  readonly channel: 'gateway' | 'console';
  /** What this process does: serve people, send, or both. */
  readonly role: 'all' | 'api' | 'worker';
  /** Fixed bearer token for scripts; null when there is none. */
  readonly adminToken: string | null;
  /** Of standard output. */
  readonly logLevel: LogLevel;
  /** The log in a file; null: there is none. */
  readonly appLog: AppLogSettings | null;
  /** How often the database is searched for due work whose bell was missed. */
  readonly sweepIntervalMs: number;
  /** How long a row of the audit log is kept, in days. */
  readonly auditDays: number;
  /** How long messages are kept after their mailing's end, in days; null: for good. A mailing may say otherwise. */
  readonly retentionDays: number | null;
  /** How large a file may be that is imported, bytes. */
  readonly importMaxBytes: number;
  /** Requests a second of one actor, to this process, on the average of ten seconds. */
  readonly apiRateLimit: number;
  /** The daily report. */
  readonly report: ReportSettings;
  /** Alarms and webhooks. */
  readonly alarms: AlarmSettings;
  readonly production: boolean;
  /** Address people reach the server under, without a slash at the end; null: the one it listens on. */
  readonly publicUrl: string | null;
  /** Run the simulator and a mailing of examples, and send nothing anywhere else. */
  readonly demo: boolean;
  /** End once the demo's mailing is done. */
  readonly demoExit: boolean;
}

/** One or more settings are wrong. The message lists all of them and shows no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param problems one sentence each, that begins with the variable's name */
  constructor(readonly problems: readonly string[]) {
    super(['Some settings are wrong:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** Where the classic services' token belongs; used when only the token is set (docs/settings.md). */
const CLASSIC_GATEWAY = 'https://probe.fbrq.cloud';
/** The gateway token's names, the first that is set wins. */
const TOKEN_NAMES = ['GATEWAY_TOKEN', 'SENDING_API_TOKEN', 'FBRQ_TOKEN'] as const;
/** A shorter token could be guessed. */
const PRODUCTION_TOKEN_LENGTH = 16;

/** All settings, by the names of their variables; every other form of them is made from this one. */
export const settings = z.object({
  PORT: whole(4000, 0, 65_535),
  HOST: z
    .string()
    .regex(/^[\w.:%-]+$/, 'must be an address of this machine, such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  PUBLIC_URL: webAddress('a web').optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: address('a PostgreSQL', 'postgres:', 'postgresql:').optional(),
  // Several hosts in one address are usual here, and URL can't read those.
  MONGO_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/\S+$/, 'must be a MongoDB address: mongodb://… or mongodb+srv://…')
    .optional(),
  GATEWAY_URL: webAddress('a web').optional(),
  GATEWAY_TOKEN: token.optional(),
  SENDING_API_TOKEN: token.optional(),
  FBRQ_TOKEN: token.optional(),
  GATEWAY_TIMEOUT_MS: whole(10_000, 100, 300_000),
  GATEWAY_CONCURRENCY: whole(64, 1, 4_096),
  GATEWAY_RATE_LIMIT: number(1, 1_000_000).optional(),
  CHANNEL: oneOf(['gateway', 'console']).optional(),
  ROLE: oneOf(['all', 'api', 'worker']).default('all'),
  ADMIN_TOKEN: token.optional(),
  ...signInSettings,
  ...telemetrySettings,
  ...logSettings,
  SWEEP_INTERVAL_MS: whole(1_000, 100, 60_000),
  AUDIT_DAYS: whole(400, 1, 36_500),
  RETENTION_DAYS: number(1, 36_500).optional(),
  IMPORT_MAX_BYTES: whole(2 ** 30, 1_024, 2 ** 40),
  API_RATE_LIMIT: whole(1_000, 1, 100_000),
  ...reportSettings,
  ...alarmSettings,
  CONFIG_FILE: z.string().optional(),
  NODE_ENV: z.string().optional(),
  DEMO: yesOrNo().optional(),
  DEMO_EXIT: yesOrNo().default(false),
});
type Settings = z.output<typeof settings>;

/** The names of all environment variables that are read. */
export const SETTING_NAMES: readonly string[] = Object.keys(settings.shape);

/**
 * Checks the settings.
 * @throws ConfigError that lists everything that is wrong
 */
export function loadConfig(env: Environment): Config {
  // Compose files and shells hand over "" for what nobody set.
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name]?.trim() || undefined]));
  const issues = settings.safeParse(given).error?.issues ?? [];
  const wrong = new Set(issues.map((issue) => String(issue.path[0])));
  // The rest is judged as if the wrong ones had not been set, so that one run shows everything.
  const rest = settings.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
  const config = assemble(rest);
  const contradictions = findContradictions(rest, config).filter(
    (text) => ![...wrong].some((name) => text.includes(name)),
  );
  const problems = [...new Set(issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)), ...contradictions];
  if (problems.length > 0) throw new ConfigError(problems);
  Object.freeze(config.gateway);
  return Object.freeze(config);
}

function assemble(s: Settings): Config {
  const gatewayToken = TOKEN_NAMES.map((name) => s[name]).find((value) => value !== undefined) ?? null;
  const production = s.NODE_ENV === 'production';
  const nothingToSendTo = !s.GATEWAY_URL && !gatewayToken && !s.CHANNEL;
  return {
    port: s.PORT,
    host: s.HOST,
    dataDir: resolve(s.DATA_DIR),
    databaseUrl: s.DATABASE_URL ?? null,
    mongoUrl: s.MONGO_URL ?? null,
    gateway: {
      url: s.GATEWAY_URL ?? (gatewayToken && s.NODE_ENV !== 'test' && !s.DEMO ? CLASSIC_GATEWAY : null),
      token: gatewayToken,
      timeoutMs: s.GATEWAY_TIMEOUT_MS,
      concurrency: s.GATEWAY_CONCURRENCY,
      rateLimit: s.GATEWAY_RATE_LIMIT ?? null,
    },
    channel: s.CHANNEL ?? 'gateway',
    role: s.ROLE,
    adminToken: s.ADMIN_TOKEN ?? null,
    ...assembleSignIn(s),
    ...assembleTelemetry(s),
    logLevel: s.LOG_LEVEL,
    appLog: assembleAppLog(s, resolve(s.DATA_DIR)),
    sweepIntervalMs: s.SWEEP_INTERVAL_MS,
    auditDays: s.AUDIT_DAYS,
    retentionDays: s.RETENTION_DAYS ?? null,
    importMaxBytes: s.IMPORT_MAX_BYTES,
    apiRateLimit: s.API_RATE_LIMIT,
    report: assembleReport(s),
    alarms: assembleAlarms(s),
    production,
    publicUrl: s.PUBLIC_URL ?? null,
    demo: s.DEMO ?? (nothingToSendTo && s.ROLE === 'all' && !production),
    demoExit: s.DEMO_EXIT,
  };
}

/** What is wrong although each setting alone is right. */
function findContradictions(s: Settings, config: Config): string[] {
  const problems: string[] = [];
  const { url } = config.gateway;
  if (config.demo && (url !== null || config.gateway.token !== null || config.channel === 'console')) {
    problems.push(
      'DEMO sends to the simulator only: set it to false, or leave out GATEWAY_URL, GATEWAY_TOKEN and CHANNEL',
    );
  }
  if (config.demoExit && !config.demo) problems.push('DEMO_EXIT needs a demo to end with: set DEMO=true');
  if (config.demo && config.role !== 'all') problems.push('DEMO needs ROLE=all');
  if (!config.demo && config.channel === 'gateway' && config.role !== 'api' && url === null) {
    problems.push(
      "GATEWAY_URL is missing: set the sending service's address, or CHANNEL=console to print the messages",
    );
  }
  if (s.NODE_ENV === 'test' && url !== null && !isThisMachine(url)) {
    problems.push('GATEWAY_URL must be on 127.0.0.1 with NODE_ENV=test: tests speak to the simulator only');
  }
  if (config.role !== 'all' && config.databaseUrl === null) {
    problems.push(`DATABASE_URL is missing: with ROLE=${config.role} several processes share one database`);
  }
  for (const [name, value] of [
    ['ADMIN_TOKEN', config.adminToken],
    ['METRICS_TOKEN', config.metrics.token],
  ] as const) {
    if (config.production && value !== null && value.length < PRODUCTION_TOKEN_LENGTH) {
      problems.push(`${name} must have at least ${PRODUCTION_TOKEN_LENGTH} characters in production`);
    }
  }
  problems.push(
    ...findSignInContradictions(s),
    ...findReportContradictions(s),
    ...findTelemetryContradictions(s),
    ...findAlarmContradictions(s),
  );
  return problems;
}

/** The tokens in the settings, which must never show: for the log's own search. */
export function secretsOf(config: Config): string[] {
  const { adminToken, gateway } = config;
  const secrets = [adminToken, gateway.token, ...signInSecrets(config), ...telemetrySecrets(config)];
  return secrets.filter((secret) => secret !== null);
}
