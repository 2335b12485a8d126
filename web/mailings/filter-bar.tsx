import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MailingOrder } from '../generated/graphql.js';
import { type ListChoice, ORDERS } from './list-choice.js';

/** ms; typing is followed when it rests. */
const TYPING = 250;

interface Props {
  choice: ListChoice;
  choose: (change: Partial<ListChoice>) => void;
}

/** What to look for, when they start, and in what order they come. */
export function FilterBar({ choice, choose }: Props) {
  const { t } = useTranslation('mailings');
  return (
    <search className="filter-bar">
      <FindInput choice={choice} choose={choose} />
      <TextInput
        type="date"
        label={t('from')}
        max={choice.to || undefined}
        value={choice.from}
        onChange={({ currentTarget }) => choose({ from: currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t('to')}
        min={choice.from || undefined}
        value={choice.to}
        onChange={({ currentTarget }) => choose({ to: currentTarget.value })}
      />
      <NativeSelect
        label={t('order')}
        value={choice.order}
        onChange={({ currentTarget }) => choose({ order: currentTarget.value as MailingOrder })}
        data={ORDERS.map((order) => ({ value: order, label: t(`order.${order}`) }))}
      />
    </search>
  );
}

function FindInput({ choice: { find }, choose }: Props) {
  const { t } = useTranslation('mailings');
  const [typed, setTyped] = useState(find);
  const follow = useDebouncedCallback((text: string) => choose({ find: text }), TYPING);
  // The address may change without the field: the way back, a link.
  useEffect(() => setTyped(find), [find]);
  return (
    <TextInput
      type="search"
      className="find"
      label={t('find')}
      maxLength={200}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        follow(currentTarget.value);
      }}
    />
  );
}
