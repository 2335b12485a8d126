import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DayRange } from '../ui/day-range.js';
import { SearchInput } from '../ui/search-input.js';
import { ACTIONS } from './actions.js';
import type { AuditChoice } from './audit-choice.js';

interface Props {
  choice: AuditChoice;
  choose: (change: Partial<AuditChoice>) => void;
}

const SUBJECTS = ['mailing', 'client', 'clientJob', 'message', 'token', 'user', 'channel', 'sending'] as const;

/** Who, what, to what, and when. */
export function AuditFilter({ choice, choose }: Props) {
  const { t } = useTranslation('access');
  return (
    <search className="filters">
      <SearchInput
        label={t('audit.who')}
        placeholder="user:anna@example.org"
        value={choice.actor}
        onRest={(actor) => choose({ actor })}
      />
      <NativeSelect
        label={t('audit.what')}
        value={choice.action}
        onChange={({ currentTarget }) => choose({ action: currentTarget.value })}
        data={[{ value: '', label: t('any') }, ...ACTIONS.map((name) => ({ value: name, label: t(`action.${name}`) }))]}
      />
      <NativeSelect
        label={t('audit.subject')}
        value={choice.kind}
        onChange={({ currentTarget }) => choose({ kind: currentTarget.value })}
        data={[{ value: '', label: t('any') }, ...SUBJECTS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))]}
      />
      <SearchInput label={t('audit.id')} value={choice.subject} onRest={(subject) => choose({ subject })} />
      <DayRange
        from={choice.from}
        to={choice.to}
        labels={{ from: t('audit.from'), to: t('audit.to') }}
        choose={choose}
      />
    </search>
  );
}
