import { Card, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of a page, with a title of its own and what can be done with it. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </Card>
  );
}

/** Names with what each of them is, one below the other. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl style={{ margin: 0, display: 'grid', gap: '0.4rem' }} className="figures">
      {children}
    </dl>
  );
}

export function Fact({ name, isBad, children }: { name: string; isBad?: boolean; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" align="baseline">
      <Text component="dt" c="dimmed">
        {name}
      </Text>
      <Text
        component="dd"
        m={0}
        ta="right"
        style={{ overflowWrap: 'break-word' }}
        {...(isBad && { c: 'red', fw: 600 })}
      >
        {children}
      </Text>
    </Group>
  );
}
