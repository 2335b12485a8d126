import { Pool } from 'undici';

/** Of every program that a bench starts. */
export const TOKEN = 'bench-admin-token';

/** Something that is asked, by GraphQL. */
export interface Question {
  query: string;
  variables?: object;
}

/** Asks one API, one thing after another, over one connection. */
export class Asker {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: 1 });
  }

  /** @returns how long the answer took, ms. @throws Error when there is none, or errors are in it */
  async ask(question: Question): Promise<number> {
    const begun = performance.now();
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(question),
    });
    const text = await body.text();
    const took = performance.now() - begun;
    if (statusCode !== 200 || text.includes('"errors":[')) throw new Error(`the API answered ${statusCode}: ${text}`);
    return took;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** The 95th percentile. @throws Error when there are too few to have one */
export function p95(times: readonly number[]): number {
  if (times.length < 20) throw new Error(`${times.length} values have no 95th percentile`);
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;
}
