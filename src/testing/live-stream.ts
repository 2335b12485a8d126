import { type IncomingMessage, request } from 'node:http';
import { ADMIN_TOKEN } from './running-api.js';

/** An event stream as it comes, event by event and no faster than it is asked for, without a client library in between. */
export class LiveStream {
  readonly #events: AsyncGenerator<StreamEvent, void, void>;
  /** Comments that came so far: signs of life. */
  beats = 0;

  private constructor(readonly response: IncomingMessage) {
    this.#events = this.#read();
  }

  /** Asks for one by POST, as admin unless other headers are given. */
  static async open(
    url: string,
    query: string,
    variables: object = {},
    headers: Record<string, string> = { authorization: `Bearer ${ADMIN_TOKEN}` },
  ): Promise<LiveStream> {
    const asking = request(`${url}/graphql/stream`, {
      method: 'POST',
      agent: false,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    });
    asking.end(JSON.stringify({ query, variables }));
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      asking.once('response', resolve).on('error', reject),
    );
    return new LiveStream(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  /** The next event; `cut` once the connection was cut, `end` when the answer was at its end. */
  async next(): Promise<StreamEvent> {
    try {
      const { value, done } = await this.#events.next();
      return done ? { event: 'end' } : value;
    } catch {
      return { event: 'cut' };
    }
  }

  /** The data of the next event, which must be one. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  async data(): Promise<any> {
    const { event, data } = await this.next();
    if (event !== 'next' || data.errors) throw new Error(`no event: ${event} ${JSON.stringify(data)}`);
    return data.data;
  }

  close(): void {
    this.response.destroy();
  }

  async *#read(): AsyncGenerator<StreamEvent, void, void> {
    let pieces: string[] = [];
    for await (const piece of this.response.setEncoding('utf8')) {
      pieces.push(piece);
      // Nothing ends in the middle of a long one.
      if (!piece.endsWith('\n')) continue;
      const blocks = pieces.join('').split('\n\n');
      pieces = blocks.splice(-1);
      for (const block of blocks) {
        const [, event, data = ''] = /^event: (next|complete)\ndata: (.*)$/.exec(block) ?? [];
        if (block === ':') this.beats += 1;
        else if (event === undefined) throw new Error(`no event: ${block}`);
        else yield { event, data: data === '' ? undefined : JSON.parse(data) };
      }
    }
  }
}

export interface StreamEvent {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  data?: any;
}
