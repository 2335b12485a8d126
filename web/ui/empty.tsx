import { Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Where there is nothing to show: says so, and how to go on. */
export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <Card withBorder padding="xl">
      <Stack align="center" gap="sm">
        <Title order={2} size="h3">
          {title}
        </Title>
        <Text c="dimmed" ta="center" maw="36rem">
          {text}
        </Text>
        <Group justify="center">{children}</Group>
      </Stack>
    </Card>
  );
}
