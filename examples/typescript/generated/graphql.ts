/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Who a mailing goes to: all conditions hold together, an empty list is no condition. */
export type AudienceFilterInput = {
  /** Operator codes, any of them. */
  operatorCodes?: Array<string> | null | undefined;
  /** Tags, all of them. */
  tagsAll?: Array<string> | null | undefined;
  /** Tags, at least one of them. */
  tagsAny?: Array<string> | null | undefined;
  /** IANA time zones, any of them. */
  timeZones?: Array<string> | null | undefined;
};

/** A way to send. */
export type Channel =
  /** The server's own log: for trying things out. */
  | 'CONSOLE'
  /** The HTTP gateway of the settings. */
  | 'GATEWAY';

/** A campaign. An update changes only the fields that are given. */
export type MailingInput = {
  /** From this time of each client's own clock (inclusive); comes with `allowedTo`. Null: at any time. */
  allowedFrom?: string | null | undefined;
  /** To this time of each client's own clock (exclusive); earlier than `allowedFrom`: over midnight. */
  allowedTo?: string | null | undefined;
  /** The way it is sent; left out on creation: the server's own default. */
  channel?: Channel | null | undefined;
  /** Needed for a new mailing. Nothing is under way at or after this moment. */
  endsAt?: string | null | undefined;
  /** Who gets it; left out or null: everybody. */
  filter?: AudienceFilterInput | null | undefined;
  /** Attempts that count before a message is FAILED; null: until the end. */
  maxAttempts?: number | null | undefined;
  /** Needed for a new mailing. */
  name?: string | null | undefined;
  /** Messages a second at the most, over all workers: 1 to 1000000. Null: only the channel's own limit. */
  rateLimit?: number | null | undefined;
  /** On update: the revision the change was made on; CONFLICT when there is a newer one. */
  revision?: number | null | undefined;
  /** Goes out from then on; left out on creation: now. */
  startsAt?: string | null | undefined;
  /** Needed for a new mailing. Liquid over the client, up to 10000 characters: `Hello, {{ name | default: 'friend' }}!` */
  text?: string | null | undefined;
  /** Left out on creation: RETRY. */
  unknownOutcome?: UnknownOutcome | null | undefined;
  /** Days on which the window opens: 1 (Monday) to 7; null: every day. */
  weekdays?: Array<number> | null | undefined;
};

/** Where a mailing stands. */
export type MailingStatus =
  /** Stopped for good by a person. */
  | 'CANCELLED'
  /** Every message has its final status. */
  | 'COMPLETED'
  /** Being written; starts only when somebody schedules or starts it. */
  | 'DRAFT'
  /** Nothing new is sent until it is resumed; its end still counts. */
  | 'PAUSED'
  /** Goes out now, each message when its client may be reached. */
  | 'RUNNING'
  /** Starts by itself at `startsAt`. */
  | 'SCHEDULED';

/** What to do when it is not known whether an attempt reached the gateway. */
export type UnknownOutcome =
  /** Rather lose one than send one twice: the message becomes UNKNOWN. */
  | 'NEVER_AGAIN'
  /** Send it again under the same id: a gateway that knows its ids makes that exactly once. */
  | 'RETRY';

/** What kind of user error it is. */
export type UserErrorCode =
  /** A field has a value it cannot have. */
  | 'BAD_USER_INPUT'
  /** It does not fit what is there: a status, a revision, something that exists already. */
  | 'CONFLICT'
  /** Warning: the filter matches nobody. */
  | 'EMPTY_AUDIENCE'
  /** There is nothing by this id, or no longer. */
  | 'NOT_FOUND'
  /** Warning: no client has this operator code, tag or time zone. */
  | 'UNUSED_VALUE';

export type MakeMailingMutationVariables = Exact<{
  input: MailingInput;
  key: string;
}>;


export type MakeMailingMutation = { mailingCreate: { audienceCount: number | null, mailing: { id: string, status: MailingStatus } | null, userErrors: Array<{ field: string | null, message: string, code: UserErrorCode }> } };

export type WatchMailingSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchMailingSubscription = { mailingProgress: { status: MailingStatus, total: number, sent: number, open: number } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const MakeMailingDocument = new TypedDocumentString(`
    mutation MakeMailing($input: MailingInput!, $key: String!) {
  mailingCreate(input: $input, idempotencyKey: $key) {
    mailing {
      id
      status
    }
    audienceCount
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MakeMailingMutation, MakeMailingMutationVariables>;
export const WatchMailingDocument = new TypedDocumentString(`
    subscription WatchMailing($id: ID!) {
  mailingProgress(mailingId: $id) {
    status
    total
    sent
    open
  }
}
    `) as unknown as TypedDocumentString<WatchMailingSubscription, WatchMailingSubscriptionVariables>;