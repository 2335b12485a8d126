import { Migration20261121080000Tables } from './20261121080000-tables.js';
import { Migration20261121080100StorageAndWindows } from './20261121080100-storage-and-windows.js';
import { Migration20261121080200Agenda } from './20261121080200-agenda.js';
import { Migration20261121111600KeepThePromise } from './20261121111600-keep-the-promise.js';
import { Migration20261121111700WithoutALock } from './20261121111700-without-a-lock.js';
import { Migration20261121150100SignIn } from './20261121150100-sign-in.js';
import { Migration20261121150150Access } from './20261121150150-access.js';
import { Migration20261121150200Jobs } from './20261121150200-jobs.js';
import { Migration20261121150300Lists } from './20261121150300-lists.js';
import { Migration20261121160300JobSetbacks } from './20261121160300-job-setbacks.js';
import { Migration20261121160400JobOptedOut } from './20261121160400-job-opted-out.js';
import { Migration20261121212000ReportLinks } from './20261121212000-report-links.js';
import { Migration20261121213000ProgramProcess } from './20261121213000-program-process.js';
import { Migration20261121213500Throughput } from './20261121213500-throughput.js';
import { Migration20261122005000DailyReport } from './20261122005000-daily-report.js';
import { Migration20261122010500Webhooks } from './20261122010500-webhooks.js';
import { Migration20261122010800Care } from './20261122010800-care.js';
import { Migration20261122012900Traceparent } from './20261122012900-traceparent.js';
import { Migration20261122041500StagedLines } from './20261122041500-staged-lines.js';
import { Migration20261122073000RoomForClaims } from './20261122073000-room-for-claims.js';

/** In the order in which they run. Named here, not found by a glob, so that compiled and source form run the same. */
export const migrations = [
  { name: '20261121080000-tables', class: Migration20261121080000Tables },
  { name: '20261121080100-storage-and-windows', class: Migration20261121080100StorageAndWindows },
  { name: '20261121080200-agenda', class: Migration20261121080200Agenda },
  { name: '20261121111600-keep-the-promise', class: Migration20261121111600KeepThePromise },
  { name: '20261121111700-without-a-lock', class: Migration20261121111700WithoutALock },
  { name: '20261121150100-sign-in', class: Migration20261121150100SignIn },
  { name: '20261121150150-access', class: Migration20261121150150Access },
  { name: '20261121150200-jobs', class: Migration20261121150200Jobs },
  { name: '20261121150300-lists', class: Migration20261121150300Lists },
  { name: '20261121160300-job-setbacks', class: Migration20261121160300JobSetbacks },
  { name: '20261121160400-job-opted-out', class: Migration20261121160400JobOptedOut },
  { name: '20261121212000-report-links', class: Migration20261121212000ReportLinks },
  { name: '20261121213000-program-process', class: Migration20261121213000ProgramProcess },
  { name: '20261121213500-throughput', class: Migration20261121213500Throughput },
  { name: '20261122005000-daily-report', class: Migration20261122005000DailyReport },
  { name: '20261122010500-webhooks', class: Migration20261122010500Webhooks },
  { name: '20261122010800-care', class: Migration20261122010800Care },
  { name: '20261122012900-traceparent', class: Migration20261122012900Traceparent },
  { name: '20261122041500-staged-lines', class: Migration20261122041500StagedLines },
  { name: '20261122073000-room-for-claims', class: Migration20261122073000RoomForClaims },
];
