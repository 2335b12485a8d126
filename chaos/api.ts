/** For scripts of this machine, for as long as a run lasts. */
export const ADMIN_TOKEN = 'chaos-admin-token';
/** How long an answer may take, ms: longer than the API itself gives the database. */
const ANSWER_MS = 30_000;

interface GraphQLAnswer<T> {
  data?: T;
  errors?: { message: string; extensions: { code: string } }[];
}

/** The API over HTTP, which may be away, and says so. */
export class Api {
  /** Operations that got an answer, and those that did not because the API or its database was away. */
  readonly count = { answered: 0, away: 0 };

  /** @param complain told of every answer that is neither what was asked for nor a clear "not now" */
  constructor(
    private readonly url: string,
    private readonly complain: (complaint: string) => void,
  ) {}

  /** One operation with one field, called `it`. @returns null when the API is away, which it may be */
  async ask<T>(operation: string, variables: object = {}): Promise<T | null> {
    const answer = await this.#post<{ it: T }>(JSON.stringify({ query: operation, variables }));
    const [error] = answer?.errors ?? [];
    if (error && error.extensions.code !== 'UNAVAILABLE') {
      this.complain(`the API answered ${error.extensions.code}: ${error.message}`);
    }
    const told = error === undefined ? answer?.data?.it : undefined;
    this.count[told === undefined ? 'away' : 'answered'] += 1;
    return told ?? null;
  }

  async #post<T>(body: string): Promise<GraphQLAnswer<T> | null> {
    try {
      const response = await fetch(`${this.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return (await response.json()) as GraphQLAnswer<T>;
    } catch {
      return null;
    }
  }
}
