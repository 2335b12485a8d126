import { Turns } from '../graphql/turns.js';
import { type Message, MessageStatus, WaitingFor } from '../message/message.js';
import type { Mailing } from './mailing.js';
import type { ProgressReader } from './progress-reader.js';
import type { TemplateCache } from './template.js';

/** Reasons that hold for single messages, and not for all that are due. */
const ITS_OWN: readonly WaitingFor[] = [WaitingFor.WINDOW, WaitingFor.RETRY];

/** What of a message is not in its row, but follows from its mailing. */
export class MessageWords {
  readonly #turns = new Turns();

  constructor(
    private readonly templates: TemplateCache,
    private readonly progress: Pick<ProgressReader, 'waitingOf' | 'testWaitsFor'>,
  ) {}

  /** The words as they are sent, or would be; null: the text cannot be rendered for this client. */
  async text(message: Message, mailing: () => Promise<Pick<Mailing, 'text'>>): Promise<string | null> {
    if (message.ownText !== null) return message.ownText;
    const { text } = await mailing();
    return await this.#turns.take(() => {
      try {
        return this.templates.get(text).render(message);
      } catch {
        return null;
      }
    });
  }

  /**
   * Why it is DELAYED, or what holds it back while it is ENQUEUED: the first that its mailing names. Null: a worker takes it
   * next, or it is in hand, or over.
   */
  async waitingFor({ shownStatus, mailingId, kind, waitingFor }: Message): Promise<WaitingFor | null> {
    if (shownStatus === MessageStatus.DELAYED) return waitingFor;
    if (shownStatus !== MessageStatus.ENQUEUED) return null;
    if (kind === 'TEST') return await this.progress.testWaitsFor(mailingId);
    const waiting = await this.progress.waitingOf(mailingId);
    return waiting.find(({ reason }) => !ITS_OWN.includes(reason))?.reason ?? null;
  }
}
