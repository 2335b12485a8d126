import type pg from 'pg';
import type { Command } from './command.js';
import { CLI, withDatabase } from './with-database.js';

export const reportCommand: Command = {
  name: 'report',
  does: 'show the report of a day, or have it sent',
  more: 'Shows it as it was sent, or, where it was not, as it would be now. --send sends it to the recipients in the settings; where it was sent before, only to those whom it did not reach for sure. docs/report.md tells more.',
  options: {
    date: { value: 'yyyy-mm-dd', does: 'which day, in the zone of the settings; left out: yesterday' },
    html: { does: 'print the letter as HTML' },
    send: { does: 'send it now, and wait for the mail server' },
  },
  json: true,
  examples: [
    { line: 'report', does: "print yesterday's report as text" },
    { line: 'report --date 2026-11-21 --json', does: "print a day's figures as JSON" },
  ],
  async run(call) {
    const { parseInput } = await import('../graphql/parse-input.js');
    const { DailyReports } = await import('../report/daily-reports.js');
    const { readDue, reportDay } = await import('../report/report-days.js');
    const { reportParts } = await import('../report/report-parts.js');
    const { createLogger } = await import('../platform/log.js');
    const config = call.config();
    const given = call.values['date'];
    const asked = given === undefined ? undefined : parseInput(reportDay, given, ['date']);
    return await withDatabase(call, { make: false }, async (pool) => {
      const log = createLogger({ level: 'error', pretty: true });
      const reports = new DailyReports(reportParts({ config, pool, log }));
      // At midnight the newest day that is over is due: that is yesterday.
      const date = asked ?? (await readDue(pool, { ...config.report, at: '00:00' })).day;
      if (call.flags.has('send')) {
        const count = await reports.haveSent(date, CLI.name);
        await reports.sendDue(new AbortController().signal);
        const { sent, total } = await countLetters(pool, date, config.report.recipients);
        call.say(`${count === 0 ? 'Nothing was left to send: ' : ''}${sent} of ${total} letters are sent.`);
        return sent === total ? 0 : 1;
      }
      const { content, bookedAt, subject, html, text } = await reports.show(date);
      if (call.json) call.sayJson({ ...content, bookedAt, subject });
      else call.print(call.flags.has('html') ? `${html}\n` : text);
      return 0;
    });
  },
};

/** Of the letters to these recipients: who is one no longer gets none. */
async function countLetters(
  pool: pg.Pool,
  day: string,
  recipients: readonly string[],
): Promise<{ sent: number; total: number }> {
  const { rows } = await pool.query<{ sent: number; total: number }>(
    `select count(*)::int as total, count(*) filter (where state = 'SENT')::int as sent from daily_report_letter
     where day = $1 and recipient = any ($2)`,
    [day, recipients],
  );
  return rows[0]!;
}
