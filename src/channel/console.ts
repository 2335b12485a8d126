import type { Writable } from 'node:stream';
import type { Channel, Delivery, Outcome } from './channel.js';

/** Prints one line a message instead of sending it: what the classic services did in development. Output, not a log. */
export class ConsoleChannel implements Channel {
  readonly name = 'console';
  readonly concurrency = 64;

  /** @param timeoutMs the same as the gateway's, so that a plan made for the one holds for the other */
  constructor(
    private readonly out: Writable,
    readonly timeoutMs: number,
  ) {}

  async send(delivery: Delivery): Promise<Outcome> {
    const phone = `${delivery.phone.slice(0, 4)}*****${delivery.phone.slice(-2)}`;
    const text = delivery.text.replaceAll(/\s+/g, ' ');
    this.out.write(`mailing ${delivery.mailingId}  message ${delivery.messageId}  to ${phone}  ${text}\n`);
    return { kind: 'accepted', gatewayCode: null };
  }

  async close(): Promise<void> {}
}
