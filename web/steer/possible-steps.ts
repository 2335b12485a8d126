import type { MailingStatus } from '../generated/graphql.js';

/** What a person does in the life of a mailing, as in `mailingPause`. */
export type Step = 'schedule' | 'start' | 'pause' | 'resume' | 'cancel' | 'delete';

/** Why a step can't be taken now: a word of this room. */
export type Refusal =
  | 'why.scheduled'
  | 'why.started'
  | 'why.notStarted'
  | 'why.paused'
  | 'why.running'
  | 'why.over'
  | 'why.cancelFirst'
  | 'why.settling'
  | 'why.ended';

/** What decides. */
export interface Standing {
  status: MailingStatus;
  endsAt: string;
  /** Messages without a final status. */
  open: number;
}

type Rules = Record<MailingStatus, Refusal | null>;
const over = { COMPLETED: 'why.over', CANCELLED: 'why.over' } as const;
const notStarted = { DRAFT: 'why.notStarted', SCHEDULED: 'why.notStarted' } as const;
const started = { RUNNING: 'why.started', PAUSED: 'why.started' } as const;

/** The server's own table (DESIGN.md, "Mailing"), with the reasons for people; the server refuses all the same. */
const REFUSALS: Record<Step, Rules> = {
  schedule: { DRAFT: null, SCHEDULED: 'why.scheduled', ...started, ...over },
  start: { DRAFT: null, SCHEDULED: null, ...started, ...over },
  pause: { ...notStarted, RUNNING: null, PAUSED: 'why.paused', ...over },
  resume: { ...notStarted, RUNNING: 'why.running', PAUSED: null, ...over },
  cancel: { DRAFT: null, SCHEDULED: null, RUNNING: null, PAUSED: null, ...over },
  delete: {
    DRAFT: null,
    SCHEDULED: null,
    RUNNING: 'why.cancelFirst',
    PAUSED: 'why.cancelFirst',
    COMPLETED: null,
    CANCELLED: null,
  },
};

/** @param now ms; @returns why a mailing does not allow a step, null: it does */
export function refusalOf(step: Step, { status, endsAt, open }: Standing, now: number): Refusal | null {
  const refusal = REFUSALS[step][status];
  if (refusal !== null) return refusal;
  if ((step === 'schedule' || step === 'start') && Date.parse(endsAt) <= now) return 'why.ended';
  if (step === 'delete' && open > 0) return 'why.settling';
  return null;
}

/** The one step that a mailing of this status most likely waits for; null: there is none. */
export function firstStep(status: MailingStatus): Step | null {
  return FIRST[status];
}

const FIRST: Record<MailingStatus, Step | null> = {
  DRAFT: 'start',
  SCHEDULED: 'start',
  RUNNING: 'pause',
  PAUSED: 'resume',
  COMPLETED: null,
  CANCELLED: null,
};
