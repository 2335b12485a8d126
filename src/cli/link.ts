import { findRunning } from '../embedded/running-file.js';
import type { Command } from './command.js';
import { CLI, withDatabase } from './with-database.js';

export const linkCommand: Command = {
  name: 'link',
  does: 'print a new one-time link that signs a browser in; with --for, that lets a user set a password',
  more: 'The link holds for one hour, and opens once.',
  options: { for: { value: 'e-mail', does: 'whose password the link sets' } },
  examples: [{ line: 'link', does: 'print a link that signs a browser in' }],
  async run(call) {
    const { Sessions } = await import('../access/sessions.js');
    const { listProcesses } = await import('../operations/heartbeat.js');
    const { findLinkHolder, issuePasswordLink } = await import('../access/password-links.js');
    const config = call.config();
    const running = findRunning(config.dataDir);
    const base = config.publicUrl ?? running?.url ?? `http://${config.host}:${config.port}`;
    const email = call.values['for']?.trim().toLowerCase();
    return await withDatabase(call, { make: false }, async (pool) => {
      const user = email === undefined ? undefined : await findLinkHolder(pool, email);
      if (user === null) {
        call.complain(`Nobody has an account by the e-mail ${email}, or it is disabled.`);
        return 1;
      }
      call.say(
        user
          ? await issuePasswordLink(pool, base, user, CLI)
          : `${base}/enter/${await new Sessions(pool).issueLink(CLI)}`,
      );
      // Those that serve people may have their data folder, or be, anywhere else.
      const served = running ?? (await listProcesses(pool)).find(({ role, silent }) => role !== 'worker' && !silent);
      if (!served) call.complain('Nothing runs on this data folder: npm start first. The link holds for one hour.');
      return 0;
    });
  },
};
