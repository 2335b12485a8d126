import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { parseInput, trimmedLine } from '../graphql/parse-input.js';
import type { Role } from './permission.js';
import { RoleName } from './user-account.js';

/** RFC 5321 §4.5.3.1.3, less the angle brackets. */
const MAX_EMAIL = 254;
/** Of the name that others see, characters. */
export const MAX_NAME = 100;
/** Longer ones are no password, and not worth hashing. */
const MAX_PASSWORD_INPUT = 1_000;

/** An e-mail, as it is stored: in small letters. */
export const email = z
  .string()
  .max(MAX_EMAIL)
  // Others might become one of these in small letters: the Kelvin sign a k, and the e-mail somebody else's.
  .regex(/^\p{ASCII}*$/u, 'must be an e-mail address')
  .trim()
  .toLowerCase()
  .pipe(z.email('must be an e-mail address'));

/** A password as it was typed; whether it is good enough is another question (password.ts). */
export const password = z.string().min(1).max(MAX_PASSWORD_INPUT);

@InputType({ description: 'Somebody who is to get an account.' })
export class UserInviteInput {
  @Field(() => String, { description: 'What this person will sign in with; capital letters make no difference.' })
  email!: string;

  @Field(() => String, { description: 'As others will see this person; up to 100 characters on one line.' })
  name!: string;

  @Field(() => RoleName, { description: 'What this person may do.' })
  role!: Role;
}

@InputType({ description: 'What to change about a user; what is left out stays.' })
export class UserUpdateInput {
  @Field(() => String, { nullable: true, description: 'As others see this person; up to 100 characters on one line.' })
  name?: string | null;

  @Field(() => RoleName, { nullable: true, description: 'What this person may do, from the next request on.' })
  role?: Role | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: this person may not sign in any more, and every session of theirs is over. False: may again.',
  })
  disabled?: boolean | null;
}

const name = trimmedLine(MAX_NAME);
const role = z.enum(Object.values(RoleName), 'must be VIEWER, OPERATOR or ADMIN');

/** Somebody who is to get an account, checked. */
export type NewUser = ReturnType<typeof parseNewUser>;

/** @throws InputError that names each wrong field */
export function parseNewUser(input: unknown) {
  return parseInput(z.strictObject({ email, name, role }), input);
}

/** What to change about a user, checked; null and left out mean the same. */
export type UserChanges = ReturnType<typeof parseUserChanges>;

/** @throws InputError that names each wrong field */
export function parseUserChanges(input: unknown) {
  return parseInput(
    z.strictObject({ name: name.nullish(), role: role.nullish(), disabled: z.boolean().nullish() }),
    input,
  );
}
