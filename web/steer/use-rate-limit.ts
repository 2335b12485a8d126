import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { SetRateLimitDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { troubleText } from '../ui/trouble.js';

/** ms without a change after which a limit is meant. */
const SETTLED = 600;

export interface RateChoice {
  /** What is shown: what is wanted, or what holds. */
  wanted: number | null;
  choose: (limit: number | null) => void;
  state: 'idle' | 'waiting' | 'saved';
  /** A sentence: why the last wish does not hold. */
  trouble: string | null;
}

/**
 * A wish holds once it has not moved for a moment, and only if nobody else edited the mailing since the wish began: else that
 * is said, what holds by now is shown, and the person decides anew.
 */
export function useRateLimit({ id, rateLimit, revision }: SteeredMailingFragment): RateChoice {
  const { t } = useTranslation('steer');
  const { t: shell } = useTranslation('shell');
  const { count } = useFormat();
  const [, execute] = useMutation(SetRateLimitDocument);
  const [wish, setWish] = useState<{ limit: number | null } | null>(null);
  const [state, setState] = useState<RateChoice['state']>('idle');
  const [trouble, setTrouble] = useState<string | null>(null);
  /** The revision that the wish was made on. */
  const base = useRef(revision);
  /** The wish before has its answer: only then is it known on which revision the next one stands. */
  const answered = useRef(Promise.resolve());
  const newest = useRef<number | null>(null);
  const take = async (limit: number | null) => {
    const { data, error } = await execute({ id, rateLimit: limit, revision: base.current });
    const refused = data?.taken.userErrors[0];
    const now = data?.taken.mailing;
    if (now) base.current = now.revision;
    setWish((latest) => (latest?.limit === limit || refused || error ? null : latest));
    if (refused || error) setState('idle');
    else if (limit === newest.current) setState('saved');
    if (error) setTrouble(troubleText(error, shell('trouble.network')));
    else if (refused) setTrouble(refused.field === 'revision' ? 'revision' : refused.message);
  };
  const send = useDebouncedCallback(
    (limit: number | null) => {
      answered.current = answered.current.then(() => take(limit));
    },
    // Who goes elsewhere at once still meant it.
    { delay: SETTLED, flushOnUnmount: true },
  );
  useEffect(() => {
    if (wish === null) base.current = revision;
  }, [wish, revision]);
  const choose = (limit: number | null) => {
    if (limit === (wish ? wish.limit : rateLimit)) return;
    setTrouble(null);
    setState('waiting');
    setWish({ limit });
    newest.current = limit;
    send(limit);
  };
  const holds = rateLimit === null ? t('rate.none') : t('rate.of', { rate: count(rateLimit) });
  return {
    wanted: wish ? wish.limit : rateLimit,
    choose,
    state,
    trouble: trouble === 'revision' ? t('rate.conflict', { holds }) : trouble,
  };
}
