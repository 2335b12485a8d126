import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createLogger } from '../src/platform/log.js';

/** The API in a process of its own that says, whenever it is asked, how many bytes it holds: `api-process.js <database> <token>`. */
const [databaseUrl = '', token = ''] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: databaseUrl, PORT: '0', ROLE: 'api', ADMIN_TOKEN: token });
const app = await createApp(config, { log: createLogger({ level: 'warn', pretty: false }), databaseUrl });
process.on('message', () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
process.send?.({ url: app.url });
