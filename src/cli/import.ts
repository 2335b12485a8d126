import { createReadStream, statSync } from 'node:fs';
import type { ClientJob } from '../bulk/client-job.js';
import { type Bar, openBar } from './bar.js';
import type { Call } from './call.js';
import type { Command } from './command.js';
import { momentText } from './show.js';
import { CLI_ACTOR, type Program, withProgram } from './with-program.js';
import { writeTable } from './write-table.js';

export const importCommand: Command = {
  name: 'import',
  does: 'bring clients in from a CSV file',
  more: 'docs/import.md tells what the columns mean and who wins. Ctrl-C stops it; what is done stays done. Exit code 0: every line is in; 1: some were left out.',
  args: [{ name: 'file', does: 'the file; - for what comes by a pipe', file: true }],
  options: {
    map: {
      value: 'column:meaning',
      does: 'what a column is for: phone, tags, time_zone, an attribute, - for nothing',
      many: true,
    },
    'on-conflict': {
      value: 'rule',
      does: 'what wins where a client with the phone is there; overwrite',
      choices: ['keep', 'overwrite', 'merge'],
    },
    'time-zone': { value: 'zone', does: 'where new clients live whose line does not say' },
    encoding: {
      value: 'encoding',
      does: 'of the file; auto',
      choices: ['auto', 'utf-8', 'utf-16le', 'utf-16be', 'windows-1251'],
    },
    delimiter: { value: 'name', does: 'what parts its cells; auto', choices: ['auto', 'comma', 'semicolon', 'tab'] },
    rejects: {
      value: 'file',
      does: 'write the lines that were left out to this file, with what is wrong with each',
      file: true,
    },
    'dry-run': { does: 'only count what would be done' },
  },
  json: true,
  examples: [
    { line: 'import clients.csv --dry-run', does: 'see what would be done' },
    {
      line: 'import people.csv --map Mobile:phone --map Notes:- --time-zone Europe/Moscow --rejects rejects.csv',
      does: 'say what columns mean, and keep the lines that are left out',
    },
  ],
  async run(call) {
    const { importClients } = await import('../bulk/import-clients.js');
    const given = optionsOf(call);
    return await withProgram(call, async (program) => {
      const bar = openBar(call.surroundings.stderr, 'import');
      const stop = call.surroundings.stop();
      const onBatch = (job: ClientJob) =>
        bar?.show(job.done, job.total ?? 0, `${job.created} added, ${job.updated} changed`);
      const fields = Object.keys(given);
      const bring = () =>
        importClients(program.pool, openFile(call, bar, stop), given, { by: CLI_ACTOR, onBatch, stop });
      try {
        const { job } = await program.act('clientsImport', null, fields, bring, (result) => result.job.id);
        bar?.end();
        await tell(call, program, job);
        return job.failed > 0 ? 1 : 0;
      } finally {
        bar?.end();
      }
    });
  },
};

/** As the API takes them. */
function optionsOf({ values, lists, flags }: Call) {
  const { 'on-conflict': onConflict, 'time-zone': timeZone, encoding, delimiter } = values;
  const given = {
    onConflict,
    timeZone,
    encoding,
    delimiter,
    map: lists['map'],
    dryRun: flags.has('dry-run') || undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The file piece by piece. Until all of it is read the bar tells how much of it was. @throws Error on Ctrl-C */
async function* openFile({ args, surroundings }: Call, bar: Bar | null, stop: AbortSignal) {
  const file = args['file']!;
  const size = file === '-' ? 0 : statSync(file).size;
  let read = 0;
  for await (const piece of file === '-' ? surroundings.stdin : createReadStream(file)) {
    stop.throwIfAborted();
    read += piece.length;
    bar?.show(read, size, 'of the file checked');
    yield piece as Buffer;
  }
}

async function tell(call: Call, { pool }: Program, job: ClientJob): Promise<void> {
  const { shownJob } = await import('../rest/client-jobs.js');
  const { exportRejects } = await import('../bulk/export-rejects.js');
  const { rejects } = call.values;
  if (rejects !== undefined && job.failed > 0) {
    const table = exportRejects(pool, job, new AbortController().signal);
    await writeTable(call, table, { file: rejects, json: false });
  }
  if (call.json) return call.sayJson(shownJob.parse(job));
  const { dryRun, total, created, updated, unchanged, duplicates, failed, finishedAt } = job;
  const would = dryRun ? 'would be ' : '';
  call.say(
    `${total} lines: ${created} clients ${would}added, ${updated} ${would}changed, ${unchanged} left as they are, ${duplicates} lines with a phone of another, ${failed} left out.`,
  );
  call.say(`${dryRun ? 'Nothing was written' : 'Done'}, ${momentText(finishedAt)}.`);
  if (failed > 0)
    call.complain(rejects ? `What was left out is in ${rejects}.` : 'Say --rejects <file> to see what was left out.');
}
