import { Card, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, UpdateClientDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { Trouble } from '../ui/trouble.js';
import { showUndoable } from './undoable.js';

/** Whether somebody wants messages, since when not, and the switch for it. */
export function OptOutCard({ client }: { client: ClientRowFragment }) {
  const { t } = useTranslation('clients');
  const { moment } = useFormat();
  const mayWrite = useMay('CLIENTS_WRITE');
  const [{ fetching, error }, change] = useMutation(UpdateClientDocument);
  const [refused, setRefused] = useState<string | null>(null);
  const isOut = client.optedOutAt !== null;
  const set = async (optedOut: boolean, revision: number, canUndo: boolean) => {
    const { data } = await change({ id: client.id, input: { optedOut, revision } });
    const changed = data?.clientUpdate.client;
    setRefused(data?.clientUpdate.userErrors[0]?.message ?? null);
    if (!changed || !canUndo) return;
    const undo = () => void set(!optedOut, changed.revision, false);
    showUndoable(`opt-out-${client.id}`, t(optedOut ? 'out.done' : 'out.back'), undo);
  };
  return (
    <Card withBorder component="section" aria-label={t('out')}>
      {mayWrite ? (
        <Switch
          label={t('field.optedOut')}
          checked={isOut}
          disabled={fetching}
          onChange={({ currentTarget: { checked } }) => void set(checked, client.revision, true)}
        />
      ) : null}
      <Text size="sm" mt="xs" c={isOut ? 'var(--cancelled)' : 'dimmed'}>
        {client.optedOutAt === null ? t('out.no') : t('out.since', { at: moment(client.optedOutAt) })}
      </Text>
      {error ? <Trouble error={error} /> : null}
      <Refused mt="sm">{refused}</Refused>
    </Card>
  );
}
