import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type Permission, TokenCreateDocument } from '../generated/graphql.js';
import { useViewer } from '../shell/viewer.js';
import { Dialog } from '../ui/dialog.js';
import { Refused } from '../ui/refused.js';
import { useTroubleText } from '../ui/trouble.js';
import { SecretLine } from './secret-line.js';
import { endOf, LIVES, type Life } from './token-state.js';

/** Makes a token of no more than its maker may do, and shows its secret this once. */
export function NewToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('access');
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={t('tokens.new')} closeOnClickOutside={secret === null}>
      {secret === null ? (
        <TokenForm onMade={setSecret} />
      ) : (
        <Stack>
          <SecretLine label={t('tokens.secret')} once={t('tokens.secretOnce')} value={secret} />
          <Text size="sm">
            {t('tokens.send')} <code>Authorization: Bearer …</code>
          </Text>
          <Button onClick={close}>{t('done')}</Button>
        </Stack>
      )}
    </Dialog>
  );
}

function TokenForm({ onMade }: { onMade: (secret: string) => void }) {
  const { t } = useTranslation('access');
  const sentence = useTroubleText();
  const { permissions } = useViewer();
  const [{ fetching }, create] = useMutation(TokenCreateDocument);
  const form = useForm({ initialValues: { name: '', scopes: [] as Permission[], life: 'quarter' as Life } });
  const submit = form.onSubmit(async ({ name, scopes, life }) => {
    const { data, error } = await create({ input: { name, scopes, expiresAt: endOf(life, Date.now()) } });
    const [problem] = data?.tokenCreate.userErrors ?? [];
    if (error) form.setErrors({ form: sentence(error) });
    else if (problem) form.setErrors({ [problem.field?.replace(/\..*/, '') ?? 'form']: problem.message });
    else if (data?.tokenCreate.secret) onMade(data.tokenCreate.secret);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          data-autofocus
          required
          label={t('tokens.name')}
          description={t('tokens.nameHint')}
          maxLength={100}
          {...form.getInputProps('name')}
        />
        <Checkbox.Group required label={t('tokens.may')} {...form.getInputProps('scopes')}>
          <Stack gap={6} mt={6}>
            {permissions.map((permission) => (
              <Checkbox key={permission} value={permission} label={t(`may.${permission}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t('tokens.life')}
          data={(Object.keys(LIVES) as Life[]).map((life) => ({ value: life, label: t(`tokens.life.${life}`) }))}
          {...form.getInputProps('life')}
        />
        <Refused>{form.errors['form']}</Refused>
        <Group justify="end">
          <Button type="submit" loading={fetching}>
            {t('tokens.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
