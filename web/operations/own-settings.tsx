import { Button, SegmentedControl, Select, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language, language } from '../i18n/i18n.js';
import { useFormat } from '../ui/format.js';
import { Section } from './section.js';

/** What whoever looks has chosen for this browser. */
export function OwnSettings() {
  const { t } = useTranslation('operations');
  const { moment } = useFormat();
  return (
    <Section title={t('own.title')}>
      <Stack gap="md" align="flex-start">
        <Select
          label={t('own.language')}
          w="16rem"
          allowDeselect={false}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          value={language()}
          onChange={(tag) => chooseLanguage((tag ?? 'en') as Language)}
        />
        <Colours />
        <Notices />
        <Text size="sm" c="dimmed">
          {t('own.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, now: moment(Date.now()) })}
        </Text>
      </Stack>
    </Section>
  );
}

function Colours() {
  const { t } = useTranslation('operations');
  const label = useId();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div>
      <Text size="sm" fw={500} id={label} mb={4}>
        {t('own.colours')}
      </Text>
      <SegmentedControl
        aria-labelledby={label}
        value={colorScheme}
        onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
        data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`own.${value}`) }))}
      />
    </div>
  );
}

/** Whether the browser may say outside of the page that a mailing is done. */
function Notices() {
  const { t } = useTranslation('operations');
  const [permission, setPermission] = useState(() => ('Notification' in globalThis ? Notification.permission : null));
  const ask = async () => setPermission(await Notification.requestPermission());
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {t('own.notices')}
      </Text>
      <Text size="sm" role="status">
        {t(permission === null ? 'own.notices.none' : `own.notices.${permission}`)}
      </Text>
      {permission === 'default' ? (
        <Button mt="xs" size="xs" variant="default" onClick={() => void ask()}>
          {t('own.notices.ask')}
        </Button>
      ) : null}
    </div>
  );
}
