import { defineConfig } from 'vitest/config';
import { LongFirst } from './src/testing/long-first.js';

export default defineConfig({
  // Vite would take graphql's ES modules where Node takes CommonJS: two copies that do not know each other's types.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      { find: '@jest/globals', replacement: new URL('src/testing/jest-globals.ts', import.meta.url).pathname },
    ],
  },
  test: {
    // Aliases hold only in what Vite reads: Apollo's suite is written for Jest.
    server: { deps: { inline: ['@apollo/server-integration-testsuite'] } },
    include: [
      'src/**/*.test.ts',
      'migrations/**/*.test.ts',
      'bench/**/*.test.ts',
      'chaos/**/*.test.ts',
      'examples/**/*.test.ts',
      'web/**/*.test.ts',
    ],
    globalSetup: ['src/testing/postgres.global.ts'],
    setupFiles: ['reflect-metadata'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One second, its default, is too little for real processes on a machine that is busy elsewhere.
    expect: { poll: { timeout: 15_000 } },
    // One more than the two cores that there are at least: many tests wait for a process, a lease or a limit.
    maxWorkers: 3,
    // Reading the libraries takes two seconds; a worker does it once for all of its files.
    isolate: false,
    sequence: { sequencer: LongFirst },
  },
});
