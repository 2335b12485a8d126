import { Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../i18n/i18n.js';
import { Confirm } from '../ui/confirm.js';
import { weekdayNames } from '../ui/days.js';
import { useFormat } from '../ui/format.js';
import { type EditorValues, inputOfParts, type Part } from './form-values.js';
import { compareEdits, takeParts } from './merge-edits.js';

interface ConflictDialogProps {
  base: EditorValues;
  mine: EditorValues;
  /** As somebody else left it in the meantime. */
  theirs: EditorValues;
  onTake: (merged: EditorValues) => void;
  onClose: () => void;
}

/** Somebody else saved first: shows what they changed, and asks whose holds where both did. */
export function ConflictDialog({ base, mine, theirs, onTake, onClose }: ConflictDialogProps) {
  const { t } = useTranslation('editor');
  const said = useSaid();
  const merge = compareEdits(base, mine, theirs);
  const [choices, setChoices] = useState<Partial<Record<Part, 'mine' | 'theirs'>>>({});
  const taken = [...merge.theirs, ...merge.both.filter((part) => choices[part] === 'theirs')];
  return (
    <Confirm
      opened
      size="lg"
      title={t('conflict.title')}
      no={t('conflict.back')}
      yes={t('conflict.take')}
      first="yes"
      onClose={onClose}
      onYes={() => onTake(takeParts(mine, theirs, taken))}
    >
      <Text>{t('conflict.text')}</Text>
      {merge.theirs.map((part) => (
        <div key={part}>
          <Text fw={650}>{t(`part.${part}`)}</Text>
          <Text size="sm">{t('conflict.onlyTheirs', { value: said(part, theirs) })}</Text>
        </div>
      ))}
      {merge.both.map((part) => (
        <Radio.Group
          key={part}
          label={t(`part.${part}`)}
          value={choices[part] ?? 'mine'}
          onChange={(choice) => setChoices({ ...choices, [part]: choice as 'mine' | 'theirs' })}
        >
          <Stack gap="xs" mt={4}>
            <Radio value="mine" label={t('conflict.mine', { value: said(part, mine) })} />
            <Radio value="theirs" label={t('conflict.theirs', { value: said(part, theirs) })} />
          </Stack>
        </Radio.Group>
      ))}
    </Confirm>
  );
}

/** A part of a mailing as people read it. */
function useSaid(): (part: Part, values: EditorValues) => string {
  const { t } = useTranslation('editor');
  const { count, moment } = useFormat();
  return (part, values) => {
    const value = inputOfParts(values, [part])[part];
    if (value === null || value === undefined) return part === 'startsAt' ? t('start.now') : t('part.none');
    if (part === 'startsAt' || part === 'endsAt') return moment(value as string, values.zone);
    if (part === 'filter') return filterWords(values) || t('part.everybody');
    if (typeof value === 'number') return count(value);
    if (part === 'channel') return t(`channel.${value as 'GATEWAY' | 'CONSOLE'}`);
    if (part === 'unknownOutcome') return t(`unknown.${value as 'RETRY' | 'NEVER_AGAIN'}.short`);
    if (part === 'weekdays') return weekdayNames(value as number[], language());
    return Array.isArray(value) ? value.join(', ') : String(value);
  };
}

function filterWords({ tagsAny, tagsAll, operatorCodes, timeZones }: EditorValues): string {
  return [tagsAny.join(' | '), tagsAll.join(' + '), operatorCodes.join(' | '), timeZones.join(' | ')]
    .filter((words) => words !== '')
    .join('; ');
}
