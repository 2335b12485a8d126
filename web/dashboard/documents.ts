/** What the start page asks the API. Each document is held against schema.graphql by ../documents.test.ts. */

/** A mailing's counts by message status, exact for `open` and every final status. */
export interface Progress {
  status: MailingStatus;
  total: number;
  open: number;
  sent: number;
  failed: number;
  expired: number;
  cancelled: number;
  unknown: number;
  /** Messages a second that got a final status, over the last ten seconds. */
  ratePerSecond: number;
  /** When the last message is expected to be done, ISO 8601; null where nothing tells. */
  eta: string | null;
  /** Grows with every change of the counts. */
  version: string;
}

export type MailingStatus = 'DRAFT' | 'SCHEDULED' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'CANCELLED';

export interface Mailing {
  id: string;
  name: string;
  status: MailingStatus;
  /** ISO 8601 */
  startsAt: string;
  /** ISO 8601 */
  endsAt: string;
  /** Grows with every edit. */
  revision: number;
  progress: Progress;
}

const PROGRESS = 'status total open sent failed expired cancelled unknown ratePerSecond eta version';

const MAILING = `id name status startsAt endsAt revision progress { ${PROGRESS} }`;

/** The switch that stops everything. */
export interface Sending {
  stopped: boolean;
  /** ISO 8601; null where nothing is stopped, as are the others. */
  stoppedAt: string | null;
  stoppedBy: string | null;
  reason: string | null;
}

/** The newest mailings, and whether anything may be sent. The dashboard that follows pages through all of them. */
export const MAILINGS = `query Mailings {
  sending { stopped stoppedAt stoppedBy reason }
  mailings(first: 50) {
    totalCount
    edges { node { ${MAILING} } }
  }
}`;
export interface MailingsData {
  sending: Sending;
  mailings: { totalCount: number; edges: { node: Mailing }[] };
}

/** What changes in the list: a snapshot first, also after a cut, when it is time to ask for the whole list again. */
export const MAILING_CHANGED = `subscription MailingChanged {
  mailingChanged { snapshot sendingSwitched deletedIds mailings { ${MAILING} } }
}`;
export interface MailingChangedData {
  mailingChanged: { snapshot: boolean; sendingSwitched: boolean; deletedIds: string[]; mailings: Mailing[] };
}

/** One mailing's progress, the current one first: after a cut the new subscription's first event is the truth. */
export const MAILING_PROGRESS = `subscription MailingProgress($mailingId: ID!) {
  mailingProgress(mailingId: $mailingId) { ${PROGRESS} }
}`;
export interface MailingProgressData {
  mailingProgress: Progress;
}
