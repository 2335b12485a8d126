import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, pickByWeight, type Random, seeded } from '../src/testing/seeded.js';
import type { Api } from './api.js';
import { drawCampaign, type Times } from './campaigns.js';
import { CLIENTS, ZONES } from './clients.js';

/** Between two acts, ms. */
const PAUSE = { least: 50, most: 500 };
/** Of the mailings made last so many are acted on. */
const RECENT = 12;
/** How often something that must be done is tried while the API is away, ms. */
const AGAIN_MS = 500;

/** What a mutation answers; a user error (a step that the status does not allow) is an answer like any other. */
interface Answer {
  mailing?: { id: string } | null;
  userErrors: { message: string }[];
}

/**
 * Uses the program as people would who are in a hurry: makes mailings at a steady pace, and meanwhile pauses, edits and
 * cancels them, and changes their clients.
 */
export class Driver {
  /** Acts that were carried out, by name. */
  readonly acts: Record<string, number> = {};
  #asked = 0;
  #made = 0;
  #client = CLIENTS;
  readonly #mailings: string[] = [];
  readonly #random: Random;
  readonly #later = new Set<Promise<void>>();

  /** @param messages how many to ask for, in even steps until it gets calm */
  constructor(
    private readonly api: Api,
    private readonly times: Times,
    private readonly messages: number,
    seed: number,
  ) {
    this.#random = seeded(seed ^ 0x5eed);
  }

