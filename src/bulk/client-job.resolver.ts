import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { ClientFilterInput } from '../client/client-filter.js';
import { batchPerRequest } from '../graphql/batch.js';
import { connectionType, firstSchema, PageArgs, readKeyset } from '../graphql/connection.js';
import { idempotencyKeyArg } from '../graphql/idempotency-key.js';
import { parseInput } from '../graphql/parse-input.js';
import { answer, UserError } from '../graphql/user-error.js';
import { cancellable } from '../live/cancellable.js';
import type { ChangeBell } from '../live/change-bell.js';
import { type BulkKind, type BulkParts, startBulkJob } from './bulk-change.js';
import { ClientJob, ClientJobKind } from './client-job.js';
import { cancelJob, countJobs, findJob, listJobs, type RejectedLine, rejectedLines } from './client-jobs.js';
import type { JobFeed } from './job-feed.js';

const ClientJobConnection = connectionType('ClientJob', ClientJob);

@ObjectType({ description: 'What became of a call that makes or changes a job.' })
export class ClientJobPayload {
  @Field(() => ClientJob, { nullable: true, description: 'Null when there are user errors.' })
  job!: ClientJob | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@ObjectType({ description: 'What is wrong with a line of a file; its cells are in the file of rejects.' })
export class ImportProblem {
  @Field(() => Int, { description: 'The line of the file, from 1 on; of a record over several lines, the first.' })
  line!: number;

  @Field(() => String, { nullable: true, description: 'The column; null: it is about the line as a whole.' })
  field!: string | null;

  @Field(() => String, { description: 'One sentence for people.' })
  message!: string;
}

/** What the resolver works with. */
export interface ClientJobResolverOptions extends BulkParts {
  bell: Pick<ChangeBell, 'ring'>;
  feed: JobFeed;
}

@ArgsType()
class SomeClientsArgs {
  @Field(() => ClientFilterInput, {
    nullable: true,
    description: 'Whoever matches when the job gets to them; it needs a condition. Either this or `ids`.',
  })
  filter?: ClientFilterInput | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'These, up to 10,000; those that are not there are passed over.',
  })
  ids?: string[] | null;

  @Field(() => String, idempotencyKeyArg)
  idempotencyKey?: string | null;
}

@ArgsType()
class TaggedClientsArgs extends SomeClientsArgs {
  @Field(() => [String], { description: 'Up to 50.' })
  tags!: string[];
}

/** So many lines of a job's file. */
interface Asked {
  readonly id: string;
  readonly first: number;
}

@Resolver(() => ClientJob)
export class ClientJobResolver {
  readonly #rejected = batchPerRequest((_: RequestContext, asked: readonly Asked[]) => this.#firstLines(asked));

  constructor(private readonly options: ClientJobResolverOptions) {}

  @Allow('clients:read')
  @Query(() => ClientJob, { nullable: true, description: 'One job on clients; NOT_FOUND when there is none.' })
  async clientJob(@Arg('id', () => ID, { description: 'Which job.' }) id: string): Promise<ClientJob> {
    return await findJob(this.options.pool, id);
  }

  @Allow('clients:read')
  @Query(() => ClientJobConnection, {
    description: 'Jobs on clients, newest first. Those that are over are kept for 30 days.',
  })
  async clientJobs(@Args(() => PageArgs) page: PageArgs) {
    const { pool } = this.options;
    const list = 'client-job';
    const keyset = readKeyset(page, list);
    const rows = await listJobs(pool, keyset);
    return new ClientJobConnection({ keyset, rows, list, keyOf: (row) => [row.id], count: () => countJobs(pool) });
  }

  @Allow('clients:write')
  @Mutation(() => ClientJobPayload, {
    description:
      'Adds tags to many clients, by a job. Who would have more than 50 is left as is, and counted in `failed`.',
  })
  async clientsTag(
    @Args(() => TaggedClientsArgs) asked: TaggedClientsArgs,
    @Ctx() context: RequestContext,
  ): Promise<ClientJobPayload> {
    return await this.#make(ClientJobKind.TAG, asked, context);
  }

