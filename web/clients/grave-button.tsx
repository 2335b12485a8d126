import { Button, type MantineSize } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { Confirm } from '../ui/confirm.js';

interface Props<Answer> {
  /** What the button says, the title of what it asks, and the button there that does it. */
  label: string;
  title: string;
  yes: string;
  size?: MantineSize;
  /** What will happen. */
  children: ReactNode;
  isDoing: boolean;
  error: CombinedError | undefined;
  /** Does it. Undefined: the question failed, and `error` says why. */
  onYes: () => Promise<Answer | undefined>;
  /** It was done; the dialog is closed by then. */
  onDone: (answer: Answer) => void;
}

/** A button for what is done to one client and is not lightly taken back: says first what that means, and why where it is refused. */
export function GraveButton<Answer extends { userErrors: readonly { message: string }[] }>(props: Props<Answer>) {
  const { t } = useTranslation('clients');
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const confirm = async () => {
    const answer = await props.onYes();
    if (!answer) return;
    const [problem] = answer.userErrors;
    setRefused(problem?.message ?? null);
    if (problem) return;
    setAsking(false);
    props.onDone(answer);
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        {props.label}
      </Button>
      <Confirm
        opened={asking}
        title={props.title}
        {...(props.size && { size: props.size })}
        no={t('cancel')}
        yes={props.yes}
        first="no"
        isGrave
        isDoing={props.isDoing}
        error={props.error}
        refused={refused}
        onClose={() => setAsking(false)}
        onYes={confirm}
      >
        {props.children}
      </Confirm>
    </>
  );
}
