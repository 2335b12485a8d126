import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Actor } from '../access/actor.js';
import { formatGraphQLError } from './format-error.js';
import { type GraphQLOptions, MAX_TOKENS } from './graphql.js';
import { refuseExpensive, refuseRepetitive } from './operation-limits.js';
import { Subscriber } from './subscribe.js';

/** Bytes of what asks for an operation: its variables are kept for as long as it goes on. */
export const MAX_PAYLOAD = 64 * 1024;
/** Operations at the same time: on one socket, or as event streams of one token or session. */
export const MAX_OPERATIONS = 100;

/** An operation as it was asked for. */
export type Asked = Pick<SubscribePayload, 'query' | 'operationName' | 'variables'>;

/** What operations on open connections have in common, be they WebSockets or event streams. */
export class LiveOperations {
  readonly subscriber: Subscriber;

  constructor(private readonly options: GraphQLOptions) {
    this.subscriber = new Subscriber(({ actor, ip }) => options.context(actor, ip));
  }

  /** What is to be executed, or why it is not. */
  prepare({ query, operationName, variables }: Asked, actor: Actor, ip: string | null): ExecutionArgs | GraphQLError[] {
    const { schema, context, introspection } = this.options;
    try {
      const document = parse(query, { maxTokens: MAX_TOKENS });
      const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
      const errors = validate(schema, document, rules);
      if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
      const operation = getOperationAST(document, operationName);
      const asked = operation && { schema, document, operation, variables };
      const refused = refuseRepetitive(document) ?? (asked && refuseExpensive(asked));
      if (refused) return [refused];
      return {
        schema,
        document,
        operationName: operationName ?? null,
        variableValues: variables ?? null,
        contextValue: context(actor, ip),
      };
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
      throw error;
    }
  }

  /** A result as it may be shown: over HTTP, Apollo has its errors formatted likewise. */
  shown<R extends { errors?: readonly unknown[] | undefined }>({ errors, ...result }: R): FormattedExecutionResult {
    const { log } = this.options;
    return { ...result, ...(errors && { errors: errors.map((error) => formatGraphQLError(error, log)) }) };
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  return error;
}
