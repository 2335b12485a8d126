// npm run help: every command, a line each.
const commands = {
  'npm start': 'installs and builds what is missing and starts everything; with nothing configured: a demo',
  'npm test [-- file …]': 'all tests, on a real PostgreSQL and with real processes',
  'npm run check': 'format, lint, import directions, types, schema drift, tests (--no-tests leaves those out)',
  'npm run build': 'compiles the program and its pages into dist/',
  'npm run cli -- help':
    'migrate, seed, config check, verify, link, stop, resume and more; `help <command>` tells of one',
  'npm run demo:mongo': "the demo with the scheduler's jobs on MongoDB, and the jobs it saw there",
  'npm run bench [-- name … --runs N --write]':
    'how fast it is, each figure beside a counterpart of the same run; `-- --list` names the benches',
  'npm run chaos [-- --minutes N --seed N]': 'breaks everything by chance while it sends, then asks the judge',
  'npm run fleet [-- --rounds N]':
    'APIs, workers and both databases under load; kills one of each, then asks the judge',
  'npm run check:deploy':
    'hadolint, kubeconform and the rules of compose on the files it is deployed by; needs Go and Python',
  'npm run audit [-- --short]': 'schemathesis tries both APIs with requests it makes up; needs Python',
  'npm run guards [-- name]': 'takes out each guard of the code in turn, and expects its test to see it',
  'npm run classic': 'the tests of what classic mailing services promised, by the rows of docs/classic.md',
  'npm run migration -- <name>': 'has the generator write what the entities have and the migrations lack',
  'npm run screenshots': 'takes the pictures in docs/screenshots from a running demo',
};
/** The same by make, where there is one; those of the containers need Docker. */
Object.assign(commands, {
  'make build': 'builds the containers',
  'make up': 'docker compose up -d --build: brings everything up in the background',
  'make down': 'stops it; what is stored stays',
  'make logs': 'follows what API and workers say',
  'make test': 'npm test',
});
const width = Math.max(...Object.keys(commands).map((name) => name.length));
for (const [name, does] of Object.entries(commands)) process.stdout.write(`  ${name.padEnd(width)}  ${does}\n`);
