import './words.js';
import './access.css';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { UsersDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Forbidden } from '../ui/forbidden.js';
import { Page } from '../ui/page.js';
import { InviteUser } from './invite-user.js';
import { Rows } from './rows.js';
import { UserRow } from './user-row.js';

/** Everybody who may sign in, and as what. */
export default function UsersPage() {
  const { t } = useTranslation('access');
  const [inviting, setInviting] = useState(false);
  if (!useMay('ACCESS_ADMIN')) return <Forbidden title={t('users.title')} permission={t('may.ACCESS_ADMIN')} />;
  return (
    <Page title={t('users.title')} actions={<Button onClick={() => setInviting(true)}>{t('users.invite')}</Button>}>
      <dl className="lead roles">
        {(['ADMIN', 'OPERATOR', 'VIEWER'] as const).map((role) => (
          <div key={role}>
            <dt>{t(`role.${role}`)}</dt>
            <dd>{t(`roleMay.${role}`)}</dd>
          </div>
        ))}
      </dl>
      <Rows
        label={t('users.title')}
        columns={[t('users.name'), t('users.role'), t('users.signedIn'), t('users.state'), null]}
        query={UsersDocument}
        choice={{}}
        read={({ users }) => users}
        none={{ title: t('users.none'), text: t('users.noneText') }}
      >
        {(user) => <UserRow user={user} />}
      </Rows>
      <InviteUser opened={inviting} onClose={() => setInviting(false)} />
    </Page>
  );
}
