import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Mantine's greys, from its lightest to its darkest, with the tokens of tokens.css where it draws texts, grounds and lines. In light colours 4 is the edge of a field, ≥ 3:1; in dark ones mantine.css says it. */
const gray = tuple('#f6f7f9 #eef1f5 #e4e8ed #d5dae1 #848f9f #6f7987 #5f6978 #464f5c #2c333d #1a202b');
const dark = tuple('#e8ecf2 #cbd3dd #a5b0bf #8592a3 #343c48 #2b333f #1b2028 #12151a #0d1014 #090b0e');

/** What Mantine calls a colour, and the token of tokens.css that it is written in where it is text or a line. */
const TOKENS: Record<string, string> = {
  blue: '--link',
  indigo: '--link',
  cyan: '--link',
  green: '--sent',
  teal: '--sent',
  lime: '--sent',
  red: '--failed',
  orange: '--expired',
  yellow: '--expired',
  grape: '--cancelled',
  violet: '--cancelled',
  pink: '--unknown',
  gray: '--dim',
  dark: '--text',
};

/** Text ≥ 4.5:1 on its ground in both schemes (WCAG 2.2 AA), which Mantine's own colours are not: contrast.test.ts. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  // The one at which black and white text stand out alike, 4.58:1.
  luminanceThreshold: 0.179,
  colors: { gray, dark },
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The head of a dialog is not the head of the page (landmarks, WCAG 1.3.1).
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
  },
});

/** Mantine's grounds and texts are those of all other pages: see tokens.css. */
export const cssVariables: CSSVariablesResolver = () => {
  const colours = {
    '--mantine-color-body': 'var(--page)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-bright': 'var(--text)',
    '--mantine-color-dimmed': 'var(--dim)',
    '--mantine-color-placeholder': 'var(--dim)',
    '--mantine-color-anchor': 'var(--link)',
    '--mantine-color-error': 'var(--failed)',
    '--mantine-color-success': 'var(--sent)',
    '--mantine-color-default': 'var(--card)',
    '--mantine-color-default-hover': 'var(--code)',
    '--mantine-color-default-border': 'var(--line)',
    ...Object.assign({}, ...Object.entries(TOKENS).map(([colour, token]) => inToken(colour, token))),
    '--mantine-primary-color-light': 'var(--mantine-color-blue-light)',
    '--mantine-primary-color-light-hover': 'var(--mantine-color-blue-light-hover)',
    '--mantine-primary-color-light-color': 'var(--mantine-color-blue-light-color)',
  };
  return { variables: {}, light: colours, dark: colours };
};

/** `c="red"`, and the variants `light`, `subtle` and `outline` of a colour. */
function inToken(colour: string, token: string): Record<string, string> {
  const name = `--mantine-color-${colour}`;
  const tint = (percent: number) => `color-mix(in srgb, var(${token}) ${percent}%, transparent)`;
  return {
    [`${name}-text`]: `var(${token})`,
    [`${name}-outline`]: `var(${token})`,
    [`${name}-outline-hover`]: tint(6),
    [`${name}-light`]: tint(10),
    [`${name}-light-hover`]: tint(14),
    // A little towards the text, as the ground has come a little towards the colour.
    [`${name}-light-color`]: `color-mix(in srgb, var(${token}) 80%, var(--text))`,
  };
}

function tuple(shades: string): MantineColorsTuple {
  return shades.split(' ') as unknown as MantineColorsTuple;
}
