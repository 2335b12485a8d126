import { useEffect, useRef } from 'react';
import { type CombinedError, useQuery } from 'urql';
import { useConnection } from '../api/connection.js';
import { MailingPageDocument, type MailingPageFragment } from '../generated/graphql.js';

/** What else a mailing is than its figures, which move all the time. */
export type MailingTerms = Omit<MailingPageFragment, 'progress'>;

/** A mailing as it is by now. */
export interface MailingNow {
  /** Undefined: not known yet, or there is none. */
  mailing: MailingPageFragment | undefined;
  error: CombinedError | undefined;
  askAgain: () => void;
}

/** A mailing: its figures come by subscription (FollowProgress), and what else it is, is read again when it was edited or the socket was cut. */
export function useMailing(id: string): MailingNow {
  const variables = { id };
  const [{ data, error }, ask] = useQuery({
    query: MailingPageDocument,
    variables,
    requestPolicy: 'cache-and-network',
  });
  const mailing = data?.mailing ?? undefined;
  const askAgain = () => ask({ requestPolicy: 'network-only' });
  const isLive = useConnection().state === 'live';
  const known = mailing && isLive ? `${mailing.id} ${mailing.status} ${mailing.revision}` : null;
  const seen = useRef<string | null>(null);
  const latest = useRef(askAgain);
  latest.current = askAgain;
  useEffect(() => {
    if (known !== null && seen.current !== null && known !== seen.current) latest.current();
    // After a cut it is asked again even if nothing seems to have changed.
    seen.current = known ?? (seen.current === null ? null : '');
  }, [known]);
  return { mailing, error, askAgain };
}
