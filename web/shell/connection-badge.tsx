import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection.js';
import { useFormat } from '../ui/format.js';

/** Whether what is shown is the truth of this moment, and if not, of which. */
export function ConnectionBadge() {
  const { t } = useTranslation('shell');
  const { clock } = useFormat();
  const { state, since } = useConnection();
  return (
    <span className="connection" data-state={state} role="status">
      {t(`connection.${state}`, { at: clock(since) })}
    </span>
  );
}
