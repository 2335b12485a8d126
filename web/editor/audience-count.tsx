import { Alert, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import type { AudienceFilterInput, EditorAudienceQuery } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { shownPhone } from '../ui/phone.js';
import { Trouble } from '../ui/trouble.js';
import { useEdited } from './editing.js';

/** What the server said of a filter. */
export interface CountedAudience {
  filter: AudienceFilterInput;
  audience: EditorAudienceQuery['audience'] | undefined;
  /** Another answer is on its way. */
  asking: boolean;
  error: CombinedError | undefined;
}

/** Exactly how many the filter matches, who they are for instance, and what of it is probably a slip. */
export function AudienceCount({ filter, audience, asking, error }: CountedAudience) {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const { isFrozen } = useEdited();
  if (isFrozen('filter')) return null;
  if (error) return <Trouble error={error} />;
  if (audience === undefined) return <Text c="dimmed">{t('audience.counting')}</Text>;
  const { sample, warnings } = audience;
  const names = sample.map(({ phone, attributes }) => clientName(phone, attributes)).join(', ');
  return (
    <div aria-live="polite" aria-busy={asking} className="audience">
      <Text fw={650} size="lg" className="figures">
        {t('audience.count', { count: audience.count, n: count(audience.count) })}
      </Text>
      {sample.length > 0 ? (
        <Text size="sm" c="dimmed">
          {t('audience.sample', { clients: names })}
        </Text>
      ) : null}
      {warnings.map(({ field, code }) => (
        <Alert key={`${code}${field}`} color="orange" variant="outline" mt="xs" p="xs">
          {code === 'EMPTY_AUDIENCE' ? t('audience.nobody') : t('audience.unused', { value: valueAt(filter, field) })}
        </Alert>
      ))}
    </div>
  );
}

/** The value of a filter that a warning is about, as in `filter.tagsAny.0`. */
function valueAt(filter: AudienceFilterInput, field: string | null): string {
  const [, list = '', at = '0'] = (field ?? '').split('.');
  return filter[list as keyof AudienceFilterInput]?.[Number(at)] ?? '';
}

/** What to call a client: by name where it has one. */
export function clientName(phone: string, attributes: Record<string, unknown>): string {
  const shown = shownPhone(phone);
  const name = attributes['name'] ?? attributes['firstName'];
  return typeof name === 'string' && name !== '' ? `${name} (${shown})` : shown;
}
