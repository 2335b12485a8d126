import { join } from 'node:path';
import type { Config } from '../config.js';
import { findRunning } from '../embedded/running-file.js';
import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const verifyCommand: Command = {
  name: 'verify',
  does: "recount everything; with --ledger hold it against the simulator's ledger too",
  more: 'Exit code 0: all checks hold; 1: one is broken; 2: it could not be checked. docs/verify.md tells what each check means.',
  options: { ledger: { does: "hold what was recorded against the simulator's ledger" } },
  examples: [{ line: 'verify', does: 'recount what the database says of itself' }],
  async run(call) {
    const { verify } = await import('../verify/verify.js');
    const { reportFindings } = await import('../verify/report.js');
    const config = call.config();
    const ledger = call.flags.has('ledger') ? ledgerFile(config) : null;
    return await withDatabase(call, { make: false }, async (pool) => {
      const { timeoutMs, rateLimit } = config.gateway;
      const findings = await verify(pool, ledger, { timeoutMs, rateLimit });
      call.print(reportFindings(findings, ledger !== null));
      return findings.some((finding) => finding.broken > 0) ? 1 : 0;
    });
  },
};

/** The ledger of the simulator that runs on the data folder, or ran there last. */
function ledgerFile(config: Config): string {
  return join(findRunning(config.dataDir)?.simulatorDir ?? join(config.dataDir, 'simulator'), 'ledger.jsonl');
}
