import type pg from 'pg';
import type { Registry } from 'prom-client';
import { dropOldAudit, dropOldSessions } from './access/drop-old.js';
import { BulkJobs } from './bulk/bulk.jobs.js';
import { PruneJob } from './care/prune.job.js';
import { createChannels } from './channel/channels.js';
import type { Config } from './config.js';
import type { ChangeBell } from './live/change-bell.js';
import type { Ceilings } from './mailing/mailing-state.js';
import { TemplateCache } from './mailing/template.js';
import { dropOldProcesses } from './operations/heartbeat.js';
import type { Logger, LogLines } from './platform/log.js';
import { Mailer } from './platform/mailer.js';
import type { Tracing } from './platform/tracing.js';
import { ReportJobs } from './report/report.jobs.js';
import { dropOldReports } from './report/report-letters.js';
import { dropOldTallies } from './report/tallies.js';
import { JobMetrics } from './scheduler/job-metrics.js';
import type { Scheduler } from './scheduler/scheduler.js';
import { Dispatcher } from './sending/dispatch.js';
import { noticeRestore } from './sending/restored.js';
import { SendingJobs } from './sending/sending.jobs.js';
import { SendingMetrics } from './sending/sending-metrics.js';
import { remindOfStop } from './sending/sending-switch.js';
import type { ChangingConfig, LiveSettings } from './settings/live-settings.js';
import { OutsideJobs } from './webhook/outside.jobs.js';
import { Poster } from './webhook/post-webhook.js';
import { dropOldEvents } from './webhook/spread-events.js';

/** What a worker shares with the rest of its process. */
export interface WorkerOptions {
  config: Pick<Config, 'gateway' | 'mail' | 'publicUrl' | 'retentionDays'>;
  settings: LiveSettings<Pick<ChangingConfig, 'gateway' | 'sweepIntervalMs' | 'auditDays' | 'report' | 'alarms'>>;
  pool: pg.Pool;
  /** Not started yet. */
  scheduler: Scheduler;
  bell: ChangeBell;
  /** What it does is counted there. */
  registry: Registry;
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  log: Logger;
  /** Where lines about single messages go; left out: nowhere. */
  lines?: LogLines;
}

/** The sending half of the program. */
export interface Worker {
  /** Call after the scheduler has stopped, so that nothing is in hand any more. */
  close(): Promise<void>;
}

/** Wires channels, dispatcher and jobs, and has the scheduler know them; it is the caller who starts and stops that. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { config, settings, pool, bell, registry, log, lines } = options;
  const scheduler = new JobMetrics(registry).watch(options.scheduler);
  const metrics = new SendingMetrics(registry);
  const told = { log, ...(options.tracing && { tracing: options.tracing }), ...(lines && { lines }) };
  const parts = { pool, bell, metrics, ...told };
  await noticeRestore(pool, log);
  const channels = createChannels({ gateway: config.gateway, output: process.stdout });
  const ceilings = {
    get gateway() {
      return settings.now.gateway.rateLimit;
    },
  };
  const dispatcher = new Dispatcher({ ...parts, channels, ceilings, templates: new TemplateCache() });
  const timeoutMs = () => config.gateway.timeoutMs;
  const dropOld = async () => {
    await dropOldTallies(pool);
    await dropOldSessions(pool);
    await dropOldAudit(pool, settings.now.auditDays);
    await dropOldProcesses(pool);
    await dropOldReports(pool, settings.now.auditDays);
    await dropOldEvents(pool);
    await pruning.ringDue();
  };
  const reporting = {
    ...config,
    get report() {
      return settings.now.report;
    },
  };
  const reports = new ReportJobs({ config: reporting, pool, log, scheduler });
  reports.define();
  const outside = createOutside({ ...options, scheduler }, ceilings);
  outside.define();
  const ringOthers = async () => {
    await reports.ringDue();
    await outside.sweep();
  };
  new SendingJobs({ ...parts, scheduler, dispatcher, timeoutMs, dropOld, ringOthers }).define();
  const timeZone = () => settings.now.report.timeZone;
  const pruning = new PruneJob({ pool, scheduler, log, days: config.retentionDays, timeZone });
  pruning.define();
  new BulkJobs({ pool, scheduler, bell, log }).define();
  await scheduler.every('sweep', settings.now.sweepIntervalMs);
  const endSubscription = followSweep(settings, scheduler, log);
  const endReminders = await remindOfStop(pool, log);
  return {
    async close() {
      endSubscription();
      endReminders();
      await dispatcher.close();
      await bell.flush();
      await Promise.all(Object.values(channels).map((channel) => channel.close()));
    },
  };
}

/** Has the sweep run as often as the settings say from now on. @returns ends that */
function followSweep(settings: WorkerOptions['settings'], scheduler: Scheduler, log: Logger): () => void {
  let intervalMs = settings.now.sweepIntervalMs;
  return settings.subscribe((now) => {
    if (now.sweepIntervalMs === intervalMs) return;
    intervalMs = now.sweepIntervalMs;
    scheduler
      .every('sweep', intervalMs)
      .catch((error: unknown) => log.warn({ err: error }, 'the sweep keeps its pace'));
  });
}

/** What tells the outside of what happens here. */
function createOutside(options: WorkerOptions, ceilings: Ceilings): OutsideJobs {
  const { config, settings, log } = options;
  const { mail, publicUrl } = config;
  const mailer = mail && new Mailer(mail.url, mail.from, log);
  const poster = new Poster({ allowPrivate: settings.now.alarms.allowPrivate });
  const alarms = () => settings.now.alarms;
  return new OutsideJobs({ ...options, alarms, poster, mailer, ceilings, publicUrl });
}
