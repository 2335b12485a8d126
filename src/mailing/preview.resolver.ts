import type pg from 'pg';
import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import { Allow } from '../access/allow.js';
import { maskPhone, maskPhonesWithin } from '../access/mask-phone.js';
import type { RequestContext } from '../access/request-context.js';
import { findClient } from '../client/clients.js';
import { AppError } from '../errors.js';
import { parseInput } from '../graphql/parse-input.js';
import { textSchema } from './mailing.inputs.js';
import { parseTemplate, type TemplateContext, TextError } from './template.js';

@ObjectType({ description: 'What is wrong with a text.' })
export class TemplateProblem {
  @Field(() => String, { description: 'A few words for people, without the place.' })
  message!: string;

  @Field(() => Int, { nullable: true, description: 'In which line, from 1; null: in none in particular.' })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: 'At which character of that line (UTF-16), from 1.' })
  column!: number | null;
}

@ObjectType({ description: 'A text as a client would get it.' })
export class MailingPreview {
  @Field(() => String, { nullable: true, description: 'The words; null while there are problems.' })
  text!: string | null;

  @Field(() => [TemplateProblem], {
    description: 'Why a mailing with this text would be refused, or this client would get none. Empty: all is well.',
  })
  problems!: TemplateProblem[];
}

/** Of whom nothing is known. */
const NOBODY: TemplateContext = { phone: '79000000000', timeZone: 'UTC', attributes: {} };

/**
 * How long the texts of one request may be rendered, ms, as nothing else is done meanwhile: a thousand times what one takes. A text
 * that takes longer could be sent, and would hold up everything.
 */
const RENDERED_WITHIN = 300;

/** Shows what a text becomes before a mailing has it: by the same rules, and within the same limits, as when it is sent. */
@Resolver()
export class PreviewResolver {
  /** How long the texts of a request have taken up to now, ms. */
  readonly #spent = new WeakMap<RequestContext, number>();

  constructor(private readonly pool: pg.Pool) {}

  @Allow('mailings:read')
  @Query(() => MailingPreview, {
    description: 'What a text would be for a client, or what is wrong with it. Changes nothing.',
  })
  async mailingPreview(
    @Arg('text', () => String, { description: 'As of a mailing: Liquid over the client.' }) text: string,
    @Arg('clientId', () => ID, {
      nullable: true,
      description: `Who would get it; needs CLIENTS_READ. Left out: a client without attributes, with the phone ${NOBODY.phone}, in UTC.`,
    })
    clientId: string | null,
    @Ctx() request: RequestContext,
  ): Promise<MailingPreview> {
    const context = clientId == null ? NOBODY : await this.#contextOf(clientId, request.actor);
    try {
      return { text: this.#render(parseInput(textSchema, text, ['text']), context, request), problems: [] };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { what, place } = error instanceof TextError ? error : { what: error.message, place: null };
      return { text: null, problems: [{ message: what, line: place?.line ?? null, column: place?.column ?? null }] };
    }
  }

  /** @throws TextError; AppError BAD_USER_INPUT when those before it have taken all of the time */
  #render(text: string, context: TemplateContext, request: RequestContext): string {
    const spent = this.#spent.get(request) ?? 0;
    if (spent >= RENDERED_WITHIN) {
      throw new AppError('BAD_USER_INPUT', 'The texts before it took too long: ask for one at a time.', 'text');
    }
    const began = performance.now();
    try {
      return parseTemplate(text).render(context, RENDERED_WITHIN - spent);
    } finally {
      this.#spent.set(request, spent + performance.now() - began);
    }
  }

  /**
   * A text can take a phone apart so that nobody finds it in the words: whoever may not see it whole has it masked before.
   *
   * @throws AppError FORBIDDEN or NOT_FOUND on `clientId`
   */
  async #contextOf(clientId: string, actor: Actor): Promise<TemplateContext> {
    actor.need('clients:read', 'clientId');
    const { phone, timeZone, attributes } = await findClient(this.pool, clientId, 'clientId');
    if (actor.can('clients:phones')) return { phone, timeZone, attributes };
    return {
      phone: maskPhone(phone),
      timeZone,
      attributes: maskPhonesWithin(attributes) as TemplateContext['attributes'],
    };
  }
}
