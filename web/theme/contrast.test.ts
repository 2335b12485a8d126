import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Colour = readonly [number, number, number];

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
/** By name: in light colours, in dark ones. */
const tokens = new Map(
  [...css.matchAll(/(--[a-z]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name, light, dark]) => [name!, { light: parse(light!), dark: parse(dark!) }] as const,
  ),
);

function parse(hex: string): Colour {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
}

function mix(one: Colour, share: number, other: Colour): Colour {
  return one.map((value, at) => value * share + other[at]! * (1 - share)) as unknown as Colour;
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((value) =>
    value <= 10.31 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: Colour, other: Colour): number {
  const [less, more] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (more! + 0.05) / (less! + 0.05);
}

const TEXTS = ['--text', '--dim', '--link', '--sent', '--failed', '--expired', '--cancelled', '--unknown'];

describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
  const colour = (token: string) => tokens.get(token)![scheme];

  it.each(['--page', '--card', '--code'])('text is at least 4.5 times as bright, or as dark, as %s', (ground) => {
    for (const text of TEXTS) expect(contrast(colour(text), colour(ground)), text).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['--page', '--card'])('so is the text of a tinted badge on %s', (ground) => {
    for (const text of TEXTS) {
      const tinted = mix(colour(text), 0.14, colour(ground));
      expect(contrast(mix(colour(text), 0.8, colour('--text')), tinted), text).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(['--page', '--card'])('the ring around what has the focus stands out from %s, 3:1', (ground) => {
    expect(contrast(colour('--focus'), colour(ground))).toBeGreaterThanOrEqual(3);
  });
});
