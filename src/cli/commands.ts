import { backupCommand, restoreCommand, restoredCommand } from './backup.js';
import type { Command } from './command.js';
import { completionCommand } from './completion.js';
import { configCheckCommand, configPrintCommand } from './config.js';
import { doctorCommand } from './doctor.js';
import { eraseCommand } from './erase.js';
import { exportClientsCommand, exportMessagesCommand, exportStatisticsCommand } from './export.js';
import { importCommand } from './import.js';
import { linkCommand } from './link.js';
import { logCommand } from './log.js';
import { mailingListCommand, mailingShowCommand } from './mailing.js';
import {
  mailingCancelCommand,
  mailingPauseCommand,
  mailingResumeCommand,
  mailingStartCommand,
} from './mailing-steps.js';
import { mailingWatchCommand } from './mailing-watch.js';
import { migrateCommand } from './migrate.js';
import { printConfigSchemaCommand, printOpenApiCommand, printSchemaCommand } from './print-api.js';
import { printDocsCommand } from './print-docs.js';
import { keepCommand, pruneCommand } from './prune.js';
import { reportCommand } from './report.js';
import { seedCommand } from './seed.js';
import { resumeCommand, stopCommand } from './stop.js';
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from './token.js';
import { userAddCommand, userDisableCommand, userListCommand, userRoleCommand } from './user.js';
import { verifyCommand } from './verify.js';

/** All commands, in the order in which help tells of them: what an operator needs first comes first. */
export const commands: readonly Command[] = [
  doctorCommand,
  configCheckCommand,
  configPrintCommand,
  migrateCommand,
  seedCommand,

  importCommand,
  exportClientsCommand,
  exportMessagesCommand,
  exportStatisticsCommand,

  mailingListCommand,
  mailingShowCommand,
  mailingWatchCommand,
  mailingStartCommand,
  mailingPauseCommand,
  mailingResumeCommand,
  mailingCancelCommand,
  stopCommand,
  resumeCommand,

  verifyCommand,
  // Watching.
  logCommand,
  reportCommand,

  backupCommand,
  restoreCommand,
  restoredCommand,
  pruneCommand,
  keepCommand,
  eraseCommand,

  linkCommand,
  userAddCommand,
  userListCommand,
  userRoleCommand,
  userDisableCommand,
  tokenCreateCommand,
  tokenListCommand,
  tokenRevokeCommand,

  completionCommand(() => commands),

  // For who changes the program.
  printSchemaCommand,
  printConfigSchemaCommand,
  printOpenApiCommand,
  printDocsCommand(() => commands),
];
