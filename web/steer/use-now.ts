import { useEffect, useState } from 'react';

/** The time by this browser's clock, ms, anew each second. Only what counts down should hang on it. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
