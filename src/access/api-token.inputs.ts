import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { moment } from '../graphql/moments.js';
import { parseInput, trimmedLine } from '../graphql/parse-input.js';
import { DateTime } from '../graphql/scalars.js';
import { ALL_PERMISSIONS, type Permission, PermissionName } from './permission.js';

@InputType({ description: 'A token to be made.' })
export class TokenInput {
  @Field(() => String, { description: 'What it is for, up to 100 characters on one line.' })
  name!: string;

  @Field(() => [PermissionName], {
    description: 'What it may do: permissions of yours, at least one. It never may do more than you may by then.',
  })
  scopes!: Permission[];

  @Field(() => DateTime, { nullable: true, description: 'Until when it holds; left out or null: until it is revoked.' })
  expiresAt?: Date | string | null;
}

/** A token to be made, as it is sent. */
export const tokenSchema = z.strictObject({
  name: trimmedLine(100),
  scopes: z
    .array(z.enum(ALL_PERMISSIONS))
    .min(1)
    .transform((scopes) => ALL_PERMISSIONS.filter((permission) => scopes.includes(permission))),
  expiresAt: moment.refine((at) => at > new Date(), 'must be in the future').nullish(),
});

/** A token to be made, checked. */
export type NewToken = ReturnType<typeof parseNewToken>;

/** @throws InputError that names each wrong field */
export function parseNewToken(input: unknown) {
  const { expiresAt, ...given } = parseInput(tokenSchema, input);
  return { ...given, expiresAt: expiresAt ?? null };
}
