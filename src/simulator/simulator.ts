import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, type BehaviourInput, behaviourSchema } from './behaviour.js';
import { Control } from './control.js';
import { Gateway, SEND_PATH } from './gateway.js';
import { Ledger } from './ledger.js';

/** What a simulator starts with. */
export interface SimulatorOptions {
  /** Address to listen on; 127.0.0.1 if not said. Whoever reaches it can steer it, too. */
  host?: string | undefined;
  /** TCP port; a free one if not said. */
  port?: number | undefined;
  /** JSON lines (ledger-entry.ts); made when missing, gone on with when not. */
  ledgerFile: string;
  behaviour?: BehaviourInput | undefined;
  /** The bearer token that requests must carry; anything goes if not said. */
  token?: string | undefined;
}

/** A gateway to try things against, in this process. */
export interface Simulator {
  /** Base address for `GATEWAY_URL`; answers `/simulator/*` and `/health` too. */
  readonly url: string;
  /** Another address for `/simulator/*` and `/health`, which answers also while the gateway is down. */
  readonly controlUrl: string;
  /** Replaces the whole behaviour: what is left out takes its default. @throws ZodError on wrong data */
  behave(behaviour: BehaviourInput): Promise<void>;
  /** Breaks all connections and closes the ledger. */
  close(): Promise<void>;
}

/**
 * Starts the gateway simulator.
 *
 * @throws ZodError on a wrong behaviour; what Node throws when the port is taken or the ledger can't be written; Error
 *   when the ledger can't be read back
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const behaviour = behaviourSchema.parse(options.behaviour ?? {});
  const ledger = await Ledger.open(options.ledgerFile);
  try {
    const simulator = new RunningSimulator(options, behaviour, ledger);
    await simulator.start();
    return simulator;
  } catch (error) {
    ledger.close();
    throw error;
  }
}

class RunningSimulator implements Simulator {
  #behaviour: Behaviour;
  readonly #host: string;
  #port: number;
  #closed = false;
  readonly #ledger: Ledger;
  readonly #gateway: Gateway;
  readonly #door: Server;
  readonly #controlDoor: Server;

  constructor(options: SimulatorOptions, behaviour: Behaviour, ledger: Ledger) {
    this.#behaviour = behaviour;
    this.#host = options.host ?? '127.0.0.1';
    this.#port = options.port ?? 0;
    this.#ledger = ledger;
    this.#gateway = new Gateway(ledger, options.token ?? null, behaviour);
    const { ledgerFile } = options;
    const control = new Control({
      ledger,
      ledgerFile,
      behaviour: () => this.#behaviour,
      behave: (changed) => this.#behave(changed),
    });
    const steer: RequestListener = (request, response) =>
      void control.handle(request, response).catch(() => response.destroy());
    this.#door = openDoor((request, response) => {
      if (request.method === 'POST' && request.url!.startsWith(SEND_PATH)) this.#gateway.handle(request, response);
      else steer(request, response);
    });
    this.#controlDoor = openDoor(steer);
  }

  get url(): string {
    return `http://${this.#host}:${this.#port}`;
  }

  get controlUrl(): string {
    return `http://127.0.0.1:${portOf(this.#controlDoor)}`;
  }

  async start(): Promise<void> {
    await listen(this.#controlDoor, 0, '127.0.0.1');
    try {
      await listen(this.#door, this.#port, this.#host);
    } catch (error) {
      this.#controlDoor.close();
      throw error;
    }
    this.#port = portOf(this.#door);
    await this.#openOrShut();
  }

  async behave(behaviour: BehaviourInput): Promise<void> {
    await this.#behave(behaviourSchema.parse(behaviour));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#gateway.close();
    await Promise.all([shut(this.#door), shut(this.#controlDoor)]);
    this.#ledger.close();
  }

  async #behave(behaviour: Behaviour): Promise<void> {
    this.#behaviour = behaviour;
    this.#gateway.behave(behaviour);
    await this.#openOrShut();
  }

  async #openOrShut(): Promise<void> {
    const open = this.#behaviour.down !== 'refuse';
    if (open && !this.#door.listening) await listen(this.#door, this.#port, this.#host);
    if (!open && this.#door.listening) {
      // Whoever asked for this over the gateway's own port still gets the answer.
      this.#door.close();
      this.#door.closeIdleConnections();
    }
  }
}

/** Without any time-out of Node's own: a connection that our pool keeps must not break by itself. */
function openDoor(listener: RequestListener): Server {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true }, listener);
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function shut(server: Server): Promise<void> {
  const closed = server.listening ? once(server, 'close') : undefined;
  server.close();
  server.closeAllConnections();
  await closed;
}
