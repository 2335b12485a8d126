import { isIP } from 'node:net';
import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { parseInput } from '../graphql/parse-input.js';
import { OUTSIDE_EVENTS, type OutsideEventKind } from '../platform/outside-event.js';
import { hostOf, isReachable } from './check-address.js';
import { WebhookEvent } from './webhook.js';

/** Where webhooks may lead. */
export interface AddressRules {
  allowPrivate: boolean;
  /** What is signed is still read by whoever is on the way: over http only where things are tried out. */
  allowHttp: boolean;
}

const URL_HINT =
  'An https address (http outside of production), up to 2,000 characters, that leads to no private network.';

@InputType({ description: 'A webhook to be made.' })
export class WebhookInput {
  @Field(() => String, { description: URL_HINT })
  url!: string;

  @Field(() => [WebhookEvent], { description: 'What it is told, at least one; WEBHOOK_TEST is none of them.' })
  events!: OutsideEventKind[];
}

@InputType({ description: 'What is to be changed of a webhook; what is left out stays.' })
export class WebhookPatch {
  @Field(() => String, { nullable: true, description: URL_HINT })
  url?: string | null;

  @Field(() => [WebhookEvent], { nullable: true, description: 'What it is told, at least one.' })
  events?: OutsideEventKind[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether it is told anything. On enabling, what waits for it is tried again at once.',
  })
  enabled?: boolean | null;
}

const TOLD = OUTSIDE_EVENTS.filter((kind) => kind !== 'webhook.test');

function addressSchema({ allowPrivate, allowHttp }: AddressRules) {
  const protocols = allowHttp ? ['https:', 'http:'] : ['https:'];
  const leadsOut = (url: URL) => isIP(hostOf(url)) === 0 || isReachable(hostOf(url), allowPrivate);
  return z
    .string()
    .min(1)
    .max(2_000)
    .refine((url) => isAddress(url, ({ protocol }) => protocols.includes(protocol)), {
      message: allowHttp
        ? 'must be an address that begins with https:// or http://'
        : 'must be an address that begins with https://',
      abort: true,
    })
    .refine((url) => isAddress(url, ({ username, password }) => username === '' && password === ''), {
      message: 'must hold no password: what is sent is signed',
    })
    .refine((url) => isAddress(url, leadsOut), { message: 'must not lead to a private network or this machine' });
}

function isAddress(text: string, holds: (url: URL) => boolean): boolean {
  return URL.canParse(text) && holds(new URL(text));
}

const events = z
  .array(z.enum(TOLD))
  .min(1)
  .transform((kinds) => TOLD.filter((kind) => kinds.includes(kind)));

/** @throws InputError that names each wrong field */
export function parseNewWebhook(input: unknown, rules: AddressRules) {
  return parseInput(z.strictObject({ url: addressSchema(rules), events }), input);
}

/** @throws InputError that names each wrong field */
export function parseWebhookPatch(input: unknown, rules: AddressRules) {
  const patch = z.strictObject({
    url: addressSchema(rules).nullish(),
    events: events.nullish(),
    enabled: z.boolean().nullish(),
  });
  return parseInput(patch, input);
}
