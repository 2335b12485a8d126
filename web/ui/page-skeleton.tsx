import { Skeleton, Stack } from '@mantine/core';

/** Holds the place of a page that is being loaded, so that nothing jumps when it comes. */
export function PageSkeleton() {
  return (
    <Stack gap="md" aria-busy="true">
      <Skeleton height={36} width="16rem" />
      <Skeleton height={120} />
      <Skeleton height={320} />
    </Stack>
  );
}
