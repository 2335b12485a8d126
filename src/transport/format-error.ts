import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, type ErrorCode } from '../errors.js';
import { isDatabaseAway } from '../platform/database-away.js';
import type { Logger } from '../platform/log.js';
import { currentTrail, newRequestId } from '../platform/request-trail.js';

/** What users are told of an error. */
export interface PublicError {
  code: ErrorCode;
  message: string;
  /** The input field it is about. */
  field?: string;
  /** Only with INTERNAL_SERVER_ERROR: finds the line in the log. */
  requestId?: string;
}

/** What a request may be refused with beside BAD_USER_INPUT, which stands for whatever else libraries call it. */
const GIVEN_CODES: readonly string[] = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'RATE_LIMITED'];

/** Eleven digits that begin with 7 or 8, in any usual spelling. graphql-js repeats values it refuses in its messages. */
const PHONE = /(?<!\d)\+?[78][ (-]{0,2}\d{3}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;

/**
 * Turns whatever was thrown into what may be shown. Ours speak for themselves; a database that is away is said
 * to be; everything else is a fault of ours: logged once with its cause, and masked.
 */
export function publicError(error: unknown, log: Logger): PublicError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, ...(error.field === undefined ? {} : { field: error.field }) };
  }
  if (isDatabaseAway(error)) {
    log.warn({ err: error }, 'the database did not answer');
    return { code: 'UNAVAILABLE', message: 'The database does not answer just now. Try again in a moment.' };
  }
  const requestId = currentTrail()?.id ?? newRequestId();
  log.error({ err: error, requestId }, 'an operation failed');
  return {
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something went wrong on our side. The log has the details under ${requestId}.`,
    requestId,
  };
}

/** The one place where errors are made presentable, for HTTP and WebSocket alike. */
export function formatGraphQLError(error: unknown, log: Logger): GraphQLFormattedError {
  if (!(error instanceof GraphQLError)) {
    const { message, ...extensions } = publicError(error, log);
    return { message, extensions: { ...extensions } };
  }
  const { locations, path } = error.toJSON();
  const where = { ...(locations && { locations }), ...(path && { path }) };
  if (isAboutTheRequest(error)) {
    const given = error.extensions['code'];
    const code = GIVEN_CODES.find((known) => known === given) ?? 'BAD_USER_INPUT';
    return { message: error.message.replace(PHONE, '[phone]'), ...where, extensions: { code } };
  }
  const { message, ...extensions } = publicError(error.originalError ?? error, log);
  return { message, ...where, extensions: { ...extensions } };
}

/**
 * Errors that graphql-js or Apollo raised about what was asked: syntax, validation, variables, arguments. Most have no
 * error behind them; one that a scalar threw points into the document. Those of resolvers carry a path and the error
 * thrown there; an argument refused at its field carries a path and nothing else. Scalars throw GraphQLErrors too, and when a value of *ours* is refused on the
 * way out, that is a fault of ours.
 */
function isAboutTheRequest(error: GraphQLError): boolean {
  if (error.originalError === undefined) return error.extensions['code'] !== 'INTERNAL_SERVER_ERROR';
  if (error.path !== undefined) return false;
  return error.nodes !== undefined || error.source !== undefined || typeof error.extensions['code'] === 'string';
}
