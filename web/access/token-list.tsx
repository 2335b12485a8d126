import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TokenRowFragment, TokensDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { RevokeToken } from './revoke-token.js';
import { Rows } from './rows.js';
import { tokenState } from './token-state.js';

/** Tokens, newest first, with those that are over. */
export function TokenList({ everybodys }: { everybodys: boolean }) {
  const { t } = useTranslation('access');
  const [revoking, setRevoking] = useState<TokenRowFragment | null>(null);
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Rows
        label={t('tokens.title')}
        columns={[t('tokens.name'), t('tokens.may'), t('tokens.made'), t('tokens.used'), t('tokens.holds'), null]}
        query={TokensDocument}
        choice={{ everybodys }}
        read={({ tokens }) => tokens}
        none={{ title: t('tokens.none'), text: t('tokens.noneText') }}
      >
        {(token) => (
          <TokenRow
            token={token}
            onRevoke={() => {
              setRevoking(token);
              setAsked(true);
            }}
          />
        )}
      </Rows>
      {revoking ? <RevokeToken token={revoking} opened={asked} onClose={() => setAsked(false)} /> : null}
    </>
  );
}

function TokenRow({ token, onRevoke }: { token: TokenRowFragment; onRevoke: () => void }) {
  const { t } = useTranslation('access');
  const { day, moment } = useFormat();
  const { name, prefix, scopes, createdAt, createdBy, lastUsedAt, expiresAt, revokedAt } = token;
  const state = tokenState(token, Date.now());
  const isOver = state === 'revoked' || state === 'expired';
  return (
    <tr data-over={isOver || undefined}>
      <th scope="row">
        {name}
        <code className="sub">{prefix}…</code>
      </th>
      <td data-label={t('tokens.may')}>
        <ul className="plain">
          {scopes.map((scope) => (
            <li key={scope}>{t(`may.${scope}`)}</li>
          ))}
        </ul>
      </td>
      <td data-label={t('tokens.made')}>
        {day(createdAt)}
        <span className="sub">{createdBy}</span>
      </td>
      <td data-label={t('tokens.used')}>{lastUsedAt ? moment(lastUsedAt) : t('never')}</td>
      <td data-label={t('tokens.holds')}>
        {t(`tokens.state.${state}`, { at: day(revokedAt ?? expiresAt ?? createdAt) })}
      </td>
      <td>
        {isOver ? null : (
          <Button variant="default" size="compact-sm" aria-label={t('tokens.revokeOf', { name })} onClick={onRevoke}>
            {t('tokens.revoke')}
          </Button>
        )}
      </td>
    </tr>
  );
}
