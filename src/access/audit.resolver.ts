import { Arg, Args, Ctx, Field, InputType, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { MomentRangeInput, momentRange } from '../graphql/moments.js';
import { cleanLine, parseInput } from '../graphql/parse-input.js';
import { Allow } from './allow.js';
import { AuditEvent } from './audit-event.js';
import { type AuditFilter, countAudit, listAudit } from './audit-log.js';
import type { RequestContext } from './request-context.js';

const AuditEventConnection = connectionType('AuditEvent', AuditEvent);

@InputType({ description: 'Which rows of the audit log: all conditions hold together.' })
export class AuditFilterInput {
  @Field(() => String, { nullable: true, description: 'A name or an id: `user:anna@example.org`, `user:12`, `admin`.' })
  actor?: string | null;

  @Field(() => String, { nullable: true, description: 'The name of a mutation: `mailingStart`.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: '`mailing`, `client`, `clientJob`, `token` …' })
  subjectKind?: string | null;

  @Field(() => String, { nullable: true, description: 'The id of that thing.' })
  subjectId?: string | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When.' })
  period?: MomentRangeInput | null;
}

const word = cleanLine(300).nullish();
const schema = z
  .strictObject({ actor: word, action: word, subjectKind: word, subjectId: word, period: momentRange.nullish() })
  .nullish();

@Resolver()
export class AuditResolver {
  @Allow('access:admin')
  @Query(() => AuditEventConnection, {
    description: 'Who changed what, newest first: every mutation, and every request that changes something by REST.',
  })
  async auditEvents(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AuditFilterInput, { nullable: true, description: 'Only these; none: all.' })
    input: AuditFilterInput | null,
    @Ctx() { em }: RequestContext,
  ) {
    const list = 'audit';
    const keyset = readKeyset(page, list);
    const filter: AuditFilter = parseInput(schema, input, ['filter']) ?? {};
    const rows = await listAudit(em, filter, keyset);
    return new AuditEventConnection({
      keyset,
      rows,
      list,
      keyOf: ({ id }) => [id],
      count: () => countAudit(em, filter),
    });
  }
}
