import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How a line treats what goes over it:
 *
 * - `whole`: passes everything on
 * - `cut`: breaks every connection, and each new one at once
 * - `half-open`: swallows everything, and tells nobody; what was swallowed from breaks when the line is mended
 * - `drip`: passes everything on, a few bytes at a time
 */
export type Manner = 'whole' | 'cut' | 'half-open' | 'drip';

/** Drops of a dripping line: so many bytes every so many ms. A request of ours takes about half a second. */
const DROP = { bytes: 16, everyMs: 25 };

/** A line to a server on 127.0.0.1 that can break in the ways in which networks do. */
export class Line {
  #manner: Manner = 'whole';
  readonly #target: URL;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer({ noDelay: true }, (near) => this.#accept(near));
  }

  /** @param target the address of what is behind it, as a URL with a port */
  static async open(target: string): Promise<Line> {
    const line = new Line(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  /** The target's address, by way of this line. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  behave(manner: Manner): void {
    this.#manner = manner;
    for (const connection of this.#connections) {
      if (manner === 'cut' || connection.lossy) connection.break();
      else connection.manner = manner;
    }
  }

  /** Resets every connection there is; new ones are let through. */
  reset(): void {
    for (const connection of this.#connections) connection.break();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.reset();
    await once(this.#server, 'close');
  }

  #accept(near: Socket): void {
    if (this.#manner === 'cut') {
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: Number(this.#target.port), host: this.#target.hostname, noDelay: true });
    const connection = new Connection(near, far, this.#manner);
    this.#connections.add(connection);
    near.once('close', () => this.#connections.delete(connection));
  }
}

/** Both halves of one connection. */
class Connection {
  /** Bytes are missing: it can never be whole again. */
  lossy = false;

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    public manner: Manner,
  ) {
    this.#carry(near, far);
    this.#carry(far, near);
  }

  break(): void {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
  }

  /** Whoever hangs up takes what has not arrived yet with it: nothing comes out of a line later than it was wanted. */
  #carry(from: Socket, to: Socket): void {
    let arrived = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (this.manner === 'whole' && !this.#dripping) {
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      } else if (this.manner === 'half-open') this.lossy = true;
      else arrived = arrived.then(() => this.#drip(chunk, to));
    });
    from.on('end', () => void arrived.then(() => to.end()));
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  }

  /** Chunks that still drip, of either half. */
  #dripping = 0;

  async #drip(chunk: Buffer, to: Socket): Promise<void> {
    this.#dripping += 1;
    for (let sent = 0; sent < chunk.length && !to.destroyed; sent += DROP.bytes) {
      to.write(chunk.subarray(sent, sent + DROP.bytes));
      if (this.manner === 'drip') await sleep(DROP.everyMs);
    }
    this.#dripping -= 1;
  }
}
