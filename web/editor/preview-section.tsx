import { Select, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { clientName } from './audience-count.js';
import type { Preview, RenderedText } from './preview.js';
import { Section } from './section.js';
import { countSms, type SmsCount } from './sms-segments.js';

/** The words as one of the clients gets them, and how many SMS they take. */
export function PreviewSection({ preview }: { preview: Preview }) {
  const { t } = useTranslation('editor');
  const [chosen, choose] = useState<string | null>(null);
  const { rendered, problems, asking } = preview;
  const shown = rendered.find(({ client }) => (client?.id ?? '') === chosen) ?? rendered[0];
  return (
    <Section title={t('preview.title')} className="editor-preview">
      {rendered.length > 1 ? (
        <Select
          label={t('preview.client')}
          data={rendered.map(({ client }) => ({
            value: client?.id ?? '',
            label: client ? clientName(client.phone, client.attributes) : t('preview.nobody'),
          }))}
          allowDeselect={false}
          value={shown?.client?.id ?? ''}
          onChange={choose}
        />
      ) : null}
      <div aria-live="polite" aria-busy={asking}>
        <Bubble shown={shown} hasProblems={problems.length > 0} />
      </div>
      <Segments rendered={rendered} shown={shown} />
    </Section>
  );
}

function Bubble({ shown, hasProblems }: { shown: RenderedText | undefined; hasProblems: boolean }) {
  const { t } = useTranslation('editor');
  if (shown?.text) return <div className="bubble">{shown.text}</div>;
  return <Text c="dimmed">{t(hasProblems ? 'preview.problems' : 'preview.empty')}</Text>;
}

function Segments({ rendered, shown }: { rendered: readonly RenderedText[]; shown: RenderedText | undefined }) {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const counts = useMemo(() => rendered.flatMap(({ text }) => (text === null ? [] : [countSms(text)])), [rendered]);
  if (!shown?.text || counts.length === 0) return null;
  const its = countSms(shown.text);
  const most = counts.reduce((worst, one) => (one.segments > worst.segments ? one : worst), its);
  const words = (sms: SmsCount) => ({ count: sms.segments, n: count(sms.segments) });
  return (
    <div className="figures">
      <Text fw={650}>{t('sms.count', words(its))}</Text>
      <Text size="sm" c="dimmed">
        {t('sms.detail', { encoding: its.encoding, units: count(its.units), left: count(its.left) })}
      </Text>
      {most.segments > its.segments ? <Text size="sm">{t('sms.most', words(most))}</Text> : null}
      {its.wide.length > 0 && its.wide.every(isReplaceable) ? (
        <Text size="sm">{t('sms.wide', { characters: its.wide.join(' ') })}</Text>
      ) : null}
    </div>
  );
}

/** No letter, so perhaps a quotation mark or a dash, instead of which a plain one would do. */
function isReplaceable(character: string): boolean {
  return !/\p{L}/u.test(character);
}
