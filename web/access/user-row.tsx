import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UserRowFragment } from '../generated/graphql.js';
import { useViewer } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { EditUser } from './edit-user.js';
import { LinkUser } from './link-user.js';
import { SwitchUser } from './switch-user.js';

/** One user, and what can be done: another name or role, a new link, out and in again. */
export function UserRow({ user }: { user: UserRowFragment }) {
  const { t } = useTranslation('access');
  const { day, moment } = useFormat();
  const { name, email, role, createdAt, lastSignInAt, disabledAt } = user;
  const isSelf = useViewer().name === `user:${email}`;
  const [dialog, setDialog] = useState<'edit' | 'link' | 'switch' | null>(null);
  const shared = { user, onClose: () => setDialog(null) };
  return (
    <tr data-over={disabledAt ? true : undefined}>
      <th scope="row">
        {isSelf ? t('users.you', { name }) : name}
        <span className="sub">{email}</span>
      </th>
      <td data-label={t('users.role')}>{t(`role.${role}`)}</td>
      <td data-label={t('users.signedIn')}>{lastSignInAt ? moment(lastSignInAt) : t('never')}</td>
      <td data-label={t('users.state')}>
        {disabledAt ? t('users.disabledAt', { at: day(disabledAt) }) : t('users.since', { at: day(createdAt) })}
      </td>
      <td>
        <Group gap="xs">
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('users.editOf', { name })}
            onClick={() => setDialog('edit')}
          >
            {t('users.edit')}
          </Button>
          {disabledAt ? null : (
            <Button
              variant="default"
              size="compact-sm"
              aria-label={t('users.linkOf', { name })}
              onClick={() => setDialog('link')}
            >
              {t('users.link')}
            </Button>
          )}
          {isSelf ? null : (
            <Button
              variant="default"
              size="compact-sm"
              aria-label={t(disabledAt ? 'users.enableOf' : 'users.disableOf', { name })}
              onClick={() => setDialog('switch')}
            >
              {t(disabledAt ? 'users.enable' : 'users.disable')}
            </Button>
          )}
        </Group>
        <EditUser {...shared} opened={dialog === 'edit'} />
        <LinkUser {...shared} opened={dialog === 'link'} />
        <SwitchUser {...shared} opened={dialog === 'switch'} />
      </td>
    </tr>
  );
}
