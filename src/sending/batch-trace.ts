import type { Outcome } from '../channel/channel.js';
import type { Claim } from '../message/claim-messages.js';
import type { OutcomeRecord } from '../message/record-outcomes.js';
import type { Span, Tracing } from '../platform/tracing.js';

/** Attempts of a traced batch that have a span of their own: enough to see what they wait for, few enough to cost nothing. */
const MOST_ATTEMPTS = 20;

/** What is traced. */
interface Traced {
  id: string;
  channel: string;
  kind: string;
  /** By which the mailing's trace goes on; null: it has none. */
  traceparent: string | null;
}

/** The trace of one batch: its claim, some of its attempts, its record. Of a mailing without a trace there is none. */
export class BatchTrace {
  #attempts = 0;

  private constructor(
    private readonly tracing: Tracing,
    private readonly span: Span,
  ) {}

  /** @returns undefined: this batch is not traced, which is the rule on the way of many messages */
  static begin(tracing: Tracing, mailing: Traced, claim: Claim): BatchTrace | undefined {
    const { id, channel, kind, traceparent } = mailing;
    if (traceparent === null || !tracing.mayTrace('batch')) return undefined;
    const facts = {
      'heliograph.mailing_id': id,
      'heliograph.channel': channel,
      'heliograph.kind': kind,
      'heliograph.messages': claim.messages.length,
    };
    const span = tracing.begin('send batch', { parent: traceparent, startedAt: claim.claimedAt, facts });
    if (span === null) return undefined;
    tracing.begin('claim', { parent: span.traceparent, startedAt: claim.claimedAt })?.end();
    return new BatchTrace(tracing, span);
  }

  /** @returns the span of an attempt; null: this one has none */
  attempt(messageId: string): Span | null {
    this.#attempts += 1;
    if (this.#attempts > MOST_ATTEMPTS) return null;
    const facts = { 'heliograph.message_id': messageId };
    return this.tracing.begin('attempt', { parent: this.span.traceparent, kind: 'client', facts });
  }

  /** The batch has been sent, and is about to be recorded. @returns the span of that */
  recording(records: readonly OutcomeRecord[]): Span | null {
    const counts: Record<string, number> = {};
    for (const { kind } of records)
      counts[`heliograph.outcome.${kind}`] = (counts[`heliograph.outcome.${kind}`] ?? 0) + 1;
    this.span.set(counts);
    return this.tracing.begin('record', { parent: this.span.traceparent });
  }

  end(): void {
    this.span.end();
  }
}

/** Says what an attempt came to. @param outcome undefined: the channel threw */
export function endAttempt(span: Span, outcome: Outcome | undefined): void {
  span.set({ 'heliograph.outcome': outcome?.kind ?? 'threw' });
  if (outcome && 'gatewayCode' in outcome && outcome.gatewayCode !== null) {
    span.set({ 'http.response.status_code': outcome.gatewayCode });
  }
  if (outcome === undefined) span.end('the channel threw');
  else span.end('reason' in outcome ? outcome.reason : undefined);
}
