import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClientFilterInput } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { BulkDialog, type Change } from './bulk-dialog.js';
import { isFiltered } from './list-view.js';
import { howMany, NOBODY, type Selection } from './selection.js';

interface Props {
  selection: Selection;
  setSelection: (selection: Selection) => void;
  filter: ClientFilterInput;
  total: number | null;
  /** A job was made. */
  onJob: (id: string) => void;
}

const CHANGES: readonly Change[] = ['TAG', 'UNTAG', 'OPT_OUT', 'DELETE'];

/** What can be done to all who are chosen, and a way to choose everybody whom the filter means. */
export function BulkBar({ selection, setSelection, filter, total, onJob }: Props) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const [change, setChange] = useState<Change | null>(null);
  const chosen = howMany(selection, total);
  const n = chosen ?? 0;
  return (
    <section aria-label={t('bulk')}>
      <Group gap="xs">
        <Text size="sm" fw={n > 0 ? 600 : 400} className="figures" aria-live="polite">
          {n === 0 ? t('bulk.nobody') : t('bulk.chosen', { count: n, n: count(n) })}
        </Text>
        {n > 0 ? (
          <>
            {CHANGES.map((each) => (
              <Button key={each} size="compact-sm" variant="default" onClick={() => setChange(each)}>
                {t(`bulk.${each}`)}
              </Button>
            ))}
            <Button size="compact-sm" variant="subtle" onClick={() => setSelection(NOBODY)}>
              {t('bulk.clear')}
            </Button>
          </>
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            // The server changes nobody without a condition, so that a slip does not reach everybody.
            disabled={!isFiltered(filter) || total === null || total === 0}
            onClick={() => setSelection({ kind: 'filter' })}
          >
            {isFiltered(filter) ? t('bulk.all', { count: total ?? 0, n: count(total ?? 0) }) : t('bulk.filterFirst')}
          </Button>
        )}
      </Group>
      {change === null ? null : (
        <BulkDialog
          change={change}
          selection={selection}
          filter={filter}
          count={n}
          onClose={() => setChange(null)}
          onJob={(id) => {
            setChange(null);
            onJob(id);
          }}
        />
      )}
    </section>
  );
}
