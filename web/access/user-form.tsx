import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import type { Role } from '../generated/graphql.js';
import { Refused } from '../ui/refused.js';
import { useTroubleText } from '../ui/trouble.js';

export interface UserFields {
  email: string;
  name: string;
  role: Role;
}

interface Problem {
  field?: string | null;
  message: string;
}

interface Props {
  initial: UserFields;
  /** The e-mail of somebody who has an account stays. */
  hasAccount: boolean;
  word: string;
  /** Does it; gives what is wrong, if anything. */
  send: (fields: UserFields) => Promise<CombinedError | readonly Problem[]>;
}

/** Who somebody is and what they may do; what is wrong is said at its field. */
export function UserForm({ initial, hasAccount, word, send }: Props) {
  const { t } = useTranslation('access');
  const sentence = useTroubleText();
  const [working, setWorking] = useState(false);
  const form = useForm({ initialValues: initial });
  const submit = form.onSubmit(async (fields) => {
    setWorking(true);
    const answer = await send(fields);
    setWorking(false);
    if ('message' in answer) form.setErrors({ form: sentence(answer) });
    else form.setErrors(Object.fromEntries(answer.map(({ field, message }) => [placeOf(field), message])));
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          type="email"
          label={t('users.email')}
          required={!hasAccount}
          readOnly={hasAccount}
          maxLength={254}
          data-autofocus={!hasAccount}
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t('users.name')}
          required
          maxLength={100}
          data-autofocus={hasAccount}
          {...form.getInputProps('name')}
        />
        <NativeSelect
          label={t('users.role')}
          description={t(`roleMay.${form.values.role}`)}
          data={(['VIEWER', 'OPERATOR', 'ADMIN'] as const).map((role) => ({ value: role, label: t(`role.${role}`) }))}
          {...form.getInputProps('role')}
        />
        <Refused>{form.errors['form']}</Refused>
        <Group justify="end">
          <Button type="submit" loading={working}>
            {word}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A field of the form, by what the server calls it; else the form as a whole. */
function placeOf(field: string | null | undefined): string {
  return field && ['email', 'name', 'role'].includes(field) ? field : 'form';
}
