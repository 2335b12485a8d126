import { AppShell, Burger, Group, NavLink } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import favicon from '../theme/favicon.svg';
import { Announcer } from './announcer.js';
import { ConnectionBadge } from './connection-badge.js';
import { Later } from './later.js';
import { MeButton } from './me-button.js';
import { PaletteButton } from './palette-button.js';
import { PLACES } from './routes.js';
import { StopBanner } from './stop-banner.js';
import { useTold } from './use-told.js';
import { useViewer } from './viewer.js';

/** What is around every page: the way to the others, how the connection stands, who is signed in. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation('shell');
  const { permissions } = useViewer();
  useTold();
  const [opened, { toggle, close }] = useDisclosure(false);
  const [location] = useLocation();
  const places = PLACES.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <AppShell.Header className="header">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            color="white"
            aria-label={t('nav.menu')}
            aria-expanded={opened}
          />
          <Link href="/" className="brand">
            <img src={favicon} alt="" width={26} height={26} />
            <span>Heliograph</span>
          </Link>
          <Group gap="sm" ml="auto" wrap="nowrap">
            <ConnectionBadge />
            <PaletteButton />
            <MeButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('nav.title')}>
        <AppShell.Section grow className="places">
          {places.map(({ path, word, icon: Icon }) => (
            <NavLink
              key={path}
              component={Link}
              href={path}
              onClick={close}
              label={t(word)}
              leftSection={<Icon size={18} aria-hidden />}
              active={isWithin(location, path)}
              aria-current={isWithin(location, path) ? 'page' : undefined}
            />
          ))}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <StopBanner />
        {children}
      </AppShell.Main>
      <Announcer />
      <Later />
    </AppShell>
  );
}

/** The mailings are at the root, and each of them under /mailings. */
function isWithin(location: string, path: string): boolean {
  if (path === '/') return location === '/' || location.startsWith('/mailings');
  return location === path || location.startsWith(`${path}/`);
}
