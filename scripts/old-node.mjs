// Imported first by every script, and written so that a very old Node can still read it: it must be able to say that it
// is too old. Everything newer is imported dynamically, after this has run.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write(
    'Heliograph needs Node 20 or newer to start (it brings its own Node 24 from there); this is ' +
      process.version +
      '.\n',
  );
  process.exit(1);
}
