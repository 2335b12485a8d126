import type { ClientInput, ClientRowFragment } from '../generated/graphql.js';

/** A client as it is written in a form: everything is text. */
export interface ClientForm {
  phone: string;
  operatorCode: string;
  tags: string[];
  timeZone: string;
  attributes: { name: string; value: string }[];
  optedOut: boolean;
}

type Edited = Pick<
  ClientRowFragment,
  'phone' | 'operatorCode' | 'tags' | 'timeZone' | 'attributes' | 'optedOutAt' | 'revision'
>;

/** What stands in the form at first; null: a new client. */
export function formOf(client: Edited | null, ownZone: string): ClientForm {
  if (client === null) {
    const attributes = [{ name: 'name', value: '' }];
    return { phone: '', operatorCode: '', tags: [], timeZone: ownZone, attributes, optedOut: false };
  }
  return {
    phone: client.phone,
    operatorCode: client.operatorCode,
    tags: [...client.tags],
    timeZone: client.timeZone,
    attributes: Object.entries(client.attributes).map(([name, value]) => ({ name, value: String(value) })),
    optedOut: client.optedOutAt !== null,
  };
}

/** A new client as the API takes it. What was left empty is left out. */
export function newInput(form: ClientForm): ClientInput {
  return {
    phone: form.phone.trim(),
    ...(form.operatorCode.trim() && { operatorCode: form.operatorCode.trim() }),
    tags: form.tags,
    timeZone: form.timeZone,
    attributes: attributesOf(form.attributes, {}),
    ...(form.optedOut && { optedOut: true }),
  };
}

/** Only what was changed, and the revision that was looked at: what somebody else changed meanwhile is a conflict, not lost. */
export function changedInput(form: ClientForm, client: Edited): ClientInput {
  const before = formOf(client, '');
  const isSame = (field: keyof ClientForm) => JSON.stringify(form[field]) === JSON.stringify(before[field]);
  return {
    revision: client.revision,
    ...(isSame('phone') ? {} : { phone: form.phone.trim() }),
    ...(isSame('operatorCode') ? {} : { operatorCode: form.operatorCode.trim() || null }),
    ...(isSame('tags') ? {} : { tags: form.tags }),
    ...(isSame('timeZone') ? {} : { timeZone: form.timeZone }),
    ...(isSame('attributes') ? {} : { attributes: attributesOf(form.attributes, client.attributes) }),
    ...(isSame('optedOut') ? {} : { optedOut: form.optedOut }),
  };
}

/** Whether there is anything to be saved. */
export function isChanged(form: ClientForm, client: Edited): boolean {
  return Object.keys(changedInput(form, client)).length > 1;
}

/** A form knows text only: what was a number or a truth value, and still reads like one, stays it. */
function attributesOf(rows: ClientForm['attributes'], before: Record<string, unknown>): Record<string, unknown> {
  const filled = rows.filter(({ name, value }) => name.trim() !== '' && (value !== '' || name.trim() in before));
  return Object.fromEntries(filled.map(({ name, value }) => [name.trim(), typed(value, before[name.trim()])]));
}

function typed(text: string, before: unknown): unknown {
  if (typeof before === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
