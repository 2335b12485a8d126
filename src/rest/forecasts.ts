import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseInput } from '../graphql/parse-input.js';
import { askForecast } from '../mailing/ask-forecast.js';
import { ForecastLimit } from '../mailing/forecast.payload.js';
import { mailingSchema, newMailingSchema } from '../mailing/mailing.inputs.js';
import { callOf, idOf } from './resource.js';
import { anyZone, byId, type RestParts } from './rest-api.js';

const counts = { sentCount: z.int(), expiredCount: z.int(), failedCount: z.int(), undecidedCount: z.int() };
const moments = { firstSendAt: z.date().nullable(), lastSendAt: z.date().nullable() };

const zone = z
  .object({ timeZone: z.string(), count: z.int(), ...counts, opensAt: z.date().nullable(), ...moments })
  .meta({ id: 'TimeZoneForecast', graphql: 'TimeZoneForecast' });

/** What is probably a slip. */
export const warning = z
  .object({ field: z.string().nullable(), message: z.string(), code: z.string() })
  .meta({ id: 'Warning', graphql: 'UserError' });

const shown = z
  .object({
    audienceCount: z.int(),
    ...counts,
    ...moments,
    rateLimit: z.int().nullable(),
    limitedBy: z.enum(ForecastLimit).nullable(),
    timeZones: z.array(zone),
    warnings: z.array(warning).describe('What is probably a slip: values of the filter that no client has.'),
  })
  .meta({ id: 'Forecast', graphql: 'MailingForecast' });

const like = newMailingSchema(anyZone)
  .partial({ name: true, text: true })
  .meta({ id: 'MailingLike', graphql: 'MailingInput' });
const change = mailingSchema(anyZone).partial().meta({ id: 'MailingDifference', graphql: 'MailingInput' });

/** `/mailings/forecast` and `/mailings/{id}/forecast`: what would become of a mailing. They change nothing. */
export function addForecasts(api: FastifyInstance, parts: RestParts): void {
  const config = { allow: 'mailings:read' } as const;
  const tags = ['mailings'];
  const forecast = async (request: FastifyRequest, id: string | null) => {
    const body = parseInput(z.looseObject({}), request.body ?? {});
    const found = await askForecast(parts, callOf(request, parts).em, body, id);
    return { ...found.forecast, warnings: found.warnings } as z.output<typeof shown>;
  };

  api.post('/mailings/forecast', {
    config,
    schema: {
      operationId: 'forecastNewMailing',
      summary: 'What would become of a mailing like this',
      tags,
      body: like,
      response: { 200: shown },
    },
    handler: async (request, reply) => reply.send(await forecast(request, null)),
  });

  api.post('/mailings/:id/forecast', {
    config,
    schema: {
      operationId: 'forecastMailing',
      summary: 'What would become of a mailing, or of the rest of one under way, with these changes',
      tags,
      params: byId,
      body: change,
      response: { 200: shown },
    },
    handler: async (request, reply) => reply.send(await forecast(request, idOf(request))),
  });
}
