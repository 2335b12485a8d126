import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MailingOrder } from '../generated/graphql.js';
import { SearchInput } from '../ui/search-input.js';
import { type ListChoice, ORDERS } from './list-choice.js';

interface Props {
  choice: ListChoice;
  choose: (change: Partial<ListChoice>) => void;
}

/** What to look for, when they start, and in what order they come. */
export function FilterBar({ choice, choose }: Props) {
  const { t } = useTranslation('mailings');
  return (
    <search className="filter-bar">
      <SearchInput className="find" label={t('find')} value={choice.find} onRest={(find) => choose({ find })} />
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
