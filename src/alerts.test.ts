import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
interface RuleTest {
  input_series: { series: string; values: string }[];
  alert_rule_test: { alertname: string; eval_time: string; exp_alerts: unknown[] }[];
}
const rules: Rule[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(
  ({ rules }: { rules: Rule[] }) => rules,
);
const ruleTests: RuleTest[] = parse(read('deploy/prometheus/alerts.test.yml')).tests;
const dashboard = JSON.parse(read('deploy/grafana/dashboards/heliograph.json'));

/** What processes tell, with the labels: src/metrics.test.ts holds that page against them. `up` is Prometheus' own. */
const told = new Map([
  ['up', []],
  ...[...read('docs/metrics.md').matchAll(/^\| `([a-z]\w+)` \| (\w+) \| ([^|]*) \|/gm)].flatMap(
    ([, name, type, labels]): [string, string[]][] => {
      const own = [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!);
      if (type !== 'histogram') return [[name!, own]];
      return [
        [`${name}_bucket`, [...own, 'le']],
        [`${name}_count`, own],
        [`${name}_sum`, own],
      ];
    },
  ),
]);
/** Prometheus puts these on whatever it scrapes. */
const SCRAPED = ['job', 'instance'];

/** What an expression asks for that nobody tells: metrics, and labels that they do not have. */
function unknownIn(expr: string): string[] {
  const plain = expr.replace(/"[^"]*"/g, '""');
  const unknown = [...plain.matchAll(/\b((?:heliograph|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g)].flatMap(
    ([, name, matchers = '']) => {
      const labels = told.get(name!);
      if (labels === undefined) return [name!];
      const asked = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!);
      return asked.filter((label) => ![...labels, ...SCRAPED].includes(label)).map((label) => `${name}{${label}}`);
    },
  );
  const metrics = [...plain.matchAll(/\b((?:heliograph|nodejs|process)_\w+|up)\b/g)].map(([, name]) => name!);
  const known = new Set([...metrics.flatMap((name) => told.get(name) ?? []), ...SCRAPED]);
  const grouped = [...plain.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) =>
    names!.split(',').map((n) => n.trim()),
  );
  return [...unknown, ...grouped.filter((label) => !known.has(label)).map((label) => `by (${label})`)];
}

test('what a check of expressions finds unknown', () => {
  expect(unknownIn('sum by (channel) (rate(heliograph_messages_total{outcome="accepted"}[5m]))')).toEqual([]);
  expect(unknownIn('heliograph_nonsense_total > 0')).toEqual(['heliograph_nonsense_total']);
  expect(unknownIn('heliograph_claims_total{mailing="1"}')).toEqual(['heliograph_claims_total{mailing}']);
  expect(unknownIn('sum by (outcome) (heliograph_claims_total)')).toEqual(['by (outcome)']);
  expect(unknownIn('rate(heliograph_send_duration_seconds[1m])')).toEqual(['heliograph_send_duration_seconds']);
});

test('each alert asks for what processes tell', () => {
  expect(rules.length).toBeGreaterThan(15);
  expect(rules.flatMap(({ alert, expr }) => unknownIn(expr).map((name) => `${alert}: ${name}`))).toEqual([]);
});

test('each alert has its paragraph in docs/alerts.md, and each paragraph its alert', () => {
  const headings = [...read('docs/alerts.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(headings.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  for (const { alert, labels, annotations } of rules) {
    expect(['critical', 'warning', 'info']).toContain(labels['severity']);
    expect(annotations).toEqual({
      summary: expect.stringMatching(/\S/),
      description: expect.stringMatching(/\.$/),
      runbook: `docs/alerts.md#${alert.toLowerCase()}`,
    });
  }
  const anchors = [...read('docs/alerts.md').matchAll(/\]\(#(\w+)\)/g)].map(([, anchor]) => anchor);
  for (const anchor of anchors) expect(headings.map((heading) => heading!.toLowerCase())).toContain(anchor);
});

test('each alert has a test in which it fires, and one in which it keeps quiet, of series that there are', () => {
  const ofAlert = ruleTests.flatMap(({ input_series, alert_rule_test }) =>
    alert_rule_test.map(({ alertname, exp_alerts }) => ({ alertname, fires: exp_alerts.length > 0, input_series })),
  );
  const named = (fires: boolean) => ofAlert.filter((each) => each.fires === fires).map(({ alertname }) => alertname);
  const alerts = rules.map(({ alert }) => alert).sort();
  expect([named(true).sort(), named(false).sort()]).toEqual([alerts, alerts]);
  const series = ofAlert.flatMap(({ input_series }) => input_series.map((each) => each.series));
  expect(series.filter((each) => each !== 'unrelated').flatMap(unknownIn)).toEqual([]);
});

test('each panel of the dashboard asks for what processes tell, and each metric of ours has a panel', () => {
  type Panel = { title: string; targets?: { expr: string }[] };
  const asked = (dashboard.panels as Panel[]).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr })),
  );
  expect(asked.flatMap(({ title, expr }) => unknownIn(expr).map((name) => `${title}: ${name}`))).toEqual([]);
  const all = asked.map(({ expr }) => expr).join();
  const shown = (name: string) =>
    new RegExp(`\\b${name.replace(/_(?:bucket|count|sum)$/, '')}(?:_bucket|_count)?\\b`).test(all);
  expect([...told.keys()].filter((name) => name.startsWith('heliograph_') && !shown(name))).toEqual([]);
});

test('Grafana finds the dashboard where the provider looks, and Prometheus by the name that panels ask for', () => {
  const [provider] = parse(read('deploy/grafana/provisioning/dashboards/heliograph.yml')).providers;
  const [source] = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')).datasources;
  expect(provider.options.path).toBe('/var/lib/grafana/dashboards');
  expect(read('docker-compose.yml')).toContain(`./deploy/grafana/dashboards:${provider.options.path}:ro`);
  const uids = new Set([...JSON.stringify(dashboard.panels).matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid));
  expect([...uids]).toEqual([source.uid]);
});

const promtool = process.env['PROMTOOL'] ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;

test.runIf(hasPromtool)(
  'promtool finds the rules sound, the scrape configuration too, and all their tests pass',
  () => {
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(promtool, args, {
        cwd: join(ROOT, 'deploy/prometheus'),
        encoding: 'utf8',
      });
      return { args, status, said: status === 0 ? '' : `${stdout}${stderr}` };
    };
    for (const args of [
      ['check', 'rules', '--lint=all', 'alerts.yml'],
      ['check', 'config', '--syntax-only', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      expect(run(...args)).toEqual({ args, status: 0, said: '' });
    }
  },
);
