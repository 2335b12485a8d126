import './words.js';
import { Group, Select, type SelectProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { AllTimeZonesDocument } from '../generated/graphql.js';

/** A time zone by its name, each with its distance from UTC. */
export function ZoneSelect(props: Omit<SelectProps, 'data' | 'renderOption' | 'searchable' | 'limit'>) {
  const { t } = useTranslation('ui');
  const [{ data }] = useQuery({ query: AllTimeZonesDocument });
  const offsets = new Map(data?.timeZones.map(({ name, offset }) => [name, offset]));
  const { value } = props;
  return (
    <Select
      {...props}
      searchable
      limit={50}
      // A zone that is chosen is there before the others are, under the same name: what is typed meanwhile stays.
      data={[...new Set([...(value ? [value] : []), ...offsets.keys()])]}
      nothingFoundMessage={t('zone.nothing')}
      renderOption={({ option }) => (
        <Group justify="space-between" wrap="nowrap" w="100%" gap="xs">
          <span>{option.value}</span>
          <span className="figures">{offsets.get(option.value)}</span>
        </Group>
      )}
    />
  );
}
