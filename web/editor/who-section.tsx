import { Group, MultiSelect, type MultiSelectProps, SimpleGrid, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { EditorFacetsDocument } from '../generated/graphql.js';
import { language } from '../i18n/i18n.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { zoneName } from '../ui/zone-name.js';
import { AudienceCount, type CountedAudience } from './audience-count.js';
import { useEdited, useEditorForm } from './editing.js';
import { Section } from './section.js';

type Facets = readonly { value: string; count: number }[];

/** Options that are listed at once; typing finds the others. */
const SHOWN = 100;

/** Who gets it: the filter, and exactly how many it matches. */
export function WhoSection({ counted }: { counted: CountedAudience }) {
  const { t } = useTranslation('editor');
  const { isFrozen } = useEdited();
  const frozen = isFrozen('filter');
  const mayRead = useMay('CLIENTS_READ');
  const [{ data }] = useQuery({ query: EditorFacetsDocument, pause: frozen || !mayRead });
  const facets = data?.clientFacets;
  return (
    <Section title={t('who.title')} hint={frozen ? t('frozen.filter') : t('who.hint')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <FacetField field="tagsAny" facets={facets?.tags ?? []} readOnly={frozen} free />
        <FacetField field="tagsAll" facets={facets?.tags ?? []} readOnly={frozen} free />
        <FacetField field="operatorCodes" facets={facets?.operatorCodes ?? []} readOnly={frozen} />
        <FacetField field="timeZones" facets={facets?.timeZones ?? []} readOnly={frozen} />
      </SimpleGrid>
      {mayRead ? <AudienceCount {...counted} /> : null}
    </Section>
  );
}

interface FacetFieldProps {
  field: 'tagsAny' | 'tagsAll' | 'operatorCodes' | 'timeZones';
  facets: Facets;
  readOnly: boolean;
  /** A value that no client has yet may be typed. */
  free?: boolean;
}

function FacetField({ field, facets, readOnly, free = false }: FacetFieldProps) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const [typed, setTyped] = useState('');
  const chosen = form.values[field];
  const isZone = field === 'timeZones';
  const data = useMemo(() => {
    const more = free ? [...chosen, typed.trim()] : chosen;
    const values = new Set([...facets.map(({ value }) => value), ...more.filter((value) => value !== '')]);
    return [...values].map((value) => ({ value, label: isZone ? zoneLabel(value) : value }));
  }, [facets, chosen, typed, free, isZone]);
  return (
    <MultiSelect
      label={t(`who.${field}`)}
      placeholder={chosen.length === 0 ? t('who.any') : ''}
      data={data}
      limit={SHOWN}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      clearable={!readOnly}
      clearButtonProps={{ 'aria-label': t('clear') }}
      hidePickedOptions
      readOnly={readOnly}
      {...(readOnly && { className: 'frozen' })}
      nothingFoundMessage={t('who.nothing')}
      renderOption={optionWithCount(facets)}
      {...form.getInputProps(field)}
    />
  );
}

function zoneLabel(zone: string): string {
  const name = zoneName(zone, language());
  return name === zone ? zone : `${name} (${zone})`;
}

function optionWithCount(facets: Facets): NonNullable<MultiSelectProps['renderOption']> {
  const counts = new Map(facets.map(({ value, count }) => [value, count]));
  return ({ option }) => <OptionWithCount label={option.label} clients={counts.get(option.value) ?? 0} />;
}

function OptionWithCount({ label, clients }: { label: string; clients: number }) {
  const { count } = useFormat();
  return (
    <Group justify="space-between" wrap="nowrap" w="100%">
      <span>{label}</span>
      <Text span size="sm" c="dimmed" className="figures">
        {count(clients)}
      </Text>
    </Group>
  );
}
