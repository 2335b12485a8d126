import { Kbd, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.js';
import { SHORTCUTS, shortcutsAreOn, switchShortcuts } from './shortcuts.js';
import { useViewer } from './viewer.js';

/** All shortcuts, and the switch for who does not want them. */
export function ShortcutsHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('shell');
  const { permissions } = useViewer();
  const [on, setOn] = useState(shortcutsAreOn);
  const own = SHORTCUTS.filter(({ needs }) => needs === undefined || permissions.includes(needs));
  return (
    <Dialog opened={opened} onClose={onClose} title={t('shortcuts.title')}>
      <Stack>
        <dl className="shortcuts">
          {own.map(({ keys, word }) => (
            <Line key={word} keys={keys} word={t(word)} />
          ))}
          <Line keys={['Ctrl K', '/']} either word={t('palette.open')} />
          <Line keys={['?']} word={t('shortcuts.title')} />
        </dl>
        <Switch
          label={t('shortcuts.on')}
          description={t('shortcuts.onHint')}
          checked={on}
          onChange={({ currentTarget }) => {
            setOn(currentTarget.checked);
            switchShortcuts(currentTarget.checked);
          }}
        />
      </Stack>
    </Dialog>
  );
}

function Line({ keys, word, either = false }: { keys: readonly string[]; word: string; either?: boolean }) {
  const { t } = useTranslation('shell');
  return (
    <div>
      <dt>
        {keys.map((key, place) => (
          <span key={key}>
            {place > 0 ? ` ${t(either ? 'shortcuts.or' : 'shortcuts.then')} ` : null}
            <Kbd>{key}</Kbd>
          </span>
        ))}
      </dt>
      <dd>{word}</dd>
    </div>
  );
}
