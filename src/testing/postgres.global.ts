import 'reflect-metadata';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { entities } from '../entities.js';
import { createOrm } from '../platform/orm.js';
import { makeRunFolder, removeLeftovers, removeRunFolder } from './run-folder.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The cluster of this test run; `heliograph_template` in it is migrated and empty. */
    clusterUrl: string;
  }
}

/** A crash of this cluster loses nothing anybody wants, so it need not wait for the disk. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/**
 * One real Postgres for the whole run; each test file clones the migrated template (test-database.ts). Many short runs
 * may share one: then LENT_CLUSTER_URL says where it is, and whoever lent it ends it (scripts/take-out-guards.mjs).
 */
export default async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const lent = process.env['LENT_CLUSTER_URL'];
  if (lent) {
    project.provide('clusterUrl', lent);
    return async () => {};
  }
  await removeLeftovers();
  const dir = makeRunFolder();
  // Tests make their own folders in it, so that all goes with it, and a killed run is cleaned up by the next.
  process.env['TMPDIR'] = dir;
  const postgres = await startEmbeddedPostgres({ dir, settings: FAST });
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query('create database heliograph_template');
  const url = new URL(postgres.url);
  url.pathname = '/heliograph_template';
  const orm = await createOrm({ databaseUrl: url.href, entities });
  await orm.migrator.up();
  await orm.close();
  await admin.end();
  project.provide('clusterUrl', postgres.url);
  return async () => {
    await postgres.stop();
    await removeRunFolder(dir);
  };
}
