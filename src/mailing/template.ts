import { Liquid, type Template } from 'liquidjs';
import { AppError } from '../errors.js';

/** What a text may refer to: the client's attributes, and these. */
export interface TemplateContext {
  phone: string;
  timeZone: string;
  attributes: Record<string, string | number | boolean>;
}

/** A text, parsed once and rendered for many. */
export interface ParsedTemplate {
  /** The same client always gets the same words. @throws AppError when the text cannot be rendered for this client */
  render(context: TemplateContext): string;
}

/** Rendered characters at the most. */
const MAX_RENDERED = 10_000;
/** Rendering a real text takes some 10 µs; a runaway one is cut off after this, so that it holds up nobody else, ms. */
const RENDER_LIMIT_MS = 10;
/** A text that takes longer than this for nobody in particular is refused when it is written, ms. */
const TRIAL_LIMIT_MS = 3;

/** Filters and tags that read a file, a clock or dice: the same id must always carry the same words. */
const FORBIDDEN_TAGS = ['include', 'render', 'layout', 'block'];
const FORBIDDEN_FILTERS = [
  'sample',
  'date',
  'date_to_xmlschema',
  'date_to_rfc822',
  'date_to_string',
  'date_to_long_string',
];

function createEngine(): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    cache: false,
    parseLimit: 20_000,
    memoryLimit: 100_000,
  });
  for (const tag of FORBIDDEN_TAGS) delete engine.tags[tag];
  for (const filter of FORBIDDEN_FILTERS) delete engine.filters[filter];
  return engine;
}

const engine = createEngine();

/**
 * Parses a mailing's text, and renders it once for a client without attributes to see that it ends.
 *
 * @throws AppError BAD_USER_INPUT on `text`, with line and column, when it is no Liquid, uses a clock, a file or dice, or
 *   runs away
 */
export function parseTemplate(text: string): ParsedTemplate {
  if (!/\{[{%]/.test(text)) return { render: () => text };
  let templates: Template[];
  try {
    templates = engine.parse(text);
    renderTwice(templates, { phone: '70000000000', timeZone: 'UTC' }, TRIAL_LIMIT_MS);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', `The text is no valid Liquid: ${firstLine(error)}`, 'text');
  }
  return {
    render(context) {
      const scope = { ...context.attributes, phone: context.phone, timeZone: context.timeZone };
      const rendered = renderSafely(templates, scope);
      if (rendered.length > MAX_RENDERED) {
        throw new AppError('BAD_USER_INPUT', `longer than ${MAX_RENDERED} characters`, 'text');
      }
      return rendered;
    },
  };
}

/** The limit is wall-clock time, so a pause of the whole process can look like a runaway text: a second try tells. */
function renderTwice(templates: Template[], scope: object, renderLimit = RENDER_LIMIT_MS): string {
  try {
    return engine.renderSync(templates, scope, { renderLimit });
  } catch {
    return engine.renderSync(templates, scope, { renderLimit });
  }
}

function renderSafely(templates: Template[], scope: object): string {
  try {
    return renderTwice(templates, scope);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', firstLine(error), 'text');
  }
}

/** liquidjs repeats the piece of the text that it stumbled over: that may be long, and may hold a phone. */
function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  const words = line.replace(/\d[\d ()-]{5,}\d/g, '…');
  return words.length <= 200 ? words : `${words.slice(0, 120)} … ${words.slice(-60)}`;
}

/** Parsed texts by their source, the most recently used ones: a mailing is parsed once, not once a batch. */
export class TemplateCache {
  readonly #parsed = new Map<string, ParsedTemplate>();

  constructor(private readonly size = 200) {}

  /** @throws AppError as `parseTemplate` does */
  get(text: string): ParsedTemplate {
    const known = this.#parsed.get(text);
    const parsed = known ?? parseTemplate(text);
    this.#parsed.delete(text);
    this.#parsed.set(text, parsed);
    if (this.#parsed.size > this.size) this.#parsed.delete(this.#parsed.keys().next().value as string);
    return parsed;
  }
}
