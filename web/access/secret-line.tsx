import { Button, CopyButton, Group, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  label: string;
  /** That it is shown this once. */
  once: string;
  value: string;
}

/** Something secret, to be copied now. */
export function SecretLine({ label, once, value }: Props) {
  const { t } = useTranslation('access');
  return (
    <Group align="end" gap="sm" role="status">
      <TextInput
        data-autofocus
        label={label}
        description={once}
        value={value}
        readOnly
        flex="1 1 16rem"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        onFocus={({ target }) => target.select()}
      />
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {t(copied ? 'copied' : 'copy')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
