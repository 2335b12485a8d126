import { lazy, Suspense, useState } from 'react';
import { MeFace } from './me-face.js';
import { useCalm } from './use-calm.js';

const MeMenu = lazy(() => import('./me-menu.js'));

/** Opens the menu, which is loaded later than this, or by the first press. */
export function MeButton() {
  const calm = useCalm();
  const [pressed, setPressed] = useState(false);
  const alone = <MeFace aria-haspopup="menu" onClick={() => setPressed(true)} />;
  return calm || pressed ? (
    <Suspense fallback={alone}>
      <MeMenu defaultOpened={pressed} />
    </Suspense>
  ) : (
    alone
  );
}
