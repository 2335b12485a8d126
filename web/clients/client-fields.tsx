import { ActionIcon, Button, Fieldset, Group, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type ClientRowFragment, ClientTagsDocument } from '../generated/graphql.js';
import { Refused } from '../ui/refused.js';
import { Trouble } from '../ui/trouble.js';
import { ZoneSelect } from '../ui/zone-select.js';
import { type ClientForm, formOf, isChanged } from './client-form.js';
import { DeleteClientButton } from './delete-client.js';
import { useSaveClient } from './use-save-client.js';

interface Props {
  /** Null: a new one. */
  client: ClientRowFragment | null;
  onClose: () => void;
  onDone: (changed: ClientRowFragment | null) => void;
  /** Somebody else changed it meanwhile: it is wanted as it is now. */
  onFresh: () => void;
}

/** The form of one client. What the server finds wrong stands at its field. */
export function ClientFields({ client, onClose, onDone, onFresh }: Props) {
  const { t } = useTranslation('clients');
  const form = useForm<ClientForm>({
    initialValues: formOf(client, Intl.DateTimeFormat().resolvedOptions().timeZone),
  });
  const { save, fetching, error, refused } = useSaveClient(client, form, (changed) => {
    onDone(changed);
    onClose();
  });
  const hasChanged = client === null || isChanged(form.values, client);
  return (
    <form onSubmit={form.onSubmit((values) => void save(values))} noValidate>
      <Stack gap="md">
        {error ? <Trouble error={error} /> : null}
        {refused === null ? null : (
          <Refused title={t('refused')}>
            <Text size="sm">{refused}</Text>
            {client === null ? null : (
              <Button size="compact-sm" variant="default" mt="xs" onClick={onFresh}>
                {t('loadFresh')}
              </Button>
            )}
          </Refused>
        )}
        <TextInput
          label={t('field.phone')}
          type="tel"
          required
          data-autofocus
          placeholder="8 (9XX) XXX-XX-XX"
          {...form.getInputProps('phone')}
        />
        <TextInput
          label={t('field.operatorCode')}
          description={t('field.operatorCodeHint')}
          inputMode="numeric"
          {...form.getInputProps('operatorCode')}
        />
        <ZoneSelect label={t('field.timeZone')} required {...form.getInputProps('timeZone')} />
        <TagsField form={form} />
        <Attributes form={form} />
        <Switch
          label={t('field.optedOut')}
          description={t('field.optedOutHint')}
          {...form.getInputProps('optedOut', { type: 'checkbox' })}
        />
        <Group justify="space-between">
          {client === null ? (
            <span />
          ) : (
            <DeleteClientButton
              client={client}
              onDone={() => {
                onDone(null);
                onClose();
              }}
              onRestored={() => onDone(null)}
            />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={fetching} disabled={!hasChanged}>
              {t(client === null ? 'create' : 'save')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  form: UseFormReturnType<ClientForm>;
}

function TagsField({ form }: PartProps) {
  const { t } = useTranslation('clients');
  const [{ data }] = useQuery({ query: ClientTagsDocument, variables: { filter: null } });
  return (
    <TagsInput
      label={t('field.tags')}
      description={t('field.tagsHint')}
      data={data?.clientFacets.values.map(({ value }) => value) ?? []}
      maxTags={50}
      {...form.getInputProps('tags')}
    />
  );
}

/** What texts may use of a client: `{{ name }}`. */
function Attributes({ form }: PartProps) {
  const { t } = useTranslation('clients');
  const rows = form.values.attributes;
  return (
    <Fieldset legend={t('field.attributes')}>
      <Stack gap="xs">
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; names change as they are typed
          <Group key={at} gap="xs" wrap="nowrap" align="start">
            <TextInput
              aria-label={t('field.attributeName', { n: at + 1 })}
              placeholder="name"
              w="40%"
              {...form.getInputProps(`attributes.${at}.name`)}
            />
            <TextInput
              aria-label={t('field.attributeValue', { name: row.name })}
              placeholder={t('field.value')}
              flex={1}
              {...form.getInputProps(`attributes.${at}.value`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('field.attributeRemove', { name: row.name })}
              onClick={() => form.removeListItem('attributes', at)}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Refused>{form.errors['attributes']}</Refused>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => form.insertListItem('attributes', { name: '', value: '' })}
        >
          {t('field.attributeAdd')}
        </Button>
      </Stack>
    </Fieldset>
  );
}
