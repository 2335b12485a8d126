import { TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TypedDocumentNode, useMutation, useQuery } from 'urql';
import { freshKey } from '../api/fresh-key.js';
import {
  type ClientFilterInput,
  ClientTagsDocument,
  DeleteClientsDocument,
  OptOutClientsDocument,
  TagClientsDocument,
  type TagClientsMutation,
  type TagClientsMutationVariables,
  UntagClientsDocument,
} from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { type Selection, target } from './selection.js';

/** What a job can do to many clients. */
export type Change = 'TAG' | 'UNTAG' | 'OPT_OUT' | 'DELETE';

interface Props {
  change: Change;
  selection: Selection;
  filter: ClientFilterInput;
  /** How many are chosen. */
  count: number;
  onClose: () => void;
  onJob: (id: string) => void;
}

/** Says whom it will change and what that means for them, before it is done. */
export function BulkDialog({ change, selection, filter, count, onClose, onJob }: Props) {
  const { t } = useTranslation('clients');
  const format = useFormat();
  const [tags, setTags] = useState<string[]>([]);
  const { fetching, error, refused, run } = useChange(change, onJob);
  const needsTags = change === 'TAG' || change === 'UNTAG';
  const words = { count, n: format.count(count) };
  return (
    <Confirm
      opened
      title={t(`bulk.${change}.title`, words)}
      no={t('cancel')}
      yes={t(`bulk.${change}.do`, words)}
      isGrave={change === 'DELETE'}
      isDoing={fetching}
      isHeld={needsTags && tags.length === 0}
      {...{ error, refused, onClose }}
      onYes={() => run(target(selection, filter), tags)}
    >
      <Text>{t(`bulk.${change}.text`, words)}</Text>
      {selection.kind === 'filter' ? (
        <Text size="sm" c="dimmed">
          {t('bulk.byFilter')}
        </Text>
      ) : null}
      {needsTags ? <Tags filter={filter} value={tags} onChange={setTags} isNew={change === 'TAG'} /> : null}
    </Confirm>
  );
}

interface TagsProps {
  filter: ClientFilterInput;
  value: string[];
  onChange: (tags: string[]) => void;
  /** Tags that nobody has yet may be typed. */
  isNew: boolean;
}

function Tags({ filter, value, onChange, isNew }: TagsProps) {
  const { t } = useTranslation('clients');
  const [{ data }] = useQuery({ query: ClientTagsDocument, variables: { filter: isNew ? null : filter } });
  return (
    <TagsInput
      label={t('field.tags')}
      description={isNew ? t('bulk.newTags') : undefined}
      data={data?.clientFacets.values.map((facet) => facet.value) ?? []}
      value={value}
      onChange={onChange}
      maxTags={50}
      // Not over the buttons.
      comboboxProps={{ position: 'top' }}
      data-autofocus
    />
  );
}

const DOCUMENTS = {
  TAG: TagClientsDocument,
  UNTAG: UntagClientsDocument,
  OPT_OUT: OptOutClientsDocument,
  DELETE: DeleteClientsDocument,
} as const;
type Variables = Omit<TagClientsMutationVariables, 'tags'> & { tags?: string[] };

/** One key for the whole dialog: an answer that gets lost makes no second job. */
function useChange(change: Change, onJob: (id: string) => void) {
  const [key] = useState(freshKey);
  const [refused, setRefused] = useState<string | null>(null);
  const document = DOCUMENTS[change] as TypedDocumentNode<TagClientsMutation, Variables>;
  const [{ fetching, error }, ask] = useMutation(document);
  const run = async (whom: Pick<Variables, 'filter' | 'ids'>, tags: string[]) => {
    const { data } = await ask({ ...whom, key, ...(tags.length > 0 && { tags }) });
    setRefused(data?.made.userErrors[0]?.message ?? null);
    if (data?.made.job) onJob(data.made.job.id);
  };
  return { fetching, error, refused, run };
}
