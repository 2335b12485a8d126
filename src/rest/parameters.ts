import { z } from 'zod';

/**
 * The fields of an input as parameters of an address: what stands there is text, is never null, and a list is one name
 * several times.
 */
export function parameters(shape: Readonly<Record<string, z.ZodType>>) {
  return z.strictObject(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, parameter(field)])));
}

function parameter(field: z.ZodType): z.ZodType {
  const plain = withoutNull(field);
  const wanted = plain instanceof z.ZodArray ? plain.max(MAX_VALUES) : plain;
  const read = z.preprocess((text) => fromText(text, wanted), wanted).optional();
  return field.description === undefined ? read : read.describe(field.description);
}

/** Values of one list: an address that is longer than some 16,000 characters is refused before anybody reads it. */
const MAX_VALUES = 100;

/** Nobody writes null, nor a field that is left out, into an address. */
function withoutNull(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodNullable
    ? withoutNull(field.unwrap() as z.ZodType)
    : field;
}

/** What does not fit stays as it is, for the schema to refuse. */
function fromText(text: unknown, wanted: z.ZodType): unknown {
  if (wanted instanceof z.ZodArray) {
    const texts = Array.isArray(text) ? text : [text];
    return texts.map((each) => fromText(each, wanted.element as z.ZodType));
  }
  if (typeof text !== 'string') return text;
  if (wanted instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  if (wanted instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  return text;
}
