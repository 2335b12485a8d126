/** A colour on a light page, and on a dark one. */
type Pair = readonly [light: string, dark: string];

/** The dashboard's colours (web/theme/tokens.css), for where CSS variables don't reach: a test compares them. */
export const COLOURS = {
  page: ['#f6f7f9', '#12151a'],
  card: ['#ffffff', '#1b2028'],
  line: ['#d5dae1', '#343c48'],
  text: ['#1a202b', '#e8ecf2'],
  dim: ['#525c6b', '#a5b0bf'],
  link: ['#0b57b8', '#8cbcff'],
  track: ['#e6e9ee', '#10141a'],
  sent: ['#0f7a4a', '#35b37e'],
  open: ['#b3bdcb', '#4c596b'],
  failed: ['#c02626', '#f26d6d'],
  expired: ['#9a5b00', '#d9962e'],
  cancelled: ['#7a4fb5', '#b492e8'],
  unknown: ['#a8286f', '#ee7fb8'],
} as const satisfies Record<string, Pair>;

export type Colour = keyof typeof COLOURS;

/** Of the bar above everything, the same in both schemes. */
export const HEADER = '#12305c';

/** A class for each colour of text, ground and line, which holds on dark pages: styles written to elements are the light ones. */
export const DARK_STYLES = Object.entries(COLOURS)
  .flatMap(([name, [, dark]]) => [
    `.t-${name}{color:${dark}!important}`,
    `.b-${name}{background-color:${dark}!important}`,
    `.l-${name}{border-color:${dark}!important}`,
  ])
  .join('');

/** Text in a colour. */
export function ink(colour: Colour) {
  return { className: `t-${colour}`, style: { color: COLOURS[colour][0] } } as const;
}
