import { Readable } from 'node:stream';
import { createTransport, type Transporter } from 'nodemailer';
import { AppError } from '../errors.js';
import type { Logger } from './log.js';

/** How long one step of speaking to the mail server may take, ms. */
const STEP_TIMEOUT = 10_000;
/** How long a letter that is handed over may take up to its last line, ms. */
export const HAND_WITHIN = 60_000;
/** How long the server may take to say that it has the letter, ms: what RFC 5321, 4.5.3.2.6, grants it. */
export const ANSWER_WITHIN = 600_000;
/** How long that answer is still waited for once the process is to end, ms. */
const ANSWER_AT_STOP = 15_000;

/** A letter. */
export interface Letter {
  /** One e-mail address. */
  to: string;
  subject: string;
  text: string;
  /** The same for those who read HTML; left out: there is none. */
  html?: string;
  /** With the angle brackets; left out: one that was never used before. */
  messageId?: string;
  /** Nobody wrote it: no machine is to answer it either (RFC 3834). */
  isAutomatic?: boolean;
}

/** How handing over a letter is watched. */
export interface HandOver {
  /**
   * Called once everything but the last line has been written: while it goes on, and when it throws, the server has no letter.
   */
  beforeEnd: () => Promise<void>;
  /** Aborted when the process is to end. */
  signal?: AbortSignal;
}

/** Why a letter was not handed over. No part of it names the person. */
export class MailFailure extends Error {
  override readonly name = 'MailFailure';

  /**
   * @param outcome NOT_TAKEN: the server has no letter, and may take it later. REFUSED: it never will, for this address.
   *   UNKNOWN: the last line was written, and no answer came: it may have the letter.
   * @param message one sentence for people
   */
  constructor(
    readonly outcome: 'NOT_TAKEN' | 'REFUSED' | 'UNKNOWN',
    message: string,
  ) {
    super(message);
  }
}

/** Hands letters to the operator's mail server. */
export class Mailer {
  readonly #quick: Transporter;
  /** Waits as long for an answer as a server may take: whoever uses it has limits of its own. */
  readonly #patient: Transporter;

  /**
   * @param url `smtp://…` or `smtps://…`; over `smtp:` it speaks TLS as soon as the server offers it
   * @param from the sender's address
   */
  constructor(
    url: string,
    from: string,
    private readonly log: Logger,
  ) {
    const transport = (socketTimeout: number) => {
      const timeouts = { connectionTimeout: STEP_TIMEOUT, greetingTimeout: STEP_TIMEOUT, socketTimeout };
      return createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true }, { from });
    };
    this.#quick = transport(STEP_TIMEOUT);
    this.#patient = transport(ANSWER_WITHIN + STEP_TIMEOUT);
    this.#patient.use('stream', (mail, done) => {
      const { beforeEnd } = mail.data as { beforeEnd?: HandOver['beforeEnd'] };
      if (beforeEnd) mail.message.processFunc((input) => holdEnd(input, beforeEnd));
      done();
    });
  }

  /** @throws AppError UNAVAILABLE when the server does not take the letter */
  async send(letter: Letter): Promise<void> {
    try {
      await this.#quick.sendMail(toMail(letter));
    } catch (error) {
      this.#tell(error);
      throw new AppError('UNAVAILABLE', 'The mail server did not take the letter. Try again in a moment.');
    }
  }

  /**
   * Hands over a letter for whoever has to know whether the server took it.
   *
   * @throws MailFailure
   */
  async hand(letter: Letter, { beforeEnd, signal }: HandOver): Promise<void> {
    using limits = new Limits(signal);
    const mail = {
      ...toMail(letter),
      signal: limits.signal,
      beforeEnd: async () => {
        await beforeEnd();
        limits.lastLine();
      },
    };
    try {
      await this.#patient.sendMail(mail);
    } catch (error) {
      this.#tell(error);
      throw failureOf(error as SmtpError, limits.isPastEnd);
    }
  }

  #tell(error: unknown): void {
    // What the server said may name the person; a code is enough to find out why.
    const { code, responseCode } = error as SmtpError;
    this.log.warn({ code, responseCode }, 'the mail server did not take a letter');
  }
}

interface SmtpError {
  code?: string;
  /** The server's answer. */
  responseCode?: number;
  /** What it was the answer to. */
  command?: string;
}

/** How long it may go on: up to the last line, and from there. */
class Limits implements Disposable {
  readonly #end = new AbortController();
  #timer = this.#endIn(HAND_WITHIN);
  isPastEnd = false;

  constructor(private readonly stop: AbortSignal | undefined) {
    if (stop?.aborted) this.#end.abort();
    else stop?.addEventListener('abort', this.#onStop);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  lastLine(): void {
    // Whoever was told to end in the meantime writes no last line.
    this.stop?.throwIfAborted();
    this.#end.signal.throwIfAborted();
    this.isPastEnd = true;
    clearTimeout(this.#timer);
    this.#timer = this.#endIn(ANSWER_WITHIN);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.stop?.removeEventListener('abort', this.#onStop);
  }

  readonly #onStop = (): void => {
    clearTimeout(this.#timer);
    this.#timer = this.#endIn(this.isPastEnd ? ANSWER_AT_STOP : 0);
  };

  #endIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#end.abort(), ms);
  }
}

function toMail({ to, subject, text, html, messageId, isAutomatic }: Letter) {
  return {
    // An object, not a line: nothing in an address can name a second one.
    to: { name: '', address: to },
    ...{ subject, text },
    ...(html !== undefined && { html }),
    ...(messageId !== undefined && { messageId }),
    ...(isAutomatic && { headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } }),
  };
}

/** Passes a letter on as it is asked for, and its end only after that was allowed. */
function holdEnd(letter: Readable, beforeEnd: () => Promise<void>): Readable {
  async function* held() {
    yield* letter;
    await beforeEnd();
  }
  // Nothing is read ahead: a short letter would else have ended before the server was asked for anything.
  return Readable.from(held(), { objectMode: false, highWaterMark: 1 });
}

/** An answer tells; without one it depends on how far the letter had got. */
function failureOf({ code, responseCode, command }: SmtpError, isPastEnd: boolean): MailFailure {
  if (responseCode !== undefined && responseCode >= 400) {
    const isFinal = responseCode >= 500 && (command === 'RCPT TO' || (command === 'DATA' && isPastEnd));
    if (!isFinal) return new MailFailure('NOT_TAKEN', `The mail server said ${responseCode}.`);
    const what = command === 'RCPT TO' ? 'this address' : 'the letter';
    return new MailFailure('REFUSED', `The mail server refused ${what}: ${responseCode}.`);
  }
  if (isPastEnd) return new MailFailure('UNKNOWN', 'The mail server did not say whether it has the letter.');
  return new MailFailure('NOT_TAKEN', `The mail server could not be spoken to${code ? `: ${code}` : ''}.`);
}
