/**
 * What an attempt says about the channel as a whole. So many faults in a row, with no message accepted in between, open
 * its circuit (sending/circuit.ts).
 *
 * - `none`: somebody is there who takes messages, whatever became of this one.
 * - `soft`: it may be this one message; many in a row are the channel.
 * - `definite`: it is no message's fault, and the next one would fare no better.
 */
export type Fault = 'none' | 'soft' | 'definite';

/** One row of the retry policy. */
export interface AnswerRule {
  /** What the channel saw. */
  answer: string;
  /** What it means for the message; channel.ts explains the words. */
  outcome: 'accepted' | 'rejected' | 'retry' | 'unknown';
  /** Counts against the mailing's `maxAttempts`. */
  charged: boolean;
  fault: Fault;
  /** Noted with the attempt; `{…}` is filled in. */
  reason: string;
  /** Why it means that. */
  why: string;
}

/**
 * The retry policy as data: the one place that says what is final, tried again, unknown, and a matter for the circuit.
 * docs/retry-policy.md shows these rows, and tests go through them.
 */
export const answerRules = {
  accepted: {
    answer: '2xx and a JSON object whose `code` is the number 0',
    outcome: 'accepted',
    charged: false,
    fault: 'none',
    reason: '',
    why: 'the only yes there is',
  },
  otherCode: {
    answer: '2xx with another number for `code`',
    outcome: 'retry',
    charged: true,
    fault: 'none',
    reason: 'the gateway said {status} with code {code}',
    why: 'a clear no, and nothing says that it is for good',
  },
  noCode: {
    answer: '2xx with no `code`, or one that is no number',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'the gateway said {status} without a code',
    why: 'SENT is never guessed, and neither is its contrary',
  },
  unreadable: {
    answer: '2xx with nothing, or with something that is no JSON',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'the gateway said {status} and {what}',
    why: 'SENT is never guessed, and neither is its contrary',
  },
  endless: {
    answer: 'an answer of more than 16 KB',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'the answer had no end',
    why: 'what it would have said at its end is not known',
  },
  redirect: {
    answer: '3xx',
    outcome: 'retry',
    charged: true,
    fault: 'soft',
    reason: 'the gateway points elsewhere ({status}); a redirect is never followed',
    why: 'following it would hand the token and the phone to whoever is named',
  },
  badRequest: {
    answer: '400',
    outcome: 'rejected',
    charged: true,
    fault: 'none',
    reason: 'the gateway refused it (400)',
    why: 'the same payload would be refused again',
  },
  token: {
    answer: '401, 403',
    outcome: 'retry',
    charged: false,
    fault: 'definite',
    reason: 'the gateway refuses our token ({status})',
    why: 'a person has to mend the token; until then no message may lose an attempt',
  },
  tooMany: {
    answer: '429',
    outcome: 'retry',
    charged: true,
    fault: 'soft',
    reason: 'the gateway is asked too often (429)',
    why: 'it names a time; where it takes nobody at all, asking for each message would only make it worse',
  },
  refused: {
    answer: 'any other 4xx',
    outcome: 'retry',
    charged: true,
    fault: 'none',
    reason: 'the gateway answered {status}',
    why: 'a complete no, and nothing says that it is for good',
  },
  badGateway: {
    answer: '502',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'a proxy lost the gateway (502)',
    why: 'the gateway behind the proxy may have taken it',
  },
  gatewayTimeout: {
    answer: '504',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'a proxy waited in vain for the gateway (504)',
    why: 'the gateway behind the proxy may have taken it',
  },
  serverError: {
    answer: 'any other 5xx',
    outcome: 'retry',
    charged: true,
    fault: 'soft',
    reason: 'the gateway answered {status}',
    why: 'a complete no; many in a row are an outage',
  },
  strange: {
    answer: 'any other status',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'the gateway answered {status}',
    why: 'no rule of HTTP says what it means',
  },
  noConnection: {
    answer: 'no connection: refused, no such name, nobody answers the door',
    outcome: 'retry',
    charged: false,
    fault: 'definite',
    reason: 'no connection to the gateway ({what})',
    why: 'not one byte has left',
  },
  broken: {
    answer: 'the connection breaks after the request has begun',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'the connection broke ({what})',
    why: 'the request may have arrived',
  },
  timeOut: {
    answer: 'no complete answer within the time-out',
    outcome: 'unknown',
    charged: true,
    fault: 'soft',
    reason: 'no answer in time',
    why: 'the request may have arrived',
  },
  leaseLost: {
    answer: 'the worker dies, or stands still until its lease is over',
    outcome: 'unknown',
    charged: false,
    fault: 'none',
    reason: 'the worker that had it never reported back',
    why: 'nobody can tell how far it came; that was not the gateway, so no attempt is counted',
  },
} as const satisfies Record<string, AnswerRule>;
export type AnswerRuleName = keyof typeof answerRules;
