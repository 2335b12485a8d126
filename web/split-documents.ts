import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const IMPORT = /import \{([^}]*)\} from '([./]+\/generated\/graphql)\.js';/;
const PART = /^(.*\/generated\/graphql\.ts)\?document=(\w+)$/;

/**
 * Makes each operation of the generated `graphql.ts` a module of its own. As one module they would all be loaded with the first
 * page, whichever asks for them: a bundler puts modules into chunks, and does not cut them up.
 */
export function splitDocuments(): Plugin {
  return {
    name: 'heliograph-split-documents',
    enforce: 'pre',
    resolveId: {
      filter: { id: /\?document=/ },
      async handler(id, importer) {
        const [file, name] = id.split('?document=') as [string, string];
        const found = await this.resolve(file, importer, { skipSelf: true });
        return found && `${found.id}?document=${name}`;
      },
    },
    load: {
      filter: { id: PART },
      async handler(id) {
        const [, file, name] = id.match(PART) as unknown as [string, string, string];
        const line = (await readFile(file, 'utf8'))
          .split('\n')
          .find((text) => text.startsWith(`export const ${name} = `));
        if (line === undefined)
          throw new Error(`${file} has no ${name} in a line of its own: see web/split-documents.ts.`);
        return line.replace(/ as unknown as [^;]*;$/, ';');
      },
    },
    transform: {
      filter: { id: /\.tsx?$/, code: IMPORT },
      handler: (code) => ({
        code: code.replace(IMPORT, (_all, names: string, file: string) =>
          names
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== '' && !name.startsWith('type '))
            .map((name) => `import { ${name} } from '${file}.ts?document=${name}';`)
            .join(' '),
        ),
        map: null,
      }),
    },
  };
}
