import type { Bench, Figure } from './bench.js';
import { ask, type BenchStage, onStage, start } from './children.js';
import { askForClients } from './graphql-load.js';
import { cpuOf, cpuOfPostgres } from './machine.js';
import { startProgram } from './program.js';

const TOKEN = 'bench-admin-token';

/** A server that is asked. */
interface Side {
  pid: number;
  url: string;
  token: string | null;
}

/** What asking one server came to. */
interface Run {
  perSecond: number;
  /** µs of one core a request. */
  nodeMicros: number;
  postgresMicros: number;
}

/** Asks a server once through, and reads from the outside what that cost. */
async function runOf(
  { pid, ...side }: Side,
  asked: { clients: number; requests: number },
  postgres: number,
): Promise<Run> {
  const [node, database] = [cpuOf(pid), cpuOfPostgres(postgres)];
  const perSecond = await askForClients({ ...side, ...asked });
  return {
    perSecond,
    nodeMicros: (cpuOf(pid) - node) / asked.requests,
    postgresMicros: (cpuOfPostgres(postgres) - database) / asked.requests,
  };
}

/** Both servers on one database; the program as it is run in earnest, with its log, limits and rights. */
async function startBoth({ databaseUrl, dir }: BenchStage): Promise<{ ours: Side; bare: Side; stop(): Promise<void> }> {
  const program = await startProgram(dir, {
    DATABASE_URL: databaseUrl,
    ROLE: 'api',
    ADMIN_TOKEN: TOKEN,
    API_RATE_LIMIT: '100000',
  });
  const apollo = start('bare-apollo.js', databaseUrl);
  const { url } = await ask(apollo);
  return {
    ours: { pid: program.pid, url: program.url, token: TOKEN },
    bare: { pid: apollo.pid!, url, token: null },
    async stop() {
      apollo.disconnect();
      await program.stop();
    },
  };
}

/** What a request for one client costs, over the same HTTP client. */
export const graphql: Bench = {
  name: 'graphql',
  does: 'requests for one client, beside a bare Apollo Server on Fastify with the same type',
  sizes: { requests: 20_000, clients: 100_000 },
  async run({ runs, size, say }) {
    const asked = { clients: size('clients'), requests: size('requests') };
    const [ours, bare]: [Run[], Run[]] = [[], []];
    await onStage(async (stage) => {
      await stage.pool.query(
        `insert into client (id, phone, operator_code, tags, time_zone, attributes)
         select n, (79000000000 + n)::text, '900', array['vip', 'group ' || n % 50], 'Europe/Moscow', jsonb_build_object('name', 'Anna ' || n)
         from generate_series(1, $1::int) n`,
        [asked.clients],
      );
      await stage.pool.query('vacuum analyze client');
      const both = await startBoth(stage);
      try {
        // Both have compiled what they need before anything counts.
        for (const side of [both.bare, both.ours]) await runOf(side, asked, stage.postgresPid);
        for (let run = 1; run <= runs; run += 1) {
          bare.push(await runOf(both.bare, asked, stage.postgresPid));
          ours.push(await runOf(both.ours, asked, stage.postgresPid));
          const speed = (all: Run[]) => `${Math.round(all.at(-1)!.perSecond)}/s`;
          say(`run ${run}: bare Apollo ${speed(bare)}, heliograph ${speed(ours)}`);
        }
      } finally {
        await both.stop();
      }
    });
    const of = (what: string, unit: string, key: keyof Run, must?: Figure['must']): Figure => ({
      what,
      unit,
      values: ours.map((run) => run[key]),
      counterpart: { what: 'bare Apollo', values: bare.map((run) => run[key]) },
      ...(must && { must }),
    });
    return [
      of('client(id)', 'requests/s', 'perSecond', [{ of: 'ratio', least: 0.6 }]),
      of('CPU of Node a request', 'µs', 'nodeMicros'),
      of('CPU of PostgreSQL a request', 'µs', 'postgresMicros'),
    ];
  },
};
