import type en from './en.json';

/** Everything that the audit log may say was done, sorted by what it was done to: the names of mutations, and a few of the server's own. */
export const ACTIONS = [
  'mailingCreate',
  'mailingUpdate',
  'mailingSchedule',
  'mailingStart',
  'mailingPause',
  'mailingResume',
  'mailingCancel',
  'mailingDelete',
  'mailingDuplicate',
  'mailingSendTest',
  'mailingRetryFailed',
  'mailingKeep',
  'mailingPrune',
  'messageRetry',
  'mailingReportLinkCreate',
  'mailingReportLinkRevoke',
  'dailyReportSend',
  'dailyReportSendToMe',
  'sendingStop',
  'sendingResume',
  'channelUpdate',
  'clientCreate',
  'clientUpdate',
  'clientDelete',
  'clientRestore',
  'clientErase',
  'clientsImport',
  'clientsTag',
  'clientsUntag',
  'clientsOptOut',
  'clientsDelete',
  'clientJobCancel',
  'tokenCreate',
  'tokenRevoke',
  'userInvite',
  'userCreate',
  'userUpdate',
  'userLink',
  'linkCreate',
  'invitationAccept',
  'passwordChange',
  'passwordForget',
  'passwordReset',
  'userSignIn',
  'userSignOut',
  'databaseBackup',
  'databaseRestore',
  'webhookRedeliver',
  'webhookTest',
  'webhookDelete',
  'webhookUpdate',
  'webhookCreate',
] as const satisfies readonly (keyof typeof en extends infer Key
  ? Key extends `action.${infer Name}`
    ? Name
    : never
  : never)[];
export type Action = (typeof ACTIONS)[number];

/** Whether there is a word for it; a newer server may do what this page does not know. */
export function isAction(name: string): name is Action {
  return (ACTIONS as readonly string[]).includes(name);
}
