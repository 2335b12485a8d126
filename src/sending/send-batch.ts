import type { Channel, Delivery, Outcome } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { TemplateCache } from '../mailing/template.js';
import type { Claim, ClaimedMessage } from '../message/claim-messages.js';
import type { OutcomeRecord } from '../message/record-outcomes.js';
import type { Logger } from '../platform/log.js';
import { type BatchTrace, endAttempt } from './batch-trace.js';
import type { MessageLog } from './message-log.js';
import type { Outlet } from './outlet.js';
import type { Pace } from './pace.js';
import { recordOf, unsendable, untried } from './retry-policy.js';

/** What is to be sent, where, and how. */
export interface SendBatch {
  mailing: { id: string; text: string };
  claim: Claim;
  outlet: Outlet;
  /** The mailing's limit. */
  pace: Pace;
  /** Aborted: what has not started is handed back. */
  signal: AbortSignal;
  /** It finds out whether an open circuit can be closed. */
  isProbe: boolean;
  templates: TemplateCache;
  /** Left out: it is not traced. */
  trace?: BatchTrace | undefined;
  log: Logger;
  /** Told of every request and answer. */
  messageLog: MessageLog;
}

/** Makes one attempt for each message that is to be sent. @returns one record for each message of the claim; never throws */
export async function sendBatch(batch: SendBatch): Promise<OutcomeRecord[]> {
  const { mailing, claim, outlet, pace, signal, isProbe, templates, trace, log } = batch;
  const { channel, circuit, queue, metrics } = outlet;
  const told = batch.messageLog.batch(mailing.id, channel.name);
  const records: OutcomeRecord[] = [];
  /** @param ms how long the attempt took; null: there was none */
  const keep = (message: ClaimedMessage, record: OutcomeRecord, ms: number | null = null) => {
    records.push(record);
    told.answered(message, record, ms);
  };
  for (const message of claim.messages) if (message.verdict !== 'send') keep(message, unsendable(message));
  const ready = claim.messages.filter(({ verdict }) => verdict === 'send');
  const deadline = claim.claimedAt + channel.timeoutMs;
  const startBy = claim.claimedAt + channel.timeoutMs / 2;
  const databaseTime = (now: number) => claim.databaseTime + (now - claim.claimedAt);
  const start = async (message: ClaimedMessage) => {
    const text = render(templates, mailing.text, message);
    if (typeof text !== 'string') return keep(message, text);
    const startedAt = performance.now();
    const span = trace?.attempt(message.id);
    const traced = span && { traceparent: span.traceparent };
    const delivery = { mailingId: mailing.id, messageId: message.id, phone: message.phone, text, ...traced };
    told.asked(message);
    const outcome = await attempt(channel, delivery, deadline, log);
    if (span) endAttempt(span, outcome);
    const endedAt = performance.now();
    const times = { startedAt: databaseTime(startedAt), endedAt: databaseTime(endedAt) };
    keep(message, recordOf(message, outcome ?? THREW, times, isProbe), endedAt - startedAt);
    metrics.heard(outcome);
    // A message that went well waits for nothing here. One over which the channel threw says nothing of the other side.
    const heard = outcome && circuit.hear(outcome, startedAt, isProbe);
    if (heard) await heard;
  };
  if (isProbe) circuit.sendsProbe();
  // It may have opened while these were being claimed.
  const mayStart = isProbe || circuit.isClosed;
  const unstarted = mayStart ? await queue.run(ready, { startBy, signal, pace, start }) : ready;
  for (const message of unstarted) keep(message, untried(message, 'returned', null));
  return records;
}

/** What becomes of a message over which its channel threw: how far it came is not known. */
const THREW: Outcome = {
  kind: 'unknown',
  gatewayCode: null,
  reason: 'a fault of the program while it was being sent',
  charged: true,
  fault: 'none',
  answer: 'fault',
};

/**
 * A channel does not throw. One that does all the same costs the message an attempt, and not the batch or the process.
 * @returns nothing when it threw
 */
async function attempt(
  channel: Channel,
  delivery: Delivery,
  deadline: number,
  log: Logger,
): Promise<Outcome | undefined> {
  try {
    return await channel.send(delivery, deadline);
  } catch (error) {
    log.error({ mailing_id: delivery.mailingId, message_id: delivery.messageId, err: error }, 'a channel threw');
    return undefined;
  }
}

/** The words for one client; or, where they cannot be had, what becomes of its message alone. */
function render(templates: TemplateCache, text: string, message: ClaimedMessage): string | OutcomeRecord {
  try {
    return message.text ?? templates.get(text).render(message);
  } catch (error) {
    const why = error instanceof AppError ? error.message : 'a fault of the program';
    return untried(message, 'rejected', `the text cannot be rendered for this client: ${why}`);
  }
}
