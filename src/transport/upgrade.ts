import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../errors.js';

/** A refused peer may take so long to read why, ms. */
const REFUSED_WITHIN = 1_000;

/**
 * Whether a request wants to become a WebSocket. Any other upgrade is only an offer, which RFC 9110 §7.8 lets a server
 * pass over: Java's HttpClient and `curl --http2` send `Upgrade: h2c` with plain requests, and read plain answers.
 */
export function isWebSocketUpgrade({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Answers an upgrade with an error. The connection is over with that, whether the peer ends its half or not. */
export function refuseUpgrade(socket: Duplex, status: string, code: ErrorCode): void {
  const body = JSON.stringify({ errors: [{ message: 'This WebSocket is refused.', extensions: { code } }] });
  const late = setTimeout(() => socket.destroy(), REFUSED_WITHIN);
  socket.once('close', () => clearTimeout(late));
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
