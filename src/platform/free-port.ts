import { createServer } from 'node:net';
import { AppError } from '../errors.js';

/**
 * Opens a port and closes it again.
 * @param port 0 for any free one
 * @returns the port
 * @throws AppError CONFLICT or UNAVAILABLE, saying on one line why it can't be opened
 */
export function tryPort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(explainPort(error, port, host)));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

/** Why a port can't be opened, on one line for whoever starts the program. */
export function explainPort(error: NodeJS.ErrnoException, port: number, host: string): AppError {
  if (error.code === 'EADDRINUSE') {
    return new AppError('CONFLICT', `Port ${port} on ${host} is taken by another program: stop that one, or set PORT.`);
  }
  return new AppError('UNAVAILABLE', `Port ${port} on ${host} can't be opened (${error.code}): set PORT and HOST.`);
}
