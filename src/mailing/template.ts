import { Liquid, type LiquidError, type Template } from 'liquidjs';
import { AppError } from '../errors.js';

/** What a text may refer to: the client's attributes, and these. */
export interface TemplateContext {
  phone: string;
  timeZone: string;
  attributes: Record<string, string | number | boolean>;
}

/** Where in a text something is, as editors count: the first line and the first column are 1. */
export interface Place {
  line: number;
  column: number;
}

/** Why a text is no template, or cannot be rendered for a client. */
export class TextError extends AppError {
  /**
   * @param message one sentence, with the place
   * @param what the same in short, without the place
   * @param place null: nothing tells
   */
  constructor(
    message: string,
    readonly what: string,
    readonly place: Place | null,
  ) {
    super('BAD_USER_INPUT', message, 'text');
  }
}

/** A text, parsed once and rendered for many. */
export interface ParsedTemplate {
  /**
   * The same client always gets the same words.
   *
   * @param withinMs nothing else is done meanwhile; where it is left out, a limit that only a monstrous text comes to
   * @throws TextError when the text cannot be rendered for this client, or not in time
   */
  render(context: TemplateContext, withinMs?: number): string;
}

/** Rendered characters at the most. */
const MAX_RENDERED = 10_000;
/**
 * What one rendering may build up in filters and ranges, characters and items: bounds the turns of a loop. Whether a text
 * can be rendered for a client must not depend on how busy the machine is, so the bounds that decide count, and time only
 * ends what nobody foresaw.
 */
const MEMORY_LIMIT = 20_000;
/** Far beyond what any text needs; what the other bounds leave possible, a loop around thousands of tags, may come to it, ms. */
const RENDER_LIMIT_MS = 2_000;

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
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
  });
  for (const tag of FORBIDDEN_TAGS) delete engine.tags[tag];
  for (const filter of FORBIDDEN_FILTERS) delete engine.filters[filter];
  return engine;
}

const engine = createEngine();

/**
 * Parses a mailing's text.
 *
 * @throws TextError BAD_USER_INPUT on `text`, with line and column, when it is no Liquid, uses a clock, a file or dice, or
 *   has a loop in a loop
 */
export function parseTemplate(text: string): ParsedTemplate {
  if (!/\{[{%]/.test(text)) return { render: () => text };
  let templates: Template[];
  try {
    templates = engine.parse(text);
  } catch (error) {
    throw new TextError(`The text is no valid Liquid: ${firstLine(error)}`, withoutPlace(error), placeOf(error));
  }
  refuseNestedLoops(templates);
  return {
    render(context, withinMs = RENDER_LIMIT_MS) {
      const scope = { ...context.attributes, phone: context.phone, timeZone: context.timeZone };
      const rendered = renderOnce(templates, scope, withinMs);
      if (rendered.length > MAX_RENDERED) {
        const what = `longer than ${MAX_RENDERED} characters`;
        throw new TextError(what, what, null);
      }
      // A filter may cut an emoji in two or decode a NUL; neither is text.
      return rendered.toWellFormed().replaceAll('\0', '');
    },
  };
}

/** Attributes are plain values, so one loop (over a list in a string) is all a text can use; two multiply their turns. */
function refuseNestedLoops(templates: readonly Template[], depth = 0): void {
  for (const template of templates) {
    const isLoop = 'name' in template && (template.name === 'for' || template.name === 'tablerow');
    if (isLoop && depth > 0) {
      throw new TextError('The text has a loop inside a loop.', 'a loop inside a loop', placeOf(template));
    }
    refuseNestedLoops(childrenOf(template), isLoop ? depth + 1 : depth);
  }
}

/** What is inside a tag. Nothing is read from anywhere: the tags that include other texts are not there. */
function childrenOf(template: Template): readonly Template[] {
  const walk = template.children?.(false, true);
  if (walk === undefined) return [];
  let step = walk.next();
  while (!step.done) step = walk.next();
  return step.value;
}

function renderOnce(templates: Template[], scope: object, renderLimit: number): string {
  try {
    return engine.renderSync(templates, scope, { renderLimit });
  } catch (error) {
    throw new TextError(firstLine(error), withoutPlace(error), placeOf(error));
  }
}

/** liquidjs repeats the piece of the text that it stumbled over: that may be long, and may hold a phone. */
function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  const words = line.replace(/\d[\d ()-]{5,}\d/g, '…');
  return words.length <= 200 ? words : `${words.slice(0, 120)} … ${words.slice(-60)}`;
}

/** Without what liquidjs adds to each of its messages. */
function withoutPlace(error: unknown): string {
  return firstLine(error).replace(/, line:\d+, col:\d+$/, '');
}

function placeOf(found: unknown): Place | null {
  const { token } = found as Partial<Pick<LiquidError, 'token'>>;
  const [line, column] = token?.getPosition() ?? [];
  return line === undefined || column === undefined ? null : { line, column };
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
