import { Alert, type AlertProps } from '@mantine/core';

/** Why something was not done, in a sentence, read out at once; nothing where there is no sentence. */
export function Refused({ children, ...props }: AlertProps) {
  if (!children) return null;
  return (
    <Alert role="alert" color="red" variant="outline" {...props}>
      {children}
    </Alert>
  );
}
