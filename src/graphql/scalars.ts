import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/**
 * Scalars that say what a string means. On the way in they only make sure that it is a string: the zod schema of the
 * input checks the rest, so that a wrong value is a user error with its field and not a fault of the whole request.
 */
function stringScalar(options: {
  name: string;
  description: string;
  specifiedByURL?: string;
  /** Takes a number as well: people write phones so. */
  numbers?: boolean;
  serialize: (value: unknown) => string;
}): GraphQLScalarType<string, string> {
  const refuse = () =>
    new GraphQLError(`${options.name} must be a string.`, { extensions: { code: 'BAD_USER_INPUT' } });
  return new GraphQLScalarType<string, string>({
    name: options.name,
    description: options.description,
    ...(options.specifiedByURL === undefined ? {} : { specifiedByURL: options.specifiedByURL }),
    serialize: options.serialize,
    parseValue(value) {
      if (typeof value === 'string') return value;
      if (options.numbers && typeof value === 'number') return String(value);
      throw refuse();
    },
    parseLiteral(node: ValueNode) {
      if (node.kind === Kind.STRING || (options.numbers && node.kind === Kind.INT)) return node.value;
      throw refuse();
    },
  });
}

/** A moment; leaves as UTC with milliseconds. */
export const DateTime = stringScalar({
  name: 'DateTime',
  description: 'A moment with its offset, as RFC 3339 has it: `2026-11-21T09:00:00Z`, `2026-11-21T12:00:00+03:00`.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339',
  serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
});

/** PostgreSQL's `time` comes with seconds; they are shown only where they say something. */
export const LocalTime = stringScalar({
  name: 'LocalTime',
  description: 'A time on a wall clock, whatever the zone: `09:00`, `21:30:15`.',
  serialize: (value) => String(value).replace(/^(\d\d:\d\d):00$/, '$1'),
});

export const TimeZone = stringScalar({
  name: 'TimeZone',
  description: 'The name of a time zone in the IANA database: `Asia/Yekaterinburg`.',
  specifiedByURL: 'https://www.iana.org/time-zones',
  serialize: String,
});

export const PhoneNumber = stringScalar({
  name: 'PhoneNumber',
  description: 'Eleven digits that begin with 7: `79161234567`. Usual spellings such as `8 (916) 123-45-67` are taken.',
  numbers: true,
  serialize: String,
});
