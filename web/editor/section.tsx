import { Card, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

/** A part of the form under its own heading. */
export function Section({
  title,
  hint,
  className,
  children,
}: {
  title: string;
  hint?: string | undefined;
  className?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Card component="section" withBorder padding="md" aria-labelledby={id} {...(className && { className })}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {hint ? (
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
      ) : null}
      <Stack gap="md" mt="sm">
        {children}
      </Stack>
    </Card>
  );
}
