import { join } from 'node:path';
import { defineConfig } from 'vite';
import { mantineStyles } from './mantine-styles.js';
import { ownRedoc } from './own-redoc.js';
import { precompress } from './precompress.js';
import { splitDocuments } from './split-documents.js';

const page = (file: string) => join(import.meta.dirname, file);

/** Builds the pages that the server gives out: `dist/web/*.html`, and everything they need under `dist/web/assets/`, named by content. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [mantineStyles(), splitDocuments(), ownRedoc(), precompress()],
  // GraphiQL's editor starts its workers as modules.
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // What is loaded with what: budget.test.ts reads it. It is not served.
    manifest: true,
    target: 'es2024',
    // Nothing becomes a data: address or an inline script, so that the content security policy can stay narrow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The largest is GraphiQL's editor (2.8 MB, 0.7 MB compressed); it loads on /graphiql only.
    chunkSizeWarningLimit: 3_000,
    rolldownOptions: {
      input: {
        index: page('index.html'),
        graphiql: page('graphiql.html'),
        guide: page('guide.html'),
        redoc: page('redoc.html'),
        report: page('report.html'),
        'sign-in': page('sign-in.html'),
      },
      // GraphiQL's packages carry 'use client' and 'use no memo' marks, which mean something to other tools only.
      checks: { moduleLevelDirective: false },
    },
  },
});
