import { createTransport } from 'nodemailer';
import { AppError } from '../errors.js';
import type { Logger } from './log.js';

/** How long one step of speaking to the mail server may take, ms. */
const STEP_TIMEOUT = 10_000;

/** A letter in plain text. */
export interface Letter {
  /** One e-mail address. */
  to: string;
  subject: string;
  text: string;
}

/** Hands letters to the operator's mail server. */
export class Mailer {
  readonly #transport;

  /**
   * @param url `smtp://…` or `smtps://…`; over `smtp:` it speaks TLS as soon as the server offers it
   * @param from the sender's address
   */
  constructor(
    url: string,
    from: string,
    private readonly log: Logger,
  ) {
    const timeouts = { connectionTimeout: STEP_TIMEOUT, greetingTimeout: STEP_TIMEOUT, socketTimeout: STEP_TIMEOUT };
    this.#transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true }, { from });
  }

  /** @throws AppError UNAVAILABLE when the server does not take the letter */
  async send({ to, subject, text }: Letter): Promise<void> {
    try {
      // An object, not a line: nothing in an address can name a second one.
      await this.#transport.sendMail({ to: { name: '', address: to }, subject, text });
    } catch (error) {
      // What the server said may name the person; a code is enough to find out why.
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      this.log.warn({ code, responseCode }, 'the mail server did not take a letter');
      throw new AppError('UNAVAILABLE', 'The mail server did not take the letter. Try again in a moment.');
    }
  }
}
