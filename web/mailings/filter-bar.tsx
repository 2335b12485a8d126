import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MailingOrder } from '../generated/graphql.js';
import { DayRange } from '../ui/day-range.js';
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
      <DayRange from={choice.from} to={choice.to} labels={{ from: t('from'), to: t('to') }} choose={choose} />
      <NativeSelect
        label={t('order')}
        value={choice.order}
        onChange={({ currentTarget }) => choose({ order: currentTarget.value as MailingOrder })}
        data={ORDERS.map((order) => ({ value: order, label: t(`order.${order}`) }))}
      />
    </search>
  );
}
