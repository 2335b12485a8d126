import type { AnswerRuleName, Fault } from './answer-rules.js';

/** The ways to send there are. A new one: one file, one line in channels.ts, its settings, a row in the contract test. */
export const channelNames = ['gateway', 'console'] as const;
export type ChannelName = (typeof channelNames)[number];

/** What goes out. The same id always carries the same phone and text. */
export interface Delivery {
  mailingId: string;
  /** A positive integer below 2^53, as a string. */
  messageId: string;
  /** By which the other side can go on with the trace of this attempt; left out: it is not traced. */
  traceparent?: string;
  /** Eleven digits. */
  phone: string;
  text: string;
}

/**
 * What an attempt came to. Only the dispatcher decides on retries; a channel just says what it saw.
 *
 * - `accepted`: the other side said yes, completely and readably.
 * - `rejected`: it said no for good.
 * - `retry`: it said no for now, or nothing was sent at all: it certainly does not have the message.
 * - `unknown`: it may or may not have it (a time-out, a reset, an answer that makes no sense).
 * - `unstarted`: not one byte was written, for lack of time; nothing is charged.
 */
export type Outcome =
  | { kind: 'accepted'; gatewayCode: number | null }
  | { kind: 'rejected'; gatewayCode: number | null; reason: string }
  | {
      kind: 'retry';
      gatewayCode: number | null;
      reason: string;
      /** Not before so many ms from now (Retry-After, RFC 9110 §10.2.3). */
      afterMs?: number;
      /** False: our token or the whole gateway is at fault, so that it counts against no message's `maxAttempts`. */
      charged: boolean;
      /** What it says about the channel as a whole. */
      fault: Fault;
      /** The row of the retry policy that it fell under; `fault`: of the program. */
      answer: AnswerRuleName | 'fault';
    }
  | {
      kind: 'unknown';
      gatewayCode: number | null;
      reason: string;
      charged: boolean;
      fault: Fault;
      answer: AnswerRuleName | 'fault';
    }
  | { kind: 'unstarted' };

/** A named way to send. */
export interface Channel {
  readonly name: ChannelName;
  /** Requests under way at once, for this process. */
  readonly concurrency: number;
  /** One attempt ends within so many ms, whatever the other side does. */
  readonly timeoutMs: number;
  /**
   * Makes one attempt. Never throws, never retries by itself, and is over at `deadline`.
   *
   * @param deadline on the clock of `performance.now()`, ms
   */
  send(delivery: Delivery, deadline: number): Promise<Outcome>;
  /** Lets go of its connections; attempts under way are ended first. */
  close(): Promise<void>;
}
