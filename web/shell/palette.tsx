import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { chooseLanguage, language } from '../i18n/i18n.js';
import { PLACES } from './routes.js';
import { signOut } from './sign-out.js';
import { useFound } from './use-found.js';
import { useViewer } from './viewer.js';

/** Everything that can be gone to or done from anywhere, by its name, and mailings and clients. Its keys are PaletteButton's. */
export function Palette({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation('shell');
  const [typed, setTyped] = useState('');
  const [rested] = useDebouncedValue(typed, 200);
  const { mailings, clients } = useFound(rested);
  return (
    <Spotlight
      actions={[
        { group: t('palette.commands'), actions: useCommands(onHelp) },
        { group: t('nav.mailings'), actions: mailings },
        { group: t('nav.clients'), actions: clients },
      ]}
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      nothingFound={t('palette.nothing')}
      searchProps={{ placeholder: t('palette.search'), 'aria-label': t('palette.search'), onKeyDown: takeFirst }}
      scrollable
      maxHeight="70vh"
      highlightQuery
    />
  );
}

/** Enter takes what is found first, where nothing was chosen by an arrow: Spotlight itself would do nothing. */
function takeFirst({ key }: KeyboardEvent): void {
  if (key !== 'Enter' || document.querySelector('.mantine-Spotlight-action[data-selected]')) return;
  document.querySelector<HTMLElement>('.mantine-Spotlight-action')?.click();
}

function useCommands(onHelp: () => void): SpotlightActionData[] {
  const { t } = useTranslation('shell');
  const { permissions } = useViewer();
  const [, go] = useLocation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const places = PLACES.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  const commands: (SpotlightActionData | false)[] = [
    ...places.map(({ path, word }) => ({ id: path, label: t(word), onClick: () => go(path) })),
    permissions.includes('MAILINGS_WRITE') && {
      id: 'new',
      label: t('palette.newMailing'),
      onClick: () => go('/mailings/new'),
    },
    permissions.includes('CLIENTS_WRITE') && {
      id: 'import',
      label: t('palette.import'),
      onClick: () => go('/clients/import'),
    },
    { id: 'scheme', label: t('palette.scheme'), onClick: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark') },
    {
      id: 'language',
      label: t('palette.language'),
      onClick: () => chooseLanguage(language() === 'en' ? 'ru' : 'en'),
    },
    { id: 'shortcuts', label: t('shortcuts.title'), onClick: onHelp },
    { id: 'graphiql', label: t('palette.graphiql'), onClick: () => location.assign('/graphiql') },
    { id: 'sign-out', label: t('palette.signOut'), onClick: () => void signOut() },
  ];
  return commands.filter((command) => command !== false);
}
