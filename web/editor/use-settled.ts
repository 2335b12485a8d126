import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';

/** A value as soon as it has not changed for a while, so that the server is not asked at each key. The same object as long as it is equal. @param wait ms */
export function useSettled<T>(value: T, wait: number): T {
  const [settled] = useDebouncedValue(JSON.stringify(value), wait);
  return useMemo(() => JSON.parse(settled) as T, [settled]);
}
