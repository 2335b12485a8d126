import { Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language, language } from '../i18n/i18n.js';
import { MeFace } from './me-face.js';
import { signOut } from './sign-out.js';
import { useViewer } from './viewer.js';

/** Who is signed in, and what they may choose for themselves. */
export default function MeMenu({ defaultOpened }: { defaultOpened: boolean }) {
  const { t } = useTranslation('shell');
  const { name, role } = useViewer();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <Menu position="bottom-end" withinPortal defaultOpened={defaultOpened}>
      <Menu.Target>
        <MeFace />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name} · {t(`role.${role}`)}
        </Menu.Label>
        <Menu.Item component="a" href="/account">
          {t('me.account')}
        </Menu.Item>
        <Menu.Item onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
          {t(dark ? 'scheme.toLight' : 'scheme.toDark')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('language')}</Menu.Label>
        {Object.entries(LANGUAGES).map(([tag, itself]) => (
          <Menu.Item
            key={tag}
            lang={tag}
            aria-current={tag === language()}
            onClick={() => chooseLanguage(tag as Language)}
          >
            {itself}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('me.api')}</Menu.Label>
        <Menu.Item component="a" href="/graphiql">
          GraphiQL
        </Menu.Item>
        <Menu.Item component="a" href="/guide">
          GraphQL
        </Menu.Item>
        <Menu.Item component="a" href="/docs">
          REST
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>{t('me.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
