import './words.js';
import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { ChannelLimits } from './channel-limits.js';
import { OwnSettings } from './own-settings.js';
import { SendingSwitch } from './sending-switch.js';
import { Webhooks } from './webhooks.js';

/** What may change while the program runs: for all mailings, and for whoever looks. */
export default function SettingsPage() {
  const { t } = useTranslation('operations');
  const mayRead = useMay('MAILINGS_READ');
  const mayControl = useMay('SENDING_CONTROL');
  const mayHook = useMay('WEBHOOKS_ADMIN');
  return (
    <Page title={t('settings.title')}>
      {mayRead ? (
        <Stack gap="md">
          <Title order={2} size="h3">
            {t('settings.all')}
          </Title>
          {mayControl ? null : <Text c="dimmed">{t('settings.readOnly')}</Text>}
          <SendingSwitch mayControl={mayControl} />
          <ChannelLimits mayControl={mayControl} />
          {mayHook ? <Webhooks /> : null}
          <Title order={2} size="h3" mt="md">
            {t('settings.own')}
          </Title>
        </Stack>
      ) : null}
      <OwnSettings />
    </Page>
  );
}
