import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';

/** ms; typing is followed when it rests. */
const TYPING = 250;

interface Props {
  label: string;
  placeholder?: string;
  className?: string;
  /** What is looked for by now. */
  value: string;
  /** What stands there, once typing rests. */
  onRest: (text: string) => void;
}

/** A field for what to look for. */
export function SearchInput({ value, onRest, ...shown }: Props) {
  const [typed, setTyped] = useState(value);
  const follow = useDebouncedCallback(onRest, TYPING);
  // It may change without the field: the way back, a link.
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      {...shown}
      type="search"
      maxLength={200}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        follow(currentTarget.value);
      }}
    />
  );
}
