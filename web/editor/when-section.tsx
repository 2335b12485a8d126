import { Chip, Group, Input, SegmentedControl, Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { AllTimeZonesDocument } from '../generated/graphql.js';
import { language } from '../i18n/i18n.js';
import { zoneName } from '../ui/zone-name.js';
import { problemsOf } from './check-values.js';
import { useEdited, useEditorForm } from './editing.js';
import { type EditorValues, inZone, withStart } from './form-values.js';
import { Section } from './section.js';

/** From when to when, and at which hours of the clients' clocks. @param children what that comes to */
export function WhenSection({ children }: { children: ReactNode }) {
  const { t } = useTranslation('editor');
  const { isFrozen } = useEdited();
  return (
    <Section title={t('when.title')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <StartField frozen={isFrozen('startsAt')} />
        <EndField frozen={isFrozen('endsAt')} />
      </SimpleGrid>
      <ZoneField />
      <WindowFields frozen={isFrozen('allowedFrom')} />
      {children}
    </Section>
  );
}

/** What is wrong with a time is said while it is typed: it depends on the others. */
function useTimeError(field: 'startsAt' | 'endsAt' | 'allowedFrom' | 'allowedTo' | 'weekdays'): ReactNode {
  const { t } = useTranslation('editor');
  const { values, errors } = useEditorForm();
  const { editable, mailing } = useEdited();
  const draft = mailing?.status === 'DRAFT';
  const problem = problemsOf(values, { now: Date.now(), editable, draft })[field];
  return errors[field] ?? (problem ? t(problem) : undefined);
}

function StartField({ frozen }: { frozen: boolean }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { startMode, startsAt } = form.values;
  const error = useTimeError('startsAt');
  const choose = (start: Pick<EditorValues, 'startMode' | 'startsAt'>) =>
    form.setValues(withStart(form.getValues(), start, Date.now()));
  return (
    <Input.Wrapper
      label={t('start.label')}
      labelElement="div"
      description={frozen ? t('frozen.startsAt') : undefined}
      error={startMode === 'now' ? error : undefined}
    >
      {frozen ? null : (
        <SegmentedControl
          fullWidth
          aria-label={t('start.label')}
          data={[
            { value: 'now', label: t('start.now') },
            { value: 'at', label: t('start.at') },
          ]}
          value={startMode}
          onChange={(mode) => choose({ startMode: mode as EditorValues['startMode'], startsAt })}
        />
      )}
      {startMode === 'at' ? (
        <TextInput
          type="datetime-local"
          mt={6}
          aria-label={t('start.moment')}
          readOnly={frozen}
          value={startsAt}
          error={error}
          onChange={({ currentTarget }) => choose({ startMode, startsAt: currentTarget.value })}
        />
      ) : null}
    </Input.Wrapper>
  );
}

function EndField({ frozen }: { frozen: boolean }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  return (
    <TextInput
      type="datetime-local"
      label={t('end.label')}
      description={t(frozen ? 'frozen.cancelled' : 'end.hint')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      readOnly={frozen}
      {...form.getInputProps('endsAt')}
      error={useTimeError('endsAt')}
    />
  );
}

/** By whose clock start and end are written; another choice moves neither. */
function ZoneField() {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { zone } = form.values;
  const [{ data }] = useQuery({ query: AllTimeZonesDocument });
  const options = useMemo(() => {
    const zones = data?.timeZones ?? [];
    const known = zones.map(({ name, offset }) => ({ value: name, label: `${zoneTitle(name)} · UTC${offset}` }));
    return known.some(({ value }) => value === zone) ? known : [{ value: zone, label: zoneTitle(zone) }, ...known];
  }, [data, zone]);
  return (
    <Select
      label={t('zone.label')}
      description={t('zone.hint')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={options}
      limit={100}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t('who.nothing')}
      value={zone}
      onChange={(next) => next && form.setValues(inZone(form.getValues(), next))}
    />
  );
}

function zoneTitle(name: string): string {
  const title = zoneName(name, language());
  return title === name ? name : `${title} (${name})`;
}

function WindowFields({ frozen }: { frozen: boolean }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { windowed, allowedFrom, allowedTo } = form.values;
  const [fromError, toError] = [useTimeError('allowedFrom'), useTimeError('allowedTo')];
  return (
    <div>
      <Switch
        label={t('window.label')}
        description={t('window.hint')}
        disabled={frozen}
        {...form.getInputProps('windowed', { type: 'checkbox' })}
      />
      {windowed ? (
        <SimpleGrid cols={2} mt="xs" maw="26rem">
          <TextInput
            type="time"
            label={t('window.from')}
            readOnly={frozen}
            {...form.getInputProps('allowedFrom')}
            error={fromError}
          />
          <TextInput
            type="time"
            label={t('window.to')}
            description={allowedTo !== '' && allowedTo < allowedFrom ? t('window.overMidnight') : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            readOnly={frozen}
            {...form.getInputProps('allowedTo')}
            error={toError}
          />
        </SimpleGrid>
      ) : null}
      <Weekdays frozen={frozen} />
    </div>
  );
}

/** The first Monday there was, for the names of the days. */
const MONDAY = Date.UTC(1970, 0, 5);

function Weekdays({ frozen }: { frozen: boolean }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const error = useTimeError('weekdays');
  const names = useMemo(() => {
    const [short, long] = (['short', 'long'] as const).map(
      (weekday) => new Intl.DateTimeFormat(language(), { weekday, timeZone: 'UTC' }),
    );
    return ['1', '2', '3', '4', '5', '6', '7'].map((day, at) => {
      const date = MONDAY + at * 86_400_000;
      return { day, short: short!.format(date), long: long!.format(date) };
    });
  }, []);
  return (
    <Chip.Group multiple {...form.getInputProps('weekdays')}>
      <Input.Wrapper label={t('weekdays.label')} labelElement="div" error={error} mt="sm">
        <Group gap={6} role="group" aria-label={t('weekdays.label')} mt={4}>
          {names.map(({ day, short, long }) => (
            <Chip key={day} value={day} size="sm" radius="sm" variant="outline" disabled={frozen} aria-label={long}>
              {short}
            </Chip>
          ))}
        </Group>
      </Input.Wrapper>
    </Chip.Group>
  );
}
