import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Mantine keeps the class names of `Button` in `…/Button.module.mjs` of its package. */
const NAMES = /\/node_modules\/@mantine\/([a-z-]+)\/esm\/.*?([A-Za-z]+)\.module\.mjs$/;

/**
 * Has each of Mantine's components bring its own styles, so that a page loads those of what it draws and no others (all of
 * them are 34 kB compressed). The chunk that has a component waits for them, so nothing is drawn without.
 *
 * They come in the layer `mantine`: our own styles win over them whichever is loaded first.
 */
export function mantineStyles(): Plugin {
  return {
    name: 'heliograph-mantine-styles',
    enforce: 'pre',
    transform(code, id) {
      const [, name, component] = id.match(NAMES) ?? [];
      if (name === undefined) return null;
      const style = name === 'core' ? `styles/${component}.layer.css` : 'styles.layer.css';
      const folder = id.slice(0, id.indexOf('/esm/'));
      if (!existsSync(join(folder, style)))
        throw new Error(`Mantine has no ${style} for ${id}: look where it keeps it now.`);
      return { code: `import '@mantine/${name}/${style}';\n${code}`, map: null };
    },
  };
}
