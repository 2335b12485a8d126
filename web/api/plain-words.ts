import { CombinedError, type OperationResult } from 'urql';

interface Complaint {
  message: string;
}

/** Whether an answer says something to people. */
export function hasSentences({ data, error }: OperationResult): boolean {
  return (
    (error?.graphQLErrors.length ?? 0) > 0 || Object.values(data ?? {}).some((part) => complaintsOf(part).length > 0)
  );
}

function complaintsOf(part: unknown): readonly Complaint[] {
  return (part as { userErrors?: readonly Complaint[] } | null)?.userErrors ?? [];
}

/** The same answer, each sentence of it said anew. */
export function inWordsOf(result: OperationResult, say: (message: string) => string): OperationResult {
  const again = <T extends Complaint>(one: T): T => ({ ...one, message: say(one.message) });
  const data = Object.entries(result.data ?? {}).map(([field, part]) => {
    const complaints = complaintsOf(part);
    return [field, complaints.length === 0 ? part : { ...(part as object), userErrors: complaints.map(again) }];
  });
  const { error } = result;
  return {
    ...result,
    data: result.data && Object.fromEntries(data),
    ...(error && { error: sayError(error, say) }),
  };
}

function sayError(error: CombinedError, say: (message: string) => string): CombinedError {
  const graphQLErrors = error.graphQLErrors.map(({ message, path, extensions }) => ({
    message: say(message),
    path: path ?? [],
    extensions,
  }));
  return new CombinedError({
    graphQLErrors,
    ...(error.networkError && { networkError: error.networkError }),
    response: error.response,
  });
}
