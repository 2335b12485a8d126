import type { TimeZoneList } from '../graphql/time-zones.js';
import {
  MAX_ATTRIBUTE_CHARACTERS,
  MAX_ATTRIBUTES,
  MAX_ATTRIBUTES_SIZE,
  MAX_TAGS,
  type NewClient,
  newClientParser,
} from './client.inputs.js';
import { operatorCodeOf, plainPhone } from './phone.js';

/** A client as a line of a file has it. */
export interface ClientLine {
  phone: string | undefined;
  operatorCode: string | null;
  tags: readonly string[] | null;
  timeZone: string | undefined;
  /** Their names have been looked at: they are the same in all lines. */
  attributes: Readonly<Record<string, string>>;
}

/** A character takes six in JSON at the most (`\u0001`). */
const SURELY_SHORT = MAX_ATTRIBUTES_SIZE / 6;
const MAX_TAG = 64;
/** An attribute has its name, two pairs of quotes, a colon and a comma around its value. */
const AROUND = 6;

/**
 * `newClientParser` for many lines. Most of them are so plain that a few comparisons tell what the whole check, which takes thirty
 * times as long, would say; whatever is not goes through that one, which alone knows what is wrong.
 */
export function clientLineParser(zones: TimeZoneList): (line: ClientLine) => NewClient {
  const parse = newClientParser(zones);
  return (line) => plainClient(line, zones) ?? parse(line);
}

function plainClient(line: ClientLine, zones: TimeZoneList): NewClient | null {
  const { operatorCode, tags, attributes } = line;
  const phone = plainPhone(line.phone ?? '');
  const timeZone = zones.find(line.timeZone ?? '');
  if (phone === null || timeZone === undefined) return null;
  if (operatorCode !== null && !/^\d{3}$/.test(operatorCode)) return null;
  if (tags !== null && !(tags.length <= MAX_TAGS && tags.every(isPlainTag))) return null;
  if (!arePlain(attributes)) return null;
  return {
    phone,
    operatorCode: operatorCode ?? operatorCodeOf(phone),
    tags: tags === null ? [] : [...new Set(tags)],
    timeZone,
    attributes,
    optedOut: undefined,
  };
}

/** Nothing white at its ends, nothing invisible anywhere. */
function isPlainTag(tag: string): boolean {
  return tag.length <= MAX_TAG && /^[\p{L}\p{N}_-]+(?: [\p{L}\p{N}_-]+)*$/u.test(tag);
}

function arePlain(attributes: Readonly<Record<string, string>>): boolean {
  let count = 0;
  let size = 0;
  for (const name in attributes) {
    const value = attributes[name]!;
    count += 1;
    size += name.length + value.length + AROUND;
    if (value.length > MAX_ATTRIBUTE_CHARACTERS || value.includes('\0') || !value.isWellFormed()) return false;
  }
  return count <= MAX_ATTRIBUTES && size <= SURELY_SHORT;
}
