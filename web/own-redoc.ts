import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Redoc's bundle asks for a module of this name only where somebody puts one beside it. */
const NOTHING = '\0nothing';
/** The one thing that Redoc loads from another host: its mark at the foot of the menu. */
const MARK = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Lets Redoc's bundle be built in, with a mark of our own in place of the one it would ask another host for. */
export function ownRedoc(): Plugin {
  return {
    name: 'heliograph-own-redoc',
    enforce: 'pre',
    resolveId: (id) => (id === 'null' ? NOTHING : null),
    load: (id) => (id === NOTHING ? 'export default {};' : null),
    transform(code, id) {
      if (!id.endsWith('/redoc.standalone.js')) return null;
      if (!code.includes(MARK)) throw new Error('Redoc has changed: look what it loads from other hosts now.');
      const mark = readFileSync(join(import.meta.dirname, 'theme/favicon.svg'));
      return { code: code.replace(MARK, `data:image/svg+xml;base64,${mark.toString('base64')}`), map: null };
    },
  };
}