  @Allow('clients:write')
  @Mutation(() => ClientJobPayload, { description: 'Takes tags away from many clients, by a job.' })
  async clientsUntag(
    @Args(() => TaggedClientsArgs) asked: TaggedClientsArgs,
    @Ctx() context: RequestContext,
  ): Promise<ClientJobPayload> {
    return await this.#make(ClientJobKind.UNTAG, asked, context);
  }

  @Allow('clients:write')
  @Mutation(() => ClientJobPayload, {
    description: 'Notes of many clients that they want no messages, by a job. What is not on its way yet is not sent.',
  })
  async clientsOptOut(
    @Args(() => SomeClientsArgs) asked: SomeClientsArgs,
    @Ctx() context: RequestContext,
  ): Promise<ClientJobPayload> {
    return await this.#make(ClientJobKind.OPT_OUT, asked, context);
  }

  @Allow('clients:write')
  @Mutation(() => ClientJobPayload, {
    description: 'Hides many clients and frees their phones, by a job; their messages stay as history.',
  })
  async clientsDelete(
    @Args(() => SomeClientsArgs) asked: SomeClientsArgs,
    @Ctx() context: RequestContext,
  ): Promise<ClientJobPayload> {
    return await this.#make(ClientJobKind.DELETE, asked, context);
  }

  @Allow('clients:write')
  @Mutation(() => ClientJobPayload, {
    description: 'Stops a job after the batch that is under way; what is done stays done. CONFLICT when it is over.',
  })
  async clientJobCancel(@Arg('id', () => ID, { description: 'Which job.' }) id: string): Promise<ClientJobPayload> {
    const { result, userErrors } = await answer(() => cancelJob(this.options, id));
    return { job: result, userErrors };
  }

  @Allow('clients:read')
  @Subscription(() => ClientJob, {
    description:
      'How far an import, or any other job on clients, is: the state now, then each change, at most four a second. Ends when the job is over.',
    subscribe: ({ args, context }: { args: { id: string }; context: RequestContext }) =>
      context.resolvers.get(ClientJobResolver).followJob(args.id),
  })
  importProgress(@Root() job: ClientJob, @Arg('id', () => ID, { description: 'Which job.' }) _id: string): ClientJob {
    return job;
  }

  @FieldResolver(() => [ImportProblem], {
    description: 'What is wrong with the first lines of the file that were left out.',
  })
  async problems(
    @Root() { id }: ClientJob,
    @Arg('first', () => Int, { defaultValue: 20, description: 'Of how many lines, 1 to 100.' }) first: number,
    @Ctx() context: RequestContext,
  ): Promise<ImportProblem[]> {
    const lines = await this.#rejected(context, { id, first: parseInput(firstSchema, first, ['first']) });
    return lines.flatMap(({ line, problems }) =>
      problems.map(({ field, message }) => ({ line, field: field || null, message })),
    );
  }

  /** @throws AppError NOT_FOUND */
  async followJob(id: string): Promise<AsyncIterable<ClientJob>> {
    const job = await findJob(this.options.pool, id);
    return cancellable((signal) => this.options.feed.follow(job, signal));
  }

  /** One statement for all that is asked, of each job as many lines as the most that one wants. */
  async #firstLines(asked: readonly Asked[]): Promise<RejectedLine[][]> {
    const most = Math.max(...asked.map(({ first }) => first));
    const ids = asked.map(({ id }) => id);
    const found = await rejectedLines(this.options.pool, ids, most);
    return asked.map(({ first }, at) => (found[at] ?? []).slice(0, first));
  }

  async #make(
    kind: BulkKind,
    { idempotencyKey: key, ...input }: SomeClientsArgs | TaggedClientsArgs,
    { actor, em }: RequestContext,
  ): Promise<ClientJobPayload> {
    const { result, userErrors } = await answer(() => startBulkJob({ ...this.options, em }, kind, input, actor, key));
    return { job: result, userErrors };
  }
}
