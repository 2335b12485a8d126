import type pg from 'pg';
import { Field, FieldResolver, Float, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { Entries } from '../graphql/entries.js';
import { DateTime } from '../graphql/scalars.js';
import { listProcesses, MOST_PROCESSES, VERSION } from './heartbeat.js';
import { ProgramProcess } from './program-process.js';
import type { Readiness } from './readiness.js';

/** A part of the process that answers. */
@ObjectType({ description: 'A part of the process that answers.', simpleResolvers: true })
export class HealthPart {
  @Field(() => String, {
    description: '`database`; `live`: the feed of changes; `scheduler`: the store of its jobs. As in `/readyz`.',
  })
  name!: string;

  @Field(() => Boolean, { description: 'Whether it works.' })
  works!: boolean;
}

/** How the program does. */
@ObjectType({ description: 'How the program does.', simpleResolvers: true })
export class Health {
  @Field(() => Boolean, { description: 'Every part of the process that answers works: what `/readyz` says.' })
  ready!: boolean;

  @Field(() => [HealthPart], { description: 'The parts of the process that answers.' })
  parts!: HealthPart[];

  @Field(() => String, { description: 'The version of Heliograph that answers.' })
  version!: string;

  @Field(() => String, { description: 'The version of Node that runs it.' })
  nodeVersion!: string;

  @Field(() => String, { description: 'Where the jobs of the scheduler are kept: `postgres` or `mongo`.' })
  jobStore!: string;

  @Field(() => [String], {
    description:
      'What is wrong with the settings as they were read last, a sentence each; those from before are in force then. None: what was read is in force.',
  })
  settingsProblems!: readonly string[];

  @Field(() => [String], {
    description:
      'The settings that were changed since the process started and hold only once it is started again, by their names.',
  })
  settingsNeedRestart!: readonly string[];

  @Field(() => DateTime, { description: 'When that was found out.' })
  asOf!: Date;
}

/** The database, as it answered just now. */
@ObjectType({ description: 'The database, as it answered just now.', simpleResolvers: true })
export class HealthDatabase {
  @Field(() => String, { description: 'The version of PostgreSQL.' })
  version!: string;

  @Field(() => Float, { description: 'How long it took to answer, ms.' })
  answeredInMs!: number;

  @Field(() => Float, { description: 'How much room this database takes, bytes.' })
  sizeBytes!: number;
}

/** What the resolver works with. */
export interface HealthResolverOptions {
  pool: pg.Pool;
  readiness: Pick<Readiness, 'look'>;
  config: { mongoUrl: string | null };
}

/** How the program does, for everybody who is signed in: nothing in it is about clients or mailings. */
@Resolver(() => Health)
export class HealthResolver {
  constructor(private readonly options: HealthResolverOptions) {}

  @Allow('signed-in')
  @Query(() => Health, {
    description: 'How the program does. While the database is away nobody can be let in to ask: `/readyz` tells then.',
  })
  async health(): Promise<Health> {
    const { readiness, config } = this.options;
    const jobStore = config.mongoUrl === null ? 'postgres' : 'mongo';
    const { ready, parts, settings } = await readiness.look();
    const named = Object.entries(parts).map(([name, works]) => Object.assign(new HealthPart(), { name, works }));
    const versions = { version: VERSION, nodeVersion: process.version };
    const { problems: settingsProblems, needRestart: settingsNeedRestart } = settings;
    const said = { settingsProblems, settingsNeedRestart };
    return Object.assign(new Health(), { ready, parts: named, ...versions, jobStore, ...said, asOf: new Date() });
  }

  @FieldResolver(() => HealthDatabase, { description: 'The database behind it.' })
  async database(): Promise<HealthDatabase> {
    const began = performance.now();
    const { rows } = await this.options.pool.query<Pick<HealthDatabase, 'version' | 'sizeBytes'>>(
      `select current_setting('server_version') as version, pg_database_size(current_database())::float8 as "sizeBytes"`,
    );
    const answeredInMs = Math.round((performance.now() - began) * 10) / 10;
    return Object.assign(new HealthDatabase(), rows[0], { answeredInMs });
  }

  @Entries(MOST_PROCESSES)
  @FieldResolver(() => [ProgramProcess], {
    description: `The processes of the program, on whichever machine: those that are alive, the newest first, then those that fell silent in the last ten minutes; up to ${MOST_PROCESSES}.`,
  })
  async processes(): Promise<ProgramProcess[]> {
    return await listProcesses(this.options.pool);
  }
}
