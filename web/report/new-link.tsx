import { Button, CopyButton, Group, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A link just made, to be copied: its secret is shown this once. */
export function NewLink({ link }: { link: string }) {
  const { t } = useTranslation('report');
  return (
    <Group align="end" gap="sm" role="status">
      <TextInput
        label={t('links.new')}
        description={t('links.once')}
        value={link}
        readOnly
        flex="1 1 16rem"
        onFocus={({ target }) => target.select()}
      />
      <CopyButton value={link}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {t(copied ? 'links.copied' : 'links.copy')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
