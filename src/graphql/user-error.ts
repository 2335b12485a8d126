import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { AppError, type ErrorCode } from '../errors.js';
import { InputError } from './parse-input.js';

/** What kind of user error it is. The last two come in `warnings` only. */
export enum UserErrorCode {
  BAD_USER_INPUT = 'BAD_USER_INPUT',
  NOT_FOUND = 'NOT_FOUND',
  CONFLICT = 'CONFLICT',
  UNUSED_VALUE = 'UNUSED_VALUE',
  EMPTY_AUDIENCE = 'EMPTY_AUDIENCE',
}

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What kind of user error it is.',
  valuesConfig: {
    BAD_USER_INPUT: { description: 'A field has a value it cannot have.' },
    NOT_FOUND: { description: 'There is nothing by this id, or no longer.' },
    CONFLICT: { description: 'It does not fit what is there: a status, a revision, something that exists already.' },
    UNUSED_VALUE: { description: 'Warning: no client has this operator code, tag or time zone.' },
    EMPTY_AUDIENCE: { description: 'Warning: the filter matches nobody.' },
  },
});

/** What a person can mend: which field, what is wrong with it, and a word for programs. */
@ObjectType({ description: 'What a person can mend.' })
export class UserError {
  @Field(() => String, {
    nullable: true,
    description: 'The input field it is about, as in `filter.timeZones.0`; null: none in particular.',
  })
  field: string | null;

  @Field(() => String, { description: 'One sentence for people.' })
  message: string;

  @Field(() => UserErrorCode, { description: 'What kind it is, for programs.' })
  code: UserErrorCode;

  constructor(code: UserErrorCode, message: string, field?: string) {
    this.code = code;
    this.message = message;
    this.field = field ?? null;
  }
}

/** Errors a person can mend; any other stays a fault of the request. */
const SHOWN: Partial<Record<ErrorCode, UserErrorCode>> = {
  BAD_USER_INPUT: UserErrorCode.BAD_USER_INPUT,
  NOT_FOUND: UserErrorCode.NOT_FOUND,
  CONFLICT: UserErrorCode.CONFLICT,
};

/**
 * Runs a mutation's work: what a person can mend is an answer, not an error.
 *
 * @returns the work's result, or the user errors that stopped it
 * @throws everything else
 */
export async function answer<T>(work: () => Promise<T>): Promise<{ result: T | null; userErrors: UserError[] }> {
  try {
    return { result: await work(), userErrors: [] };
  } catch (error) {
    const problems = error instanceof InputError ? error.problems : error instanceof AppError ? [error] : [];
    const userErrors = problems.flatMap((problem) => {
      const code = SHOWN[problem.code];
      return code === undefined ? [] : [new UserError(code, problem.message, problem.field)];
    });
    if (userErrors.length === 0) throw error;
    return { result: null, userErrors };
  }
}
