import { Collapse, NumberInput, Radio, Select, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import { useEffect, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { useEdited, useEditorForm } from './editing.js';
import { Section } from './section.js';

const ITS_FIELDS = ['channel', 'rateLimit', 'maxAttempts', 'unknownOutcome'];

/** By which way, how fast, how often it is tried. What holds is said in a line, and shown whole when asked for. */
export function HowSection() {
  const { t } = useTranslation('editor');
  const { errors } = useEditorForm();
  const [opened, { toggle, open }] = useDisclosure(false);
  const id = useId();
  const isWrong = ITS_FIELDS.some((field) => errors[field] !== undefined);
  useEffect(() => {
    if (isWrong) open();
  }, [isWrong, open]);
  return (
    <Section title={t('how.title')}>
      <UnstyledButton onClick={toggle} aria-expanded={opened} aria-controls={id} className="disclosure">
        <IconChevronDown size={18} aria-hidden data-opened={opened} />
        <Summary />
      </UnstyledButton>
      <Collapse expanded={opened} id={id}>
        <HowFields />
      </Collapse>
    </Section>
  );
}

function Summary() {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const { channel, rateLimit, maxAttempts, unknownOutcome } = useEditorForm().values;
  const parts = [
    t(`channel.${channel || 'default'}`),
    rateLimit === '' ? t('rate.none') : t('rate.of', { n: count(rateLimit) }),
    maxAttempts === '' ? t('attempts.none') : t('attempts.of', { count: maxAttempts, n: count(maxAttempts) }),
    t(`unknown.${unknownOutcome}.short`),
  ];
  return <Text size="sm">{parts.join(' · ')}</Text>;
}

function HowFields() {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { isFrozen, mailing } = useEdited();
  const channels = (['GATEWAY', 'CONSOLE'] as const).map((value) => ({ value, label: t(`channel.${value}`) }));
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label={t('channel.label')}
          description={isFrozen('channel') ? t('frozen.channel') : undefined}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={mailing === null ? [{ value: '', label: t('channel.default') }, ...channels] : channels}
          allowDeselect={false}
          readOnly={isFrozen('channel')}
          {...form.getInputProps('channel')}
        />
        <NumberInput
          label={t('rate.label')}
          description={t('rate.hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={t('rate.none')}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          hideControls
          readOnly={isFrozen('rateLimit')}
          {...form.getInputProps('rateLimit')}
        />
        <NumberInput
          label={t('attempts.label')}
          description={t(isFrozen('maxAttempts') ? 'frozen.maxAttempts' : 'attempts.hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={t('attempts.none')}
          min={1}
          max={1_000}
          allowDecimal={false}
          hideControls
          readOnly={isFrozen('maxAttempts')}
          {...form.getInputProps('maxAttempts')}
        />
      </SimpleGrid>
      <Radio.Group
        label={t('unknown.label')}
        description={isFrozen('unknownOutcome') ? t('frozen.unknownOutcome') : undefined}
        {...form.getInputProps('unknownOutcome')}
      >
        <Stack gap="xs" mt="xs">
          {(['RETRY', 'NEVER_AGAIN'] as const).map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`unknown.${value}`)}
              description={t(`unknown.${value}.hint`)}
              disabled={isFrozen('unknownOutcome')}
            />
          ))}
        </Stack>
      </Radio.Group>
    </Stack>
  );
}