  /** Acts until it gets calm, or until the signal says stop; leaves nothing paused. */
  async run(signal: AbortSignal): Promise<void> {
    const since = Date.now();
    const span = this.times.calmAt - since;
    while (Date.now() < this.times.calmAt && !signal.aborted) {
      const due = this.messages * Math.min(1, 1.1 * ((Date.now() - since) / span) + 0.03);
      if (this.#asked < due) await this.#createMailing();
      else await this.#act();
      await sleep(between(this.#random, PAUSE.least, PAUSE.most), undefined, { signal }).catch(() => {});
    }
    while (this.#later.size > 0) await Promise.all(this.#later);
    if (!signal.aborted) await this.#resumeAll();
  }

  async #createMailing(): Promise<void> {
    this.#made += 1;
    const { input, messages } = drawCampaign(this.#random, this.#made, this.times);
    const answer = await this.#mutate('mailingCreate(input: $input)', '$input: MailingInput!', {
      input,
    });
    if (!answer?.mailing) return;
    this.#asked += messages;
    this.#count('create');
    this.#mailings.push(answer.mailing.id);
    if (this.#mailings.length > RECENT) this.#mailings.shift();
    this.#thinkAgain(answer.mailing.id);
  }

  /** Most mailings are over soon: what is done to one while it runs follows on its heels. */
  #thinkAgain(id: string): void {
    const random = this.#random;
    const { name, run } = pickByWeight(random, [
      { name: 'leave', weight: 8, run: async () => false },
      { name: 'pause', weight: 6, run: () => this.#pause(id) },
      { name: 'cancel', weight: 1, run: () => this.#step('mailingCancel', id) },
      { name: 'edit end', weight: 2, run: () => this.#edit(id, { endsAt: this.#someEnd() }) },
      { name: 'edit name', weight: 1, run: () => this.#edit(id, { name: `Edited ${this.#made}` }) },
    ]);
    this.#afterwards(between(random, 100, 3_000), async () => {
      if (await run()) this.#count(name);
    });
  }

  #afterwards(ms: number, work: () => Promise<void>): void {
    const done = sleep(ms)
      .then(work)
      .finally(() => this.#later.delete(done));
    this.#later.add(done);
  }

  /** One act, by weight. */
  async #act(): Promise<void> {
    const random = this.#random;
    const client = String(between(random, 1, this.#client));
    const mailing = this.#mailings.length > 0 ? pick(random, this.#mailings) : '0';
    const acts: { name: string; weight: number; run: () => Promise<unknown> }[] = [
      { name: 'opt out', weight: 8, run: () => this.#updateClient(client, { optedOut: true }) },
      { name: 'opt in', weight: 4, run: () => this.#updateClient(client, { optedOut: false }) },
      { name: 'move', weight: 4, run: () => this.#updateClient(client, { timeZone: pick(random, ZONES) }) },
      { name: 'rename', weight: 4, run: () => this.#updateClient(client, { attributes: { name: `New ${client}` } }) },
      { name: 'delete client', weight: 2, run: () => this.#step('clientDelete', client) },
      { name: 'start', weight: 3, run: () => this.#step('mailingStart', mailing) },
      { name: 'delete mailing', weight: 1, run: () => this.#step('mailingDelete', mailing) },
      { name: 'edit name', weight: 2, run: () => this.#edit(mailing, { name: `Edited ${this.#made}` }) },
      { name: 'edit limit', weight: 3, run: () => this.#edit(mailing, { rateLimit: pick(random, [60, 400, null]) }) },
      { name: 'channel limit', weight: 0.5, run: () => this.#limitChannel() },
      { name: 'retry failed', weight: 3, run: () => this.#retryFailed(mailing) },
      { name: 'test send', weight: 3, run: () => this.#sendTest(mailing, client) },
      { name: 'duplicate', weight: 1, run: () => this.#duplicate(mailing) },
      { name: 'stop all', weight: 0.3, run: () => this.#stopAll() },
      { name: 'edit end', weight: 4, run: () => this.#edit(mailing, { endsAt: this.#someEnd() }) },
    ];
    const act = pickByWeight(random, acts);
    if (await act.run()) this.#count(act.name);
  }

  #someEnd(): string {
    const soon = Date.now() + between(this.#random, 3_000, 60_000);
    return new Date(Math.min(soon, this.times.endsAt)).toISOString();
  }

  /** Whoever pauses a mailing lets it go on some seconds later. */
  async #pause(id: string): Promise<boolean> {
    if (!(await this.#step('mailingPause', id))) return false;
    this.#afterwards(between(this.#random, 500, 8_000), async () => {
      while (Date.now() < this.times.endsAt && (await this.#step('mailingResume', id)) === null) await sleep(AGAIN_MS);
    });
    return true;
  }

  /** Whoever stops all sending lets it go on some seconds later. */
  async #stopAll(): Promise<boolean> {
    const answer = await this.#mutate('sendingStop(reason: "chaos")');
    if (answer === null) return false;
    this.#afterwards(between(this.#random, 500, 4_000), () => this.#resumeSending());
    return true;
  }

  async #resumeSending(): Promise<void> {
    while (Date.now() < this.times.endsAt && (await this.#mutate('sendingResume')) === null) await sleep(AGAIN_MS);
  }

  /** A limit of the whole channel lasts some seconds: the run has much to send. */
  async #limitChannel(): Promise<boolean> {
    const limit = (rateLimit: number | null) =>
      this.#mutate('channelUpdate(name: GATEWAY, rateLimit: $rateLimit)', '$rateLimit: Int', { rateLimit });
    if ((await limit(between(this.#random, 200, 1_500))) === null) return false;
    this.#afterwards(between(this.#random, 1_000, 6_000), async () => {
      while (Date.now() < this.times.endsAt && (await limit(null)) === null) await sleep(AGAIN_MS);
    });
    return true;
  }

  /** A copy is a draft that lasts as long as what it was copied from: it gets an end within the run, and starts. */
  async #duplicate(id: string): Promise<boolean> {
    const answer = await this.#mutate('mailingDuplicate(id: $id)', '$id: ID!', { id });
    const copy = answer?.mailing?.id;
    if (copy === undefined || !(await this.#edit(copy, { endsAt: this.#someEnd() }))) return false;
    return (await this.#step('mailingStart', copy)) === true;
  }

  /** @returns whether there was anything to try again, as far as the mailing's status tells */
  async #retryFailed(id: string): Promise<boolean> {
    const filter = { statuses: pick(this.#random, [['FAILED'], ['FAILED', 'UNKNOWN']]) };
    const parameters = '$id: ID!, $filter: RetryFilterInput!';
    const answer = await this.#mutate('mailingRetryFailed(id: $id, filter: $filter)', parameters, { id, filter });
    return answer?.userErrors.length === 0;
  }

  async #sendTest(id: string, clientId: string): Promise<boolean> {
    const parameters = '$id: ID!, $clientId: ID!';
    const answer = await this.#mutate('mailingSendTest(id: $id, clientId: $clientId)', parameters, { id, clientId });
    return answer?.userErrors.length === 0;
  }

  /** A pause, or a stop, whose answer was lost is one all the same. */
  async #resumeAll(): Promise<void> {
    await this.#resumeSending();
    for (;;) {
      const paused = await this.api.ask<{ edges: { node: { id: string } }[] }>(
        '{ it: mailings(first: 100, statuses: [PAUSED]) { edges { node { id } } } }',
      );
      if (paused?.edges.length === 0 || Date.now() > this.times.endsAt) return;
      for (const { node } of paused?.edges ?? []) await this.#step('mailingResume', node.id);
      await sleep(AGAIN_MS);
    }
  }

  async #updateClient(id: string, input: object): Promise<boolean> {
    const answer = await this.#mutate('clientUpdate(id: $id, input: $input)', '$id: ID!, $input: ClientInput!', {
      id,
      input,
    });
    return answer?.userErrors.length === 0;
  }

  async #edit(id: string, input: object): Promise<boolean> {
    const answer = await this.#mutate('mailingUpdate(id: $id, input: $input)', '$id: ID!, $input: MailingInput!', {
      id,
      input,
    });
    return answer?.userErrors.length === 0;
  }

  /** @returns whether it was taken; null: the API is away */
  async #step(mutation: string, id: string): Promise<boolean | null> {
    const answer = await this.#mutate(`${mutation}(id: $id)`, '$id: ID!', { id });
    return answer && answer.userErrors.length === 0;
  }

  async #mutate(field: string, parameters = '', variables: object = {}): Promise<Answer | null> {
    const mailing = /^mailing(Create|Duplicate)/.test(field) ? 'mailing { id }' : '';
    const head = parameters === '' ? 'mutation' : `mutation (${parameters})`;
    const operation = `${head} { it: ${field} { ${mailing} userErrors { message } } }`;
    return await this.api.ask<Answer>(operation, variables);
  }

  #count(act: string): void {
    this.acts[act] = (this.acts[act] ?? 0) + 1;
  }
}
