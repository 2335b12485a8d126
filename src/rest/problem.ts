import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FileTooLarge } from '../bulk/decode-text.js';
import { AppError, type ErrorCode } from '../errors.js';
import { InputError } from '../graphql/parse-input.js';
import type { Logger } from '../platform/log.js';
import { TooSlow } from '../transport/body-time.js';
import { publicError } from '../transport/format-error.js';
import { asPublic, STATUS } from '../transport/http.js';

/** What is wrong with one field. */
const fieldProblem = z.object({
  field: z.string().nullable().describe('The field it is about, as in `filter.timeZones.0`; null: none in particular.'),
  message: z.string().describe('One sentence for people.'),
  code: z.string().describe('What kind it is, for programs.'),
});

/** An answer that says what went wrong (RFC 9457). */
export const problem = z
  .object({
    type: z.string().describe('Always `about:blank`: the status says what kind of problem it is.'),
    title: z.string().describe('The words that belong to the status.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('One sentence that says what to do.'),
    code: z.string().describe('What kind it is, for programs: the codes of the GraphQL API.'),
    errors: z.array(fieldProblem).describe('Each field that is wrong; empty where it is about none.'),
    requestId: z.string().optional().describe('Only with a fault of ours: finds the line in the log.'),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457).' });
export type Problem = z.output<typeof problem>;

/** Answers with a problem. */
export function refuse(reply: FastifyReply, given: Omit<Problem, 'type' | 'title'>): FastifyReply {
  const { status } = given;
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  if (status === 429 && !reply.hasHeader('retry-after')) reply.header('retry-after', '60');
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send({ type: 'about:blank', title: STATUS_CODES[status], ...given });
}

/** Where a file is taken, and something else comes. */
const NO_FILE = 'The body must be a CSV file as it is, not packed: send `Content-Type: text/csv`.';

/** Makes a problem of whatever was thrown. Faults of ours are logged, and masked. */
export function problemOf(
  error: FastifyError,
  { headers, routeOptions }: FastifyRequest,
  log: Logger,
): Omit<Problem, 'type' | 'title'> {
  if (!(error instanceof AppError) && error.statusCode !== undefined && error.statusCode < 500) {
    const { code, message } = asPublic(error);
    const detail = error.statusCode === 415 && routeOptions.config.takesFile ? NO_FILE : message;
    return { status: error.statusCode, detail, code, errors: [] };
  }
  const { code, message, field, ...rest } = publicError(error, log);
  const found = error instanceof InputError ? error.problems : field === undefined ? [] : [{ field, message, code }];
  const errors = found.map((each) => ({ field: each.field ?? null, message: each.message, code: each.code }));
  const isStale = code === 'CONFLICT' && field === 'revision' && headers['if-match'] !== undefined;
  return { status: isStale ? 412 : statusOf(error, code), detail: message, code, errors, ...rest };
}

/** 400: it is not what the document says; 422: it is, and still can't be. */
function statusOf(error: Error, code: ErrorCode): number {
  if (error instanceof FileTooLarge) return 413;
  if (error instanceof TooSlow) return 408;
  if (code !== 'BAD_USER_INPUT') return STATUS[code];
  return error instanceof InputError && !error.isWellFormed ? 400 : 422;
}
