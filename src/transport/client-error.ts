import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** What Node refuses before there is a request, in the words of somebody who has to mend it. */
const REFUSALS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_INVALID_URL: [400, 'The address has characters that must be percent-encoded, such as letters other than a to z.'],
  HPE_HEADER_OVERFLOW: [431, 'The address and the headers together have more than 16 KB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

/**
 * Answers what never became a request, in the shape of every other error. Nothing of it is repeated or logged: it may hold
 * anything.
 */
export function answerClientError(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket & { _httpMessage?: ServerResponse | null },
): void {
  if (code === 'ECONNRESET' || !socket.writable) return;
  // As Node does it: whoever is in the midst of another answer would take this for a part of it.
  if (socket._httpMessage?.headersSent) return void socket.destroy();
  const [status, message] = REFUSALS[code] ?? [400, 'This is no HTTP request.'];
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
