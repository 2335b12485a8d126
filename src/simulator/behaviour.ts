import { z } from 'zod';

/**
 * What may happen to a request. A number is the HTTP status of a complete answer; the rest:
 *
 * - `ok`: accepted, `{"code":0,"message":"OK"}`
 * - `hang`: no answer at all, the connection stays open
 * - `slow`: accepted; the right answer, dripped over `overMs`
 * - `drop-before-reading`: a reset before the body is read
 * - `drop-after-accept`: accepted, then the connection is closed without an answer
 * - `garbage`, `empty`, `endless`: 200 with a body that is no JSON, that is empty, that never ends
 * - `wrong-code`, `text-code`, `no-code`: 200 with code 1, with code "0", without a code
 * - `redirect`: 307 back to the same address, so that whoever follows it is seen in the ledger
 */
const outcomeNames = [
  'ok',
  '400',
  '401',
  '403',
  '429',
  '500',
  '502',
  '503',
  '504',
  'hang',
  'slow',
  'drop-before-reading',
  'drop-after-accept',
  'garbage',
  'empty',
  'endless',
  'wrong-code',
  'text-code',
  'no-code',
  'redirect',
] as const;
export type OutcomeName = (typeof outcomeNames)[number];

/** Outcomes that leave the caller in the dark, so that the gateway may have accepted the message or not. */
const unclear: readonly OutcomeName[] = ['502', '504', 'hang', 'garbage', 'empty', 'endless', 'text-code', 'no-code'];

/** A delay at the most, ms: the largest that Node's timers take. */
const MAX_MS = 2_147_483_647;
const ms = z.number().min(0).max(MAX_MS);

/** RFC 9110 §10.2.3: seconds, a date so many seconds ahead, a number no clock can hold, any text, or no header. */
const retryAfter = z.union([
  z.int().min(0),
  z.strictObject({ dateIn: z.int() }),
  z.strictObject({ text: z.string().regex(/^[\x20-\x7e]*$/, 'must be printable ASCII') }),
  z.enum(['absurd', 'none']),
]);
export type RetryAfter = z.output<typeof retryAfter>;

const outcomeFields = {
  outcome: z.enum(outcomeNames),
  /** Whether an outcome that tells the caller nothing accepts the message all the same; false if not said. */
  accepts: z.boolean().optional(),
  /** For answers with a status. */
  retryAfter: retryAfter.optional(),
  /** For `slow`: how long the answer takes, ms; 30 s if not said. */
  overMs: ms.optional(),
};

interface OutcomeFields {
  outcome: OutcomeName;
  accepts?: boolean | undefined;
}

function mayAccept({ outcome, accepts }: OutcomeFields): boolean {
  return accepts === undefined || unclear.includes(outcome);
}
const acceptsError = { path: ['accepts'], message: `can be set for ${unclear.join(', ')} only: the others tell` };

/** A name alone, or a name with its particulars. */
const outcome = z.union([
  z.enum(outcomeNames).transform((name) => ({ outcome: name })),
  z.strictObject(outcomeFields).refine(mayAccept, acceptsError),
]);
export type Outcome = z.output<typeof outcome> & Partial<z.output<z.ZodObject<typeof outcomeFields>>>;

const weightedOutcome = z
  .strictObject({ ...outcomeFields, weight: z.number().positive().default(1) })
  .refine(mayAccept, acceptsError);

/** Uniform between two bounds, or log-normal by its median and its 99th percentile and cut off at `maxMs`. */
const latency = z.union([
  z
    .strictObject({ minMs: ms, maxMs: ms })
    .refine(({ minMs, maxMs }) => minMs <= maxMs, { path: ['maxMs'], message: 'must not be less than minMs' }),
  z
    .strictObject({ medianMs: ms.positive(), p99Ms: ms.positive(), maxMs: ms.default(60_000) })
    .refine(({ medianMs, p99Ms }) => medianMs <= p99Ms, { path: ['p99Ms'], message: 'must not be less than medianMs' }),
]);
export type Latency = z.output<typeof latency>;

/** How the simulator treats requests, as plain data: what is left out takes its default, all of it well-behaved. */
export const behaviourSchema = z.strictObject({
  /** Chance is drawn from seed, id and the how-manieth request of the id it is: the same run gets the same luck. */
  seed: z.int().default(1),
  /** From arrival to answer. */
  latency: latency.default({ minMs: 0, maxMs: 0 }),
  /** One is drawn by weight for each request of an id that is not accepted yet. */
  outcomes: z
    .array(weightedOutcome)
    .min(1)
    .default([{ outcome: 'ok', weight: 1 }]),
  /** What the first, second … request of an id gets from now on; afterwards it is treated like any other. */
  ids: z.record(z.string().regex(/^[1-9]\d{0,15}$/, 'must be a message id'), z.array(outcome)).default({}),
  /** `refuse`: nobody listens on the port; `close`: connections are made and closed before anything is read. */
  down: z.union([z.literal(false), z.enum(['refuse', 'close'])]).default(false),
  /** Requests in any one second; what goes beyond gets 429 with `Retry-After: 1`. Null: any number. */
  maxRate: z.int().min(1).max(1_000_000).nullable().default(null),
});
/** Checked and complete. */
export type Behaviour = z.output<typeof behaviourSchema>;
/** As people write it. */
export type BehaviourInput = z.input<typeof behaviourSchema>;
