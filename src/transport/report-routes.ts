import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TooManyTries } from '../access/sign-in-limits.js';
import { parseInput } from '../graphql/parse-input.js';
import { openReport, type ReportParts } from '../report/open-report.js';

/** Bytes. A secret is far below. */
const BODY_LIMIT = 1_024;

const asked = z.strictObject({ secret: z.string().max(100, 'is no link') });

/**
 * `POST /report` with `{"secret": …}`: the report of one mailing for whoever has a link to it. The secret comes in the body, as
 * an address is written down by every proxy on the way. It is no field of GraphQL: nothing of that is open to strangers.
 */
export function addReportRoute(app: FastifyInstance, parts: () => ReportParts): void {
  app.post('/report', { bodyLimit: BODY_LIMIT, config: { allow: 'everyone' } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { secret } = parseInput(asked, request.body);
    try {
      return await openReport(parts(), secret, request.ip);
    } catch (error) {
      if (error instanceof TooManyTries) reply.header('retry-after', error.retryAfter);
      throw error;
    }
  });
}
