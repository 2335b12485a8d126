import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_FLAGS } from './testing/program.js';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');

it('runs in a container as somebody who is not root', () => {
  const users = [...read('Dockerfile').matchAll(/^(USER|CMD|ENTRYPOINT) (\S+)/gm)].map(([, what, who]) => [what, who]);
  expect(users.filter(([what]) => what === 'USER').at(-1)).toEqual(['USER', 'node']);
  expect(users.at(-1)?.[0]).not.toBe('USER');
});

it('takes the same flags of Node wherever it is started', () => {
  expect(read('scripts/start.mjs')).toContain(`['${NODE_FLAGS.join("', '")}']`);
  expect(read('Dockerfile')).toContain(
    JSON.stringify(['node', ...NODE_FLAGS, 'dist/src/main.js']).replaceAll(',', ', '),
  );
});

it('starts with no secret that stands in a file of ours, and listens to this machine only', () => {
  const compose = read('docker-compose.yml');
  const secrets = [...compose.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|SECRET))(:.)([^}]*)\}/g)];
  expect(new Set(secrets.map(([, name]) => name))).toContain('ADMIN_TOKEN');
  for (const [given, name, kind, text] of secrets) {
    // Without it the service does not start, or does without.
    expect([given, kind === ':?' || text === '']).toEqual([given, true]);
    if (/PASSWORD|ADMIN/.test(name ?? '')) expect([given, kind]).toEqual([given, ':?']);
  }
  expect(compose.match(/^ +- 127\.0\.0\.1:.*$/gm)).toHaveLength(1);
  const settings = [...read('.env.example').matchAll(/^#? ?(\w*(?:PASSWORD|TOKEN|SECRET))=(.*)$/gm)];
  expect(settings.length).toBeGreaterThan(3);
  expect(settings.filter(([, , value]) => value !== '')).toEqual([]);
});
