import type pg from 'pg';
import type { Config } from '../config.js';
import { ProgressReader } from '../mailing/progress-reader.js';
import type { Logger } from '../platform/log.js';
import { Mailer } from '../platform/mailer.js';
import type { DailyReportParts } from './daily-reports.js';
import { Tallies } from './tallies.js';

/** What reports are made from, wherever that is done: in a worker, for the API, by a command. */
export interface ReportSources {
  /** Read anew each time: recipients and hour may change while the program runs. */
  config: Pick<Config, 'report' | 'mail' | 'publicUrl' | 'gateway'>;
  pool: pg.Pool;
  log: Logger;
}

export function reportParts({ config, pool, log }: ReportSources): DailyReportParts {
  const { mail, publicUrl, gateway } = config;
  return {
    ...{ pool, log, publicUrl },
    tallies: new Tallies(pool, log),
    progress: new ProgressReader(pool, log, { gateway: gateway.rateLimit }),
    settings: () => config.report,
    mail: mail && { mailer: new Mailer(mail.url, mail.from, log), from: mail.from },
  };
}
