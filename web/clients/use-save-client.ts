import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { type CombinedError, useMutation } from 'urql';
import {
  type ClientRowFragment,
  CreateClientDocument,
  type CreateClientMutation,
  UpdateClientDocument,
} from '../generated/graphql.js';
import { type ClientForm, changedInput, newInput } from './client-form.js';

/** Fields of the form at which an error can stand. */
const FIELDS: readonly (keyof ClientForm)[] = ['phone', 'operatorCode', 'tags', 'timeZone', 'attributes', 'optedOut'];

type Problem = CreateClientMutation['clientCreate']['userErrors'][number];

interface Saving {
  save: (values: ClientForm) => Promise<void>;
  fetching: boolean;
  error: CombinedError | undefined;
  /** What is wrong with the whole: somebody else changed it meanwhile. */
  refused: string | null;
}

/**
 * Saves what stands in the form.
 *
 * @param onSaved told the client as it is now; of a new one null, as it may be anywhere in a list
 */
export function useSaveClient(
  client: ClientRowFragment | null,
  form: UseFormReturnType<ClientForm>,
  onSaved: (changed: ClientRowFragment | null) => void,
): Saving {
  const [creation, create] = useMutation(CreateClientDocument);
  const [update, change] = useMutation(UpdateClientDocument);
  const [refused, setRefused] = useState<string | null>(null);
  const show = (problems: readonly Problem[]) => {
    const placed = problems.map((problem) => ({ ...problem, at: fieldOf(problem) }));
    form.setErrors(Object.fromEntries(placed.flatMap(({ at, message }) => (at === null ? [] : [[at, message]]))));
    setRefused(placed.find(({ at }) => at === null)?.message ?? null);
  };
  const save = async (values: ClientForm) => {
    const payload =
      client === null
        ? (await create({ input: newInput(values) })).data?.clientCreate
        : (await change({ id: client.id, input: changedInput(values, client) })).data?.clientUpdate;
    if (payload === undefined) return;
    show(payload.userErrors);
    if (payload.client) onSaved(client === null ? null : payload.client);
  };
  return { save, fetching: creation.fetching || update.fetching, error: creation.error ?? update.error, refused };
}

/** `tags.0` is about the tags; null: no field of the form. */
function fieldOf({ field }: Problem): keyof ClientForm | null {
  const name = field?.replace(/^input\./, '').split('.')[0];
  return FIELDS.find((one) => one === name) ?? null;
}
