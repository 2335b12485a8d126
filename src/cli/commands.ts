import type { Command } from './command.js';
import { configCheckCommand, configPrintCommand } from './config.js';
import { linkCommand } from './link.js';
import { migrateCommand } from './migrate.js';
import { printConfigSchemaCommand, printOpenApiCommand, printSchemaCommand } from './print-api.js';
import { reportCommand } from './report.js';
import { seedCommand } from './seed.js';
import { resumeCommand, stopCommand } from './stop.js';
import { verifyCommand } from './verify.js';

/** All commands, in the order in which help tells of them: what an operator needs first comes first. */
export const commands: readonly Command[] = [
  migrateCommand,
  seedCommand,

  verifyCommand,

  configCheckCommand,
  configPrintCommand,

  // Watching: log.
  reportCommand,

  // Care: backup, prune, forget.

  linkCommand,

  stopCommand,
  resumeCommand,

  // For who changes the program.
  printSchemaCommand,
  printConfigSchemaCommand,
  printOpenApiCommand,
];
