import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Behaviour, behaviourSchema } from './behaviour.js';
import type { Ledger } from './ledger.js';

/** What the steering wheel turns. */
export interface ControlOptions {
  ledger: Ledger;
  ledgerFile: string;
  behaviour(): Behaviour;
  /** Resolves once the new behaviour holds for every further request. */
  behave(behaviour: Behaviour): Promise<void>;
}

/** Names under which a simulator on this machine is asked; any other means that a web page tries to reach it. */
const HERE = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Reads and steers the simulator over HTTP: `/health`, `/simulator/behaviour` (GET, PUT), `/simulator/totals`,
 * `/simulator/ledger?from=<byte>`.
 */
export class Control {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
    const { ledger, behaviour } = this.#options;
    if (!HERE.test(request.headers.host ?? '')) return say(response, 403, { error: 'ask for it by 127.0.0.1' });
    switch (`${request.method} ${pathname}`) {
      case 'GET /health':
        return say(response, 200, { status: 'ok' });
      case 'GET /simulator/totals':
        ledger.flush();
        return say(response, 200, ledger.totals());
      case 'GET /simulator/behaviour':
        return say(response, 200, behaviour());
      case 'PUT /simulator/behaviour':
        return await this.#change(request, response);
      case 'GET /simulator/ledger':
        return this.#sendLedger(response, searchParams.get('from') ?? '0');
      default:
        return say(response, 404, { error: 'there is nothing at this address' });
    }
  }

  async #change(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let given: unknown;
    try {
      given = JSON.parse(await text(request));
    } catch {
      return say(response, 400, { error: 'the body is no JSON' });
    }
    const { data, error } = behaviourSchema.safeParse(given);
    if (!data)
      return say(response, 400, { error: error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') });
    await this.#options.behave(data);
    return say(response, 200, data);
  }

  #sendLedger(response: ServerResponse, from: string): void {
    const { ledger, ledgerFile } = this.#options;
    ledger.flush();
    const { bytes } = ledger.totals();
    const start = Number(from);
    if (!/^\d+$/.test(from) || start > bytes) {
      say(response, 400, { error: `from must be a byte from 0 to ${bytes}` });
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'content-length': bytes - start,
      'x-ledger-bytes': bytes,
    });
    if (start === bytes) response.end();
    else
      createReadStream(ledgerFile, { start, end: bytes - 1 })
        .on('error', () => response.destroy())
        .pipe(response);
  }
}

function say(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
