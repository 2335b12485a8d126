import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from './command.js';

/** The repository's folder, seen from here and from dist alike. */
export const ROOT = findRoot(import.meta.dirname);

/** A file of the repository that is made from the code. */
export interface MadeFile {
  /** Of the command that makes it. */
  name: string;
  /** In words: 'the GraphQL schema'. */
  what: string;
  file: string;
  example: Command['examples'][number];
  /** What stands in the file. */
  make: () => Promise<string>;
  /** What is printed, where that is something else. */
  show?: () => Promise<string>;
}

/** A command that prints what the code says, compares the file in the repository with it, or writes that. */
export function madeFileCommand({ name, what, file, example, make, show = make }: MadeFile): Command {
  return {
    name,
    does: `print ${what}; compare ${file} with it; write ${file}`,
    options: {
      check: { does: 'compare the file in the repository with it' },
      write: { does: 'write it to the file in the repository' },
    },
    examples: [example],
    async run(call) {
      const path = join(ROOT, file);
      if (call.flags.has('write')) writeFileSync(path, await make());
      else if (!call.flags.has('check')) call.print(await show());
      else if (readFileSync(path, 'utf8') !== (await make())) {
        call.complain(`${file} is not what the code says: npm run cli -- ${name} --write`);
        return 1;
      }
      return 0;
    },
  };
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}
