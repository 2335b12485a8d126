/** What went wrong, in the words an API client can act on. GraphQL shows it as `extensions.code` or a user error's `code`. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/**
 * An error whose message may be shown to whoever asked: no phone number, no SQL, no secret in it.
 * Everything else that is thrown is a fault of ours and reaches users masked.
 */
export class AppError extends Error {
  override readonly name = 'AppError';

  /**
   * @param code what kind of error it is
   * @param message one sentence that says what to do
   * @param field the input field it is about, as the caller spelled it: `endsAt`, `filter.timeZones.0`
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}
