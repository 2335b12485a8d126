/** GraphiQL's tabs as they are when somebody opens it for the first time. A tab is titled by its operation's name. */
export interface ReadyTab {
  query: string;
}

/** The tag that "Make a client" gives and "Make a mailing" goes by, so that trying things out reaches nobody else. */
const TRIAL_TAG = 'first-steps';
const DAY = 86_400_000;

/** Finds the mailing to watch. */
export const NEWEST_MAILING = 'query NewestMailing { mailings(first: 1) { edges { node { id } } } }';

/**
 * @param now instant from which the mailing may go out; it ends a week later
 * @param mailingId the mailing to watch: the newest one there is
 */
export function readyTabs(now: Date, mailingId: string): ReadyTab[] {
  return [makeAClient(), makeAMailing(now), watchIt(mailingId), watchMessages(mailingId), statistics()].map(
    (query) => ({
      query,
    }),
  );
}

const makeAClient = () => `# A client is a person to reach.
# Put your own values in, then press Ctrl-Enter.
# What is wrong with them comes back in userErrors.
mutation MakeAClient {
  clientCreate(
    input: {
      phone: "79990000001"
      timeZone: "Europe/Moscow"
      tags: ["${TRIAL_TAG}"]
      attributes: { name: "Anna" }
    }
  ) {
    client {
      id
      phone
      operatorCode
      tags
      timeZone
      localTime
    }
    userErrors {
      field
      message
      code
    }
  }
}
`;

const makeAMailing = (now: Date) => `# Goes to every client that matches the filter:
# here, those tagged "${TRIAL_TAG}", and nobody else.
# It starts by itself at startsAt. Nobody gets it outside
# allowedFrom–allowedTo by the clock where they live.
# warnings name what is probably a slip in the filter.
mutation MakeAMailing {
  mailingCreate(
    input: {
      name: "First steps"
      text: "Hello, {{ name }}!"
      filter: { tagsAny: ["${TRIAL_TAG}"] }
      startsAt: "${now.toISOString()}"
      endsAt: "${new Date(now.getTime() + 7 * DAY).toISOString()}"
      allowedFrom: "09:00"
      allowedTo: "21:00"
    }
  ) {
    mailing {
      id
      name
      status
      startsAt
      endsAt
    }
    warnings {
      field
      message
    }
    userErrors {
      field
      message
      code
    }
  }
}
`;

const watchIt = (mailingId: string) => `# Stays open: how the mailing stands now, then every
# change, at most four times a second. Its id is what
# "Make a mailing" answered, or one from "Statistics".
subscription WatchIt {
  mailingProgress(mailingId: "${mailingId}") {
    status
    total
    open
    enqueued
    delayed
    sending
    sent
    failed
    expired
    cancelled
    unknown
    ratePerSecond
    eta
    version
  }
}
`;

const watchMessages = (mailingId: string) => `# Which messages changed, and to what; many in one event.
# Add statuses: [FAILED, UNKNOWN] for those in trouble only,
# and after: "0" to see everything from the first on.
subscription WatchMessages {
  messageStatusChanged(mailingId: "${mailingId}") {
    version
    snapshot
    changes {
      messageId
      status
      at
    }
  }
}
`;

const statistics = () => `# How many messages are in which status.
query Statistics {
  statistics {
    mailingCount
    launchedCount
    messages {
      total
      open
      sent
      failed
      expired
      cancelled
      unknown
    }
    mailings(first: 10) {
      edges {
        node {
          mailing {
            id
            name
            status
          }
          shouldGo
          went
        }
      }
    }
  }
}
`;
