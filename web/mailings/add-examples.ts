import type { Client } from 'urql';
import { ExampleImportDocument, ExampleMailingDocument, type MailingInput } from '../generated/graphql.js';
import { EXAMPLE_TAG, exampleClients } from './example-clients.js';

const EXAMPLES = 1_000;

/**
 * Makes example clients and a draft to them; nothing is sent.
 *
 * @returns the draft's id
 * @throws {Error} with a sentence that may be shown
 */
export async function addExamples(client: Client, mailing: Pick<MailingInput, 'name' | 'text'>): Promise<string> {
  await importDone(client, await sendFile(exampleClients(EXAMPLES)));
  const input: MailingInput = {
    ...mailing,
    filter: { tagsAny: [EXAMPLE_TAG] },
    endsAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const { data, error } = await client.mutation(ExampleMailingDocument, { input }).toPromise();
  const made = data?.mailingCreate.mailing;
  if (made) return made.id;
  throw error ?? new Error(data?.mailingCreate.userErrors[0]?.message ?? '');
}

/** The id of the import. */
async function sendFile(csv: string): Promise<string> {
  const response = await fetch('/api/v1/clients/import?onConflict=merge', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csv,
  });
  const answer = (await response.json()) as { id?: string; detail?: string };
  if (answer.id === undefined) throw new Error(answer.detail ?? `HTTP ${response.status}`);
  return String(answer.id);
}

function importDone(client: Client, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(ExampleImportDocument, { id }).subscribe(({ data, error }) => {
      const job = data?.importProgress;
      if (error) reject(error);
      else if (job?.status === 'COMPLETED') resolve();
      else if (job?.status === 'FAILED' || job?.status === 'CANCELLED') reject(new Error(job.reason ?? job.status));
      else return;
      // Not at once: an answer may come before `unsubscribe` is there.
      queueMicrotask(() => unsubscribe());
    });
  });
}
