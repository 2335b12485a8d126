import { z } from 'zod';
import { maskPhone, maskPhonesWithin } from '../access/mask-phone.js';

/** Fields that hold no words of anybody's, though eleven digits of them may look like a phone. */
const NUMBERS = ['id', 'mailingId', 'clientId', 'version', 'prefix', 'secret'];

/**
 * An answer as those see it who may not see phones: in every text, be it a phone or one that holds a phone. The words of a
 * mailing were written for everybody and stay; those of a message are one person's.
 *
 * @param schema what the answer is an answer of
 */
export function masked(schema: unknown, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return masked(schema.unwrap(), value);
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((entry) => masked(schema.element, entry));
  if (!(schema instanceof z.ZodObject)) return schema instanceof z.ZodEnum ? value : maskPhonesWithin(value);
  const publicWords = schema.meta()?.['graphql'] === 'Mailing' ? ['text'] : [];
  const field = ([name, type]: [string, unknown]) => {
    const given = (value as Record<string, unknown>)[name];
    if (NUMBERS.includes(name) || publicWords.includes(name)) return [name, given];
    return [name, name === 'phone' ? maskPhone(String(given)) : masked(type, given)];
  };
  return Object.fromEntries(Object.entries(schema.shape).map(field));
}
