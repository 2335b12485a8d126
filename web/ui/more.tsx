import './words.js';
import { Button } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** Stands at the end of a list that goes on: wants the rest as soon as it comes near the window; a button for those who get there by keyboard. */
export function More({ onWanted }: { onWanted: () => void }) {
  const { t } = useTranslation('ui');
  const { ref, entry } = useIntersection<HTMLDivElement>({ rootMargin: '600px' });
  const near = entry?.isIntersecting === true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it comes near
  useEffect(() => {
    if (near) onWanted();
  }, [near]);
  return (
    <div ref={ref}>
      <Button variant="default" onClick={onWanted}>
        {t('more')}
      </Button>
    </div>
  );
}
