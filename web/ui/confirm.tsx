import { Button, Group, type MantineSize, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Dialog } from './dialog.js';
import { Refused } from './refused.js';
import { Trouble } from './trouble.js';

interface ConfirmProps {
  opened: boolean;
  title: string;
  size?: MantineSize;
  /** What will happen. */
  children: ReactNode;
  /** What the button says that changes nothing, and the one that does it. */
  no: string;
  yes: ReactNode;
  /** The button that Enter presses; left out where something in the dialog is filled in first. One that is held takes no focus: then it is `no`. */
  first?: 'no' | 'yes';
  /** It can't be taken back, or all feel it. */
  isGrave?: boolean;
  isDoing?: boolean;
  /** It can't be done yet. */
  isHeld?: boolean;
  /** Why it was not done: the question failed, or the server refused. */
  error?: CombinedError | undefined;
  refused?: ReactNode;
  onClose: () => void;
  onYes: () => void;
}

/** Says what will happen before it is done, and stays open with the reason where it could not be done. */
export function Confirm(props: ConfirmProps) {
  const {
    opened,
    title,
    size,
    children,
    no,
    yes,
    first,
    isGrave,
    isDoing = false,
    isHeld = false,
    error,
    refused,
  } = props;
  return (
    <Dialog opened={opened} onClose={props.onClose} title={title} {...(size && { size })}>
      <Stack gap="md">
        {children}
        {error ? <Trouble error={error} /> : null}
        <Refused>{refused}</Refused>
        <Group justify="flex-end">
          <Button
            variant="default"
            data-autofocus={first === 'no' || (first && isHeld) || undefined}
            onClick={props.onClose}
          >
            {no}
          </Button>
          <Button
            color={isGrave ? 'red' : 'blue'}
            data-autofocus={first === 'yes' || undefined}
            loading={isDoing}
            disabled={isHeld}
            onClick={props.onYes}
          >
            {yes}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
