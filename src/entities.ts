import { ApiToken } from './access/api-token.js';
import { AuditEvent } from './access/audit-event.js';
import { Session } from './access/session.js';
import { SignInLimit } from './access/sign-in-limit.js';
import { UserAccount } from './access/user-account.js';
import { ClientJob } from './bulk/client-job.js';
import { ClientJobRow } from './bulk/client-job-row.js';
import { Client } from './client/client.js';
import { ClientEvent } from './client/client-event.js';
import { Mailing } from './mailing/mailing.js';
import { MailingChange } from './mailing/mailing-change.js';
import { MailingEvent } from './mailing/mailing-event.js';
import { Message } from './message/message.js';
import { MessageAttempt } from './message/message-attempt.js';
import { MessageRange } from './message/message-range.js';
import { ProgramProcess } from './operations/program-process.js';
import { Idempotency } from './platform/idempotency.js';
import { OutsideEvent } from './platform/outside-event.js';
import { DailyReportLetter, DailyReportRow } from './report/daily-report-row.js';
import { MailingTally, MailingTallyCount } from './report/mailing-tally.js';
import { ReportLink } from './report/report-link.js';
import { ChannelCircuit } from './sending/channel-circuit.js';
import { ChannelLimit } from './sending/channel-limit.js';
import { ChannelOutage } from './sending/channel-outage.js';
import { DatabasePlace } from './sending/database-place.js';
import { SendingStop } from './sending/sending-stop.js';
import { OutsideDelivery } from './webhook/outside-delivery.js';
import { Webhook } from './webhook/webhook.js';

/** Every table with a class of its own; the migrations are checked against these. */
export const entities = [
  Client,
  ClientEvent,
  ClientJob,
  ClientJobRow,
  Mailing,
  MailingEvent,
  MailingChange,
  MailingTally,
  MailingTallyCount,
  ReportLink,
  DailyReportRow,
  DailyReportLetter,
  Message,
  MessageAttempt,
  MessageRange,
  SendingStop,
  DatabasePlace,
  ChannelLimit,
  ChannelCircuit,
  ChannelOutage,
  Idempotency,
  OutsideEvent,
  Webhook,
  OutsideDelivery,
  ProgramProcess,
  Session,
  UserAccount,
  SignInLimit,
  ApiToken,
  AuditEvent,
];
