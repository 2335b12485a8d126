import type { TestApi } from './api.js';

/** As the API tells it. */
export interface UserErrorNode {
  field: string | null;
  message: string;
  code: string;
}

export interface ClientNode {
  id: string;
  phone: string;
  operatorCode: string;
  tags: string[];
  timeZone: string;
  localTime: string | null;
  attributes: Record<string, unknown>;
  optedOutAt: string | null;
  updatedAt: string;
  revision: number;
}

export interface ClientAnswer {
  client: ClientNode | null;
  userErrors: UserErrorNode[];
}

export interface MailingNode {
  id: string;
  name: string;
  text: string;
  filter: object;
  startsAt: string;
  endsAt: string;
  allowedFrom: string | null;
  allowedTo: string | null;
  weekdays: number[] | null;
  rateLimit: number | null;
  status: string;
  revision: number;
  finishedAt: string | null;
  events: { kind: string; by: string; at: string; details: Record<string, unknown> }[];
}

export interface MailingAnswer {
  mailing: MailingNode | null;
  audienceCount: number | null;
  warnings: UserErrorNode[];
  userErrors: UserErrorNode[];
}

/** Steps of a mailing, as in `mailingStart`. */
export const STEPS = ['Schedule', 'Start', 'Pause', 'Resume', 'Cancel', 'Delete'] as const;
export type StepName = (typeof STEPS)[number];

export const CLIENT_FIELDS =
  'id phone operatorCode tags timeZone localTime attributes optedOutAt createdAt updatedAt revision';
const MAILING_FIELDS = `id name text filter { operatorCodes tagsAny tagsAll timeZones } startsAt endsAt allowedFrom
  allowedTo weekdays rateLimit maxAttempts unknownOutcome channel status revision createdAt launchedAt finishedAt
  events(first: 100) { edges { node { kind by at details } } }`;
const ERRORS = 'userErrors { field message code }';
const CLIENT = `{ client { ${CLIENT_FIELDS} } ${ERRORS} }`;
const MAILING = `{ mailing { ${MAILING_FIELDS} } audienceCount warnings { field message code } ${ERRORS} }`;

/** The mutations of clients and mailings, each with everything it can answer. */
export class ApiCalls {
  constructor(private readonly api: Pick<TestApi, 'run'>) {}

  async createClient(input: object): Promise<ClientAnswer> {
    return await this.#only(`mutation ($input: ClientInput!) { it: clientCreate(input: $input) ${CLIENT} }`, { input });
  }

  async updateClient(id: string, input: object): Promise<ClientAnswer> {
    const mutation = `mutation ($id: ID!, $input: ClientInput!) { it: clientUpdate(id: $id, input: $input) ${CLIENT} }`;
    return await this.#only(mutation, { id, input });
  }

  async deleteClient(id: string): Promise<ClientAnswer> {
    return await this.#only(`mutation ($id: ID!) { it: clientDelete(id: $id) ${CLIENT} }`, { id });
  }

  async createMailing(input: object, draft = false): Promise<MailingAnswer> {
    const mutation = `mutation ($input: MailingInput!, $draft: Boolean!) { it: mailingCreate(input: $input, draft: $draft) ${MAILING} }`;
    return await this.#only(mutation, { input, draft });
  }

  async updateMailing(id: string, input: object): Promise<MailingAnswer> {
    const mutation = `mutation ($id: ID!, $input: MailingInput!) { it: mailingUpdate(id: $id, input: $input) ${MAILING} }`;
    return await this.#only(mutation, { id, input });
  }

  /** @param revision that it is meant for; null: whichever there is */
  async take(step: StepName, id: string, revision: number | null = null): Promise<MailingAnswer> {
    const document = `mutation ($id: ID!, $revision: Int) { it: mailing${step}(id: $id, revision: $revision) ${MAILING} }`;
    return await this.#only(document, { id, revision });
  }

  async mailing(id: string): Promise<MailingNode> {
    return await this.#only(`query ($id: ID!) { it: mailing(id: $id) { ${MAILING_FIELDS} } }`, { id });
  }

  /** Gives what the one field answers, with the connection of events as the list it holds. */
  async #only<T>(operation: string, variables: Record<string, unknown>): Promise<T> {
    const { it } = await this.api.run<{ it: T }>(operation, variables);
    return JSON.parse(JSON.stringify(it), (key, value) =>
      key === 'events' ? value.edges.map(({ node }: { node: unknown }) => node) : value,
    );
  }
}

/** A moment that many hours from now, as the API takes it. */
export function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

/** A mailing that starts in an hour and ends in two. */
export function campaign<T extends object>(more?: T) {
  return { name: 'Autumn', text: 'Hello!', startsAt: inHours(1), endsAt: inHours(2), ...more };
}
