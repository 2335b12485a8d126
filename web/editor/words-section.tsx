import { Button, Group, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useEdited, useEditorForm } from './editing.js';
import type { TextProblem } from './preview.js';
import { Section } from './section.js';
import { cutAt, stretchAt, tagOf } from './text-place.js';

interface WordsSectionProps {
  /** What is wrong with the text, as far as is known. */
  problems: readonly TextProblem[];
  /** Attributes that can be put into the text. */
  names: readonly string[];
}

/** What it is called, and what it says. */
export function WordsSection({ problems, names }: WordsSectionProps) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { mailing, isFrozen } = useEdited();
  const name = useRef<HTMLInputElement>(null);
  const isNew = mailing === null;
  useEffect(() => {
    if (isNew) name.current?.focus({ preventScroll: true });
  }, [isNew]);
  return (
    <Section title={t('words.title')} className="editor-words">
      <TextInput
        ref={name}
        label={t('name.label')}
        description={t('name.hint')}
        maxLength={200}
        withAsterisk
        {...form.getInputProps('name')}
      />
      <TextField problems={problems} names={names} frozen={isFrozen('text')} />
    </Section>
  );
}

function TextField({ problems, names, frozen }: WordsSectionProps & { frozen: boolean }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const { text } = form.values;
  const field = useRef<HTMLTextAreaElement>(null);
  const stretches = problems.map(({ line, column }) => stretchAt(text, line, column));
  return (
    <div>
      <Textarea
        ref={field}
        label={t('text.label')}
        description={frozen ? t('frozen.text') : t('text.hint')}
        autosize
        minRows={4}
        maxLength={10_000}
        withAsterisk
        readOnly={frozen}
        classNames={{ input: 'marked-input' }}
        inputContainer={(children) => (
          <div className="marked">
            <div className="marked-under" aria-hidden>
              {cutAt(
                text,
                stretches.filter((stretch) => stretch !== null),
              ).map((piece) =>
                piece.marked ? <mark key={piece.from}>{piece.text}</mark> : <span key={piece.from}>{piece.text}</span>,
              )}
            </div>
            {children}
          </div>
        )}
        {...form.getInputProps('text')}
      />
      <div aria-live="polite">
        {problems.map((problem, at) => (
          <ProblemLine
            key={`${problem.line}:${problem.column}:${problem.message}`}
            problem={problem}
            onGo={() => select(field, stretches[at])}
          />
        ))}
      </div>
      {frozen ? null : <InsertButtons names={names} field={field} />}
    </div>
  );
}

/** What is wrong and where; leads there. */
function ProblemLine({ problem, onGo }: { problem: TextProblem; onGo: () => void }) {
  const { t } = useTranslation('editor');
  const { message, line, column } = problem;
  if (line === null) {
    return (
      <Text size="sm" c="var(--failed)" mt={4}>
        {message}
      </Text>
    );
  }
  return (
    <UnstyledButton className="problem" onClick={onGo}>
      {t('text.problem', { line, column: column ?? 1, message })}
    </UnstyledButton>
  );
}

/** Puts an attribute of the client where the cursor is. */
function InsertButtons({ names, field }: { names: readonly string[]; field: RefObject<HTMLTextAreaElement | null> }) {
  const { t } = useTranslation('editor');
  const form = useEditorForm();
  const insert = (name: string) => {
    const { selectionStart: from, selectionEnd: to } = field.current ?? { selectionStart: 0, selectionEnd: 0 };
    const { text } = form.getValues();
    form.setFieldValue('text', text.slice(0, from) + tagOf(name) + text.slice(to));
    const place = from + tagOf(name).length;
    // After React has drawn the new text, which would move the cursor to its end.
    requestAnimationFrame(() => select(field, { from: place, to: place }));
  };
  return (
    <Group gap={6} mt="xs" role="group" aria-label={t('insert.title')}>
      <Text size="sm" c="dimmed" aria-hidden>
        {t('insert.title')}
      </Text>
      {names.map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          onClick={() => insert(name)}
          aria-label={t('insert.one', { name })}
        >
          {name}
        </Button>
      ))}
    </Group>
  );
}

function select(
  field: RefObject<HTMLTextAreaElement | null>,
  stretch: { from: number; to: number } | null | undefined,
) {
  field.current?.focus();
  if (stretch) field.current?.setSelectionRange(stretch.from, stretch.to);
}
