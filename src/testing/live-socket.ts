import { WebSocket } from 'ws';
import { ADMIN_TOKEN } from './running-api.js';

/** What a server says on a WebSocket, message by message, without a client library in between. */
export class LiveSocket {
  readonly #received: Message[] = [];
  readonly #closed: Promise<{ code: number; reason: string }>;
  #wake = () => {};
  #over = false;
  readonly socket: WebSocket;

  constructor(url: string, options: { headers?: Record<string, string>; protocol?: string } = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, options.protocol ?? 'graphql-transport-ws', {
      headers: options.headers ?? {},
    });
    this.socket.on('message', (data) => {
      this.#received.push(JSON.parse(String(data)));
      this.#wake();
    });
    this.#closed = new Promise((resolve) => {
      this.socket.on('error', () => {});
      this.socket.once('close', (code, reason) => {
        this.#over = true;
        this.#wake();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  /** Opened, and let in with a bearer token; as admin when none is given. */
  static async admitted(url: string, token = ADMIN_TOKEN): Promise<LiveSocket> {
    const live = new LiveSocket(url);
    await live.opened();
    live.say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    const { type } = await live.next();
    if (type !== 'connection_ack') throw new Error(`not let in: ${type}`);
    return live;
  }

  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.OPEN) return;
    await new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.say({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** The next message that was not taken yet; of one operation when an id is given. */
  async next(id?: string): Promise<Message> {
    for (;;) {
      const place = this.#received.findIndex((message) => id === undefined || message.id === id);
      const [message] = place === -1 ? [] : this.#received.splice(place, 1);
      if (message) return message;
      if (this.#over) throw new Error('the socket was closed');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the server, or we, closed it. */
  closed(): Promise<{ code: number; reason: string }> {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.#closed;
  }
}

export interface Message {
  type: string;
  id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  payload?: any;
}
