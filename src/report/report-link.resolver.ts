import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Entries } from '../graphql/entries.js';
import { DateTime } from '../graphql/scalars.js';
import { answer, UserError } from '../graphql/user-error.js';
import { Mailing } from '../mailing/mailing.js';
import { ReportLink } from './report-link.js';
import {
  createReportLink,
  LINK_DAYS,
  LISTED_LINKS,
  listReportLinks,
  MOST_LINK_DAYS,
  revokeReportLink,
} from './report-links.js';

/** What became of a link. */
@ObjectType({ description: 'What became of a link to a report.', simpleResolvers: true })
export class ReportLinkPayload {
  @Field(() => String, {
    nullable: true,
    description: 'Hand it to whom the report is for. It is shown this once, where it was made; else null.',
  })
  link!: string | null;

  @Field(() => ReportLink, { nullable: true, description: 'Null when there are user errors.' })
  reportLink!: ReportLink | null;

  @Field(() => Mailing, { nullable: true, description: 'Whose report it is; null when there are user errors.' })
  mailing!: Mailing | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** Links by which a report is shown to people who have no account. */
@Resolver(() => Mailing)
export class ReportLinkResolver {
  readonly #links = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) => listReportLinks(em, ids));

  /** @param baseUrl the address people reach the server under; known once it listens */
  constructor(private readonly baseUrl: () => string) {}

  @Entries(LISTED_LINKS)
  @FieldResolver(() => [ReportLink], {
    description: `Links to its report, the newest ${LISTED_LINKS}, with those that are over.`,
  })
  async reportLinks(@Root() { id }: Mailing, @Ctx() context: RequestContext): Promise<ReportLink[]> {
    return await this.#links(context, id);
  }

  @Allow('mailings:write')
  @Mutation(() => ReportLinkPayload, {
    description:
      'Makes a link by which anybody who has it sees how a mailing goes: its name, times, status and counts, and nothing of the people it goes to.',
  })
  async mailingReportLinkCreate(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('expiresAt', () => DateTime, {
      nullable: true,
      description: `Until when it holds, within ${MOST_LINK_DAYS} days; left out: ${LINK_DAYS} days.`,
    })
    expiresAt: string | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ReportLinkPayload> {
    const { result, userErrors } = await answer(() => createReportLink(em, this.baseUrl(), { id, expiresAt }, actor));
    return Object.assign(new ReportLinkPayload(), { ...NOTHING, ...result, userErrors });
  }

  @Allow('mailings:write')
  @Mutation(() => ReportLinkPayload, {
    description: 'Ends a link to a report, for good and at once. One that is over stays as it is.',
  })
  async mailingReportLinkRevoke(
    @Arg('linkId', () => ID, { description: 'Which link.' }) linkId: string,
    @Ctx() { em }: RequestContext,
  ): Promise<ReportLinkPayload> {
    const { result, userErrors } = await answer(() => revokeReportLink(em, linkId));
    return Object.assign(new ReportLinkPayload(), { ...NOTHING, ...result, userErrors });
  }
}

const NOTHING = { link: null, reportLink: null, mailing: null };
