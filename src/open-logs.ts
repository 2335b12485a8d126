import { type Config, secretsOf } from './config.js';
import { AppLog, type AppLogTrouble } from './platform/app-log.js';
import { createLogs, type Logs } from './platform/log.js';

/** The logs of a process, and how it stands with the one in a file. */
export interface OpenLogs extends Logs {
  /** That the file can't be written just now; null: all is well, or there is none. */
  trouble(): AppLogTrouble | null;
  /** Writes what is left. */
  close(): Promise<void>;
  /** The same in the last moment of a process, when nothing can be waited for. */
  writeRest(): void;
}

/** Opens the log as the settings have it. A file that can't be written is said once, and is no reason not to start. */
export function openLogs(config: Config): OpenLogs {
  const { appLog, role } = config;
  const file = appLog && new AppLog({ ...appLog, about: { pid: process.pid, role } });
  const logs = createLogs({
    level: config.logLevel,
    pretty: process.stdout.isTTY,
    secrets: secretsOf(config),
    ...(appLog && file && { file: { stream: file, level: appLog.level } }),
  });
  if (file) {
    file.onChange = (error, lost) => {
      const facts = { path: appLog?.path };
      if (error) logs.log.warn({ ...facts, err: error }, 'the log can not be written to its file; sending goes on');
      else logs.log.warn({ ...facts, lines_lost: lost }, 'the log is written to its file again');
    };
  }
  return {
    ...logs,
    trouble: () => file?.trouble ?? null,
    close: async () => await file?.close(),
    writeRest: () => file?.writeRest(),
  };
}
