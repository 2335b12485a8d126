import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A letter as a mail server got it. */
export interface ReceivedLetter {
  from: string;
  to: string[];
  /** Headers and body, as they came. */
  raw: string;
}

/** A mail server of the tests' own, which takes everything and delivers nothing. */
export interface MailServer {
  url: string;
  letters: ReceivedLetter[];
  /** How many letters were begun: whoever sent them had the leave to. */
  readonly begun: number;
  close(): Promise<void>;
}

/** How a mail server is to be wrong. */
export interface MailServerOptions {
  /** A free one when left out. */
  port?: number;
  /** The answer to a recipient; undefined: it is taken. */
  refuse?: (recipient: string) => number | undefined;
  /** Awaited before the answer to a letter that has arrived. */
  beforeAnswer?: () => Promise<void>;
}

export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const letters: ReceivedLetter[] = [];
  let begun = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      const responseCode = options.refuse?.(address);
      if (responseCode === undefined) done();
      else done(Object.assign(new Error(`No ${address} here`), { responseCode }));
    },
    onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope;
      begun += 1;
      text(stream)
        .then(async (raw) => {
          letters.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw,
          });
          await options.beforeAnswer?.();
          done();
        })
        .catch(done);
    },
  });
  // A client that is killed leaves its connection in disorder.
  server.on('error', () => {});
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    get begun() {
      return begun;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
