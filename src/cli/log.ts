import type { LogEntry } from '../platform/read-log.js';
import type { Command } from './command.js';

/** What can be looked for, and the field that holds it. */
const FIELDS = { message: 'message_id', mailing: 'mailing_id', client: 'client_id', request: 'request_id' } as const;

/** They stand at the beginning of a line for people. */
const HEAD = ['time', 'level', 'role', 'pid', 'msg'];

export const logCommand: Command = {
  name: 'log',
  does: 'print all that app.log has about a message, a mailing, a client or a request',
  more: 'Reads the files that were put aside too, in the order of time. Several options narrow it: lines that have all of them. With --json it prints them as one array, and with --follow one JSON object a line.',
  options: {
    message: { value: 'id', does: 'requests to the gateway and answers, and what people did with it' },
    mailing: { value: 'id', does: 'its steps, its messages, and the requests for the API that were about it' },
    client: { value: 'id', does: 'its messages, and the requests for the API that were about it' },
    request: { value: 'id', does: 'what a request for the API did: its header x-request-id' },
    follow: { does: 'go on with what is written from now on, until Ctrl-C' },
  },
  json: true,
  examples: [
    { line: 'log --message 123', does: 'every attempt to send a message' },
    { line: 'log --mailing 7 --json', does: 'all about a mailing, for a program' },
  ],
  async run(call) {
    const { readLog } = await import('../platform/read-log.js');
    const { appLog } = call.config();
    const fields = Object.entries(FIELDS).flatMap(([name, field]) => {
      const value = call.values[name];
      return value === undefined ? [] : [[field, value] as const];
    });
    if (appLog === null) {
      call.complain('No log is kept in a file: APP_LOG is off.');
      return 2;
    }
    if (fields.length === 0) {
      call.complain('Say what it is about: --message, --mailing, --client or --request.');
      return 2;
    }
    const follow = call.flags.has('follow') ? { follow: call.surroundings.stop() } : {};
    const lines = readLog(appLog.path, { fields, ...follow });
    if (call.json && !call.flags.has('follow')) {
      const all: LogEntry[] = [];
      for await (const entry of lines) all.push(entry);
      call.sayJson(all);
      return 0;
    }
    let found = 0;
    for await (const entry of lines) {
      found += 1;
      call.say(call.json ? JSON.stringify(entry) : readable(entry));
    }
    if (found === 0) call.complain(`Nothing about it in ${appLog.path}, nor in the files beside it.`);
    return 0;
  },
};

/** `2026-11-22T00:59:12.345Z info  worker/7  gateway answer  message_id=123 …` */
function readable(entry: LogEntry): string {
  const rest = Object.entries(entry)
    .filter(([name]) => !HEAD.includes(name))
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'object' || /\s/.test(String(value)) ? JSON.stringify(value) : value}`,
    );
  const who = `${String(entry['role'])}/${String(entry['pid'])}`;
  return `${entry.time} ${entry.level.padEnd(5)} ${who.padEnd(12)} ${entry.msg.padEnd(15)} ${rest.join(' ')}`.trimEnd();
}
