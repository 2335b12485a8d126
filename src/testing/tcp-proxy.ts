import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server that can be cut, on 127.0.0.1. */
export interface TcpProxy {
  port: number;
  /** An address of what is behind it, by way of this line. */
  through(url: string): string;
  /** Drops every connection, and each new one at once, until mend(). */
  cut(): void;
  mend(): void;
  /** Takes everything from both sides and hands nothing on, on every connection, old or new, for good: half-open sockets. */
  swallow(): void;
  /** Lets connections made from now on through again; those that were swallowed stay silent. */
  spit(): void;
  close(): Promise<void>;
}

/** @param target the address of what is behind it, as a URL with a port */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  let silent = false;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      if (silent) socket.resume();
      else socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const { port: own } = server.address() as AddressInfo;
  return {
    port: own,
    through: (url) => Object.assign(new URL(url), { port: String(own) }).href,
    cut() {
      whole = false;
      dropAll();
    },
    mend() {
      whole = true;
    },
    swallow() {
      silent = true;
      for (const socket of sockets) socket.unpipe().resume();
    },
    spit() {
      silent = false;
    },
    async close() {
      server.close();
      dropAll();
      await once(server, 'close');
    },
  };
}
