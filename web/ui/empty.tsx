import { Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyProps {
  title: string;
  text: string;
  /** 1 where it is all that the page has to say. */
  level?: 1 | 2;
  children?: ReactNode;
}

/** Where there is nothing to show: says so, and how to go on. */
export function Empty({ title, text, level = 2, children }: EmptyProps) {
  return (
    <Card withBorder padding="xl">
      <Stack align="center" gap="sm">
        <Title order={level} size="h3">
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
