import type { WebSocket } from 'ws';
import type { Logger } from '../platform/log.js';

/** A socket is asked so often whether it is still there, ms; one that does not answer until the next time is cut off. */
const PING_EVERY = 12_000;
/** Bytes. With more than that on its way to a client, nothing further is read from it: answers are asked for by messages. */
const BACKLOG = 256 * 1024;
/** How often a socket with a backlog is looked at, ms. */
const LOOK_EVERY = 50;

/**
 * The part of a socket that graphql-ws speaks to, over one of ws. It is what `graphql-ws/use/ws` does, with our log, and with
 * backpressure in both directions: `send` resolves once the operating system has taken the data, and a client that does
 * not read its answers is not listened to. So one that never reads costs one event per subscription and no more.
 *
 * @param onMessage set by graphql-ws; resolves when the operation that the message began is over
 */
export function wireSocket(socket: WebSocket, log: Logger) {
  let answered = true;
  let backlog = 0;
  const pinging = setInterval(() => {
    // Behind a slow line the answer waits for what is under way before it; as long as that shrinks, somebody is there.
    if (!answered && socket.bufferedAmount >= backlog) return socket.terminate();
    answered = false;
    backlog = socket.bufferedAmount;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_EVERY);
  let draining: NodeJS.Timeout | undefined;
  socket.on('pong', () => {
    answered = true;
  });
  // A frame that is too large, not UTF-8, or out of protocol: ws closes with 1009, 1007 or 1002 by itself.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket broke the protocol'));
  socket.on('close', () => {
    clearInterval(pinging);
    clearInterval(draining);
  });
  const holdBack = () => {
    if (draining !== undefined || socket.bufferedAmount <= BACKLOG || socket.readyState !== socket.OPEN) return;
    socket.pause();
    draining = setInterval(() => {
      if (socket.bufferedAmount > BACKLOG) return;
      clearInterval(draining);
      draining = undefined;
      socket.resume();
    }, LOOK_EVERY);
  };
  return {
    protocol: socket.protocol,
    send: (data: string) =>
      new Promise<void>((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        // An error means that the socket is gone: `close` ends its operations.
        socket.send(data, () => resolve());
        holdBack();
      }),
    close: (code?: number, reason?: string) => socket.close(code, reason),
    onMessage: (listener: (data: string) => Promise<void>) => {
      socket.on('message', (data) => {
        listener(String(data)).catch((error: unknown) => {
          log.error({ err: error }, 'a message on a WebSocket could not be handled');
          socket.close(4500, 'Internal server error');
        });
      });
    },
  };
}
