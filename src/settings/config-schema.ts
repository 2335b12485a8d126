import type { z } from 'zod';
import { settingNames, valueSchemas } from './setting-names.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * config.yaml as JSON Schema, for editors that complete and check it while it is written. The rules that need two settings,
 * and addresses, are checked by the program alone.
 *
 * @param settingsPage docs/settings.md, whose table says what each setting means
 */
export function configSchema(settingsPage: string): JsonSchema {
  const inFile = settingNames.flatMap(({ name, path, secret }) => {
    if (path === null || secret) return [];
    const [section = '', key] = path.split('.');
    return [{ section, key, schema: { ...shape(name), description: `${meaningOf(name, settingsPage)} (${name})` } }];
  });
  const properties = [...Map.groupBy(inFile, ({ section }) => section)].map(([section, members]) => {
    const named = members.flatMap(({ key, schema }) => (key === undefined ? [] : [[key, schema] as const]));
    return [section, named.length === 0 ? members[0]?.schema : sectionOf(Object.fromEntries(named))] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: "Heliograph's settings",
    description: 'Secrets stand in the environment or in .env: docs/settings.md.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  } as JsonSchema;
}

/** A section whose settings are all comments is null in YAML. */
function sectionOf(properties: Readonly<Record<string, JsonSchema>>) {
  return { type: ['object', 'null'], additionalProperties: false, properties };
}

function shape(name: string): JsonSchema {
  const {
    type = 'string',
    minimum,
    maximum,
    enum: values,
    items,
    pattern,
    default: fallback,
  } = valueSchemas[name] ?? {};
  const given = {
    type,
    minimum,
    maximum,
    enum: values,
    items: items && { type: 'string' },
    pattern,
    default: fallback,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JsonSchema;
}

/** The setting's row in docs/settings.md, as plain text. @throws Error when there is none */
function meaningOf(name: string, settingsPage: string): string {
  const row = settingsPage.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  if (!row) throw new Error(`docs/settings.md has no row of ${name}.`);
  const meaning = row.split(' | ').slice(2).join(' | ').replace(/ \|$/, '');
  return meaning.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}
