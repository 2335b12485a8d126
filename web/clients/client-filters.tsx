import { Button, Card, Group, MultiSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import {
  type ClientFilterInput,
  ClientOperatorCodesDocument,
  ClientTagsDocument,
  ClientTimeZonesDocument,
} from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { isFiltered, type ListName, type ListView, phonePart } from './list-view.js';

interface Props {
  view: ListView;
  onChange: (filter: ClientFilterInput) => void;
}

/** ms after the last key. */
const TYPED = 300;

/** Whom to show. Values come with how many of those whom the other conditions mean have them. */
export function ClientFilters({ view: { filter }, onChange }: Props) {
  const { t } = useTranslation('clients');
  const mayPhones = useMay('CLIENTS_PHONES');
  const [isOpen, setOpen] = useState(false);
  const part = { filter, onChange };
  return (
    <Card withBorder padding="sm" component="search" aria-label={t('filter')}>
      <div className="client-filters" data-open={isOpen || undefined}>
        {mayPhones ? <PhoneFilter {...part} /> : null}
        <ListFilter {...part} list="tagsAny" document={ClientTagsDocument} />
        <ListFilter {...part} list="tagsAll" document={ClientTagsDocument} />
        <ListFilter {...part} list="operatorCodes" document={ClientOperatorCodesDocument} />
        <ListFilter {...part} list="timeZones" document={ClientTimeZonesDocument} />
      </div>
      <Group mt="xs" gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('filter.optedOut')}
          value={filter.optedOut == null ? 'all' : String(filter.optedOut)}
          onChange={(value) => onChange({ ...filter, optedOut: value === 'all' ? null : value === 'true' })}
          data={[
            { value: 'all', label: t('filter.everybody') },
            { value: 'false', label: t('filter.reachable') },
            { value: 'true', label: t('filter.gone') },
          ]}
        />
        <Button
          size="compact-sm"
          variant="default"
          hiddenFrom="sm"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t(isOpen ? 'filter.less' : 'filter.more')}
        </Button>
        <Button size="compact-sm" variant="default" disabled={!isFiltered(filter)} onClick={() => onChange({})}>
          {t('filter.clear')}
        </Button>
      </Group>
    </Card>
  );
}

interface PartProps {
  filter: ClientFilterInput;
  onChange: (filter: ClientFilterInput) => void;
}

/** Looks as one types, from three digits on. */
function PhoneFilter({ filter, onChange }: PartProps) {
  const { t } = useTranslation('clients');
  const [typed, setTyped] = useState(filter.phoneContains ?? '');
  const asked = filter.phoneContains ?? null;
  useEffect(() => {
    setTyped((old) => (phonePart(old) === asked ? old : (asked ?? '')));
  }, [asked]);
  const search = useDebouncedCallback((text: string) => {
    const part = phonePart(text);
    if (part !== asked) onChange({ ...filter, phoneContains: part });
  }, TYPED);
  const isTooShort = typed.trim() !== '' && phonePart(typed) === null;
  return (
    <TextInput
      size="sm"
      type="search"
      inputMode="tel"
      label={t('filter.phone')}
      placeholder={t('filter.phonePart')}
      value={typed}
      error={isTooShort ? t('filter.phoneDigits') : undefined}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        search(value);
      }}
    />
  );
}

interface ListFilterProps extends PartProps {
  list: ListName;
  document: typeof ClientTagsDocument | typeof ClientOperatorCodesDocument | typeof ClientTimeZonesDocument;
}

/** The values are counted when somebody opens them: on a million clients that takes a moment. */
function ListFilter({ filter, onChange, list, document }: ListFilterProps) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const [opened, setOpened] = useState(false);
  const chosen = filter[list] ?? [];
  const others = list === 'tagsAll' ? filter : { ...filter, [list]: null };
  const [{ data, fetching }] = useQuery({
    query: document as typeof ClientTagsDocument,
    variables: { filter: others },
    pause: !opened,
    requestPolicy: 'cache-and-network',
  });
  const facets = new Map(data?.clientFacets.values.map(({ value, count: n }) => [value, n]));
  return (
    <MultiSelect
      size="sm"
      label={t(`filter.${list}`)}
      placeholder={chosen.length === 0 ? t('filter.any') : ''}
      data={[...new Set([...chosen, ...facets.keys()])]}
      value={chosen}
      onChange={(values) => onChange({ ...filter, [list]: values })}
      onDropdownOpen={() => setOpened(true)}
      nothingFoundMessage={t(fetching ? 'counting' : 'filter.nothing')}
      renderOption={({ option: { value } }) => (
        <Group justify="space-between" wrap="nowrap" w="100%" gap="xs">
          <span className="cut">{value}</span>
          <span className="figures dim">{facets.has(value) ? count(facets.get(value) ?? 0) : ''}</span>
        </Group>
      )}
      // Room for the counts, and for another value beside those chosen.
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      styles={{ inputField: { minWidth: '2rem' } }}
      limit={100}
      searchable
      clearable
      hidePickedOptions
      maxDropdownHeight={320}
    />
  );
}
