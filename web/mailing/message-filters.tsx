import { Group, MultiSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import type { MessageStatus } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { codesOf, MESSAGE_STATUSES, type MessageSearch, phoneOf, readSearch, writeSearch } from './message-search.js';

/** ms; what is typed is looked for after so long a rest. */
const REST = 350;

/** Which messages are shown. The address says it too. */
export function MessageFilters() {
  const { t } = useTranslation('mailing');
  const ui = useTranslation('ui').t;
  const [params, setParams] = useSearchParams();
  // Whoever may not see phones may not search by them, nor by words that may repeat them.
  const mayPhones = useMay('CLIENTS_PHONES');
  const search = readSearch(params);
  const change = (part: Partial<MessageSearch>) =>
    setParams((before) => writeSearch(before, { ...readSearch(before), ...part }), { replace: true });
  return (
    <Group gap="sm" align="flex-start" className="message-filters">
      <MultiSelect
        label={t('filter.status')}
        placeholder={search.statuses.length === 0 ? t('feed.all') : ''}
        data={MESSAGE_STATUSES.map((value) => ({ value, label: ui(`message.${value}`) }))}
        value={[...search.statuses]}
        onChange={(statuses) => change({ statuses: statuses as MessageStatus[] })}
        clearable
      />
      <Typed
        label={t('filter.code')}
        placeholder="503"
        value={search.codes.join(', ')}
        onRest={(text) => change({ codes: codesOf(text) })}
      />
      {mayPhones ? (
        <>
          <Typed
            label={t('filter.phone')}
            placeholder="79161234567"
            value={search.phone}
            isWrong={(text) => text !== '' && phoneOf(text) === null}
            wrong={t('filter.phoneWrong')}
            onRest={(phone) => change({ phone })}
          />
          <Typed label={t('filter.reason')} value={search.reason} onRest={(reason) => change({ reason })} />
        </>
      ) : null}
    </Group>
  );
}

interface TypedProps {
  label: string;
  value: string;
  onRest: (text: string) => void;
  placeholder?: string;
  isWrong?: (text: string) => boolean;
  wrong?: string;
}

/** A field that is looked for once one has stopped typing. */
function Typed({ label, value, onRest, placeholder, isWrong, wrong }: TypedProps) {
  const [text, setText] = useState(value);
  const rest = useDebouncedCallback(onRest, REST);
  return (
    <TextInput
      label={label}
      value={text}
      {...(placeholder && { placeholder })}
      error={isWrong?.(text) ? wrong : null}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        rest(currentTarget.value);
      }}
    />
  );
}
