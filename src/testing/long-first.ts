import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What a test says that starts processes, and waits for them. */
const STARTS_PROCESSES =
  /\b(builtFile|launchBrowser|schedulerContract|setStage\w*|spawnSimulator|startChild|startEmbeddedPostgres|startProgram)\(/;

/**
 * Files that start processes take longest, and come first, so that none of them is left to run alone at the end. Where
 * the times of an earlier run are known, those decide.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    if (files.every((file) => this.ctx.cache.getTestSpecificationResult(file))) return sorted;
    const long = new Set(sorted.filter(({ moduleId }) => STARTS_PROCESSES.test(readFileSync(moduleId, 'utf8'))));
    return [...long, ...sorted.filter((file) => !long.has(file))];
  }
}
