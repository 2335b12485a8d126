import { Button, Checkbox, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import {
  WebhookCreateDocument,
  type WebhookEvent,
  type WebhookPartsFragment,
  WebhookUpdateDocument,
} from '../generated/graphql.js';
import { Dialog } from '../ui/dialog.js';
import { Refused } from '../ui/refused.js';
import { useTroubleText } from '../ui/trouble.js';

/** What can be chosen; a test goes to each webhook by itself. */
const EVENTS = ['MAILING_STARTED', 'MAILING_FINISHED', 'MAILING_STUCK', 'CIRCUIT_OPENED', 'CIRCUIT_CLOSED'] as const;

interface Props {
  opened: boolean;
  /** Null: a new one is made. */
  webhook: WebhookPartsFragment | null;
  onClose: () => void;
}

/** Makes a webhook, and shows its secret this once; or changes one. */
export function WebhookForm({ opened, webhook, onClose }: Props) {
  const { t } = useTranslation('operations');
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  const title = t(webhook === null ? 'webhooks.new' : 'webhooks.editTitle');
  return (
    <Dialog opened={opened} onClose={close} title={title} closeOnClickOutside={secret === null}>
      {secret === null ? (
        <Fields webhook={webhook} onDone={(made) => (made === null ? close() : setSecret(made))} />
      ) : (
        <Stack role="status">
          <TextInput
            data-autofocus
            label={t('webhooks.secret')}
            description={t('webhooks.secretOnce')}
            value={secret}
            readOnly
            onFocus={({ target }) => target.select()}
          />
          <Group justify="end">
            <CopyButton value={secret}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {t(copied ? 'webhooks.copied' : 'webhooks.copy')}
                </Button>
              )}
            </CopyButton>
            <Button onClick={close}>{t('webhooks.done')}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

interface FieldsProps {
  webhook: WebhookPartsFragment | null;
  /** Given the secret of a new one. */
  onDone: (secret: string | null) => void;
}

function Fields({ webhook, onDone }: FieldsProps) {
  const { t } = useTranslation('operations');
  const sentence = useTroubleText();
  const [creating, create] = useMutation(WebhookCreateDocument);
  const [updating, update] = useMutation(WebhookUpdateDocument);
  const initialValues = { url: webhook?.url ?? '', events: (webhook?.events ?? [...EVENTS]) as WebhookEvent[] };
  const form = useForm({ initialValues });
  const submit = form.onSubmit(async (input) => {
    const made = webhook === null ? await create({ input }) : null;
    const changed = webhook === null ? null : await update({ id: webhook.id, input });
    const error = made?.error ?? changed?.error;
    const payload = made?.data?.webhookCreate ?? changed?.data?.webhookUpdate;
    const [problem] = payload?.userErrors ?? [];
    if (error) form.setErrors({ form: sentence(error) });
    else if (problem) form.setErrors({ [problem.field?.replace(/\..*/, '') ?? 'form']: problem.message });
    else onDone(made?.data?.webhookCreate.secret ?? null);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          data-autofocus
          required
          type="url"
          label={t('webhooks.url')}
          description={t('webhooks.urlHint')}
          maxLength={2_000}
          {...form.getInputProps('url')}
        />
        <Checkbox.Group required label={t('webhooks.events')} {...form.getInputProps('events')}>
          <Stack gap={6} mt={6}>
            {EVENTS.map((event) => (
              <Checkbox key={event} value={event} label={t(`event.${event}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {webhook === null ? <Text size="sm">{t('webhooks.willSecret')}</Text> : null}
        <Refused>{form.errors['form']}</Refused>
        <Group justify="end">
          <Button type="submit" loading={creating.fetching || updating.fetching}>
            {t(webhook === null ? 'webhooks.make' : 'webhooks.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
