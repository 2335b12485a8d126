// The simulator on its own, for programs on other machines or in other containers: `node dist/src/simulator/serve.js`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noteSimulator } from './note-simulator.js';
import { createSimulator } from './simulator.js';

const USAGE = 'Usage: serve.js [--host 127.0.0.1] [--port 4100] [--dir .data/simulator] [--token <bearer token>]';

try {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '4100' },
      dir: { type: 'string', default: join('.data', 'simulator') },
      token: { type: 'string' },
    },
  });
  mkdirSync(values.dir, { recursive: true });
  const ledgerFile = join(values.dir, 'ledger.jsonl');
  const simulator = await createSimulator({ ...values, port: Number(values.port), ledgerFile });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
  noteSimulator(values.dir, simulator);
  process.stdout.write(
    `The gateway simulator listens on ${simulator.url}, its ledger is ${ledgerFile}\n` +
      `It is steered on ${simulator.controlUrl}, also while the gateway is down.\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
  process.exitCode = 2;
}
