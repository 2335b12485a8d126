import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql.css';
import { createLocalStorage } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { GRAPHQL_PATH, liveAddress } from '../api/addresses.js';
import { ask, SignedOut } from '../api/ask.js';
import { followStoredScheme, storedScheme } from '../theme/stored-scheme.js';
import { createFetcher } from './fetcher.js';
import { NEWEST_MAILING, readyTabs } from './tabs.js';

const fetcher = createFetcher(GRAPHQL_PATH, liveAddress());
// A name of our own: the tabs of another GraphiQL that once ran on the same port must not turn up here.
const storage = createLocalStorage({ namespace: 'heliograph' });

/** What the page has to know before it can be drawn. */
interface Start {
  signedIn: boolean;
  /** The newest mailing's id, or 1 where there is none yet. */
  mailingId: string;
}

async function findStart(): Promise<Start> {
  try {
    const { mailings } = await ask<{ mailings: { edges: { node: { id: string } }[] } }>(NEWEST_MAILING);
    return { signedIn: true, mailingId: mailings.edges[0]?.node.id ?? '1' };
  } catch (error) {
    return { signedIn: !(error instanceof SignedOut), mailingId: '1' };
  }
}

function Page({ signedIn, mailingId }: Start) {
  return (
    <>
      {signedIn ? null : (
        <p className="signed-out" role="alert">
          You are not signed in, so the API answers nothing yet. <a href="/sign-in?next=/graphiql">Sign in</a>
        </p>
      )}
      <GraphiQL
        fetcher={fetcher}
        storage={storage}
        forcedTheme={storedScheme() ?? 'system'}
        defaultTabs={readyTabs(new Date(), mailingId)}
      >
        <GraphiQL.Logo>
          <a className="home" href="/">
            Heliograph
          </a>
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

followStoredScheme();
const root = document.getElementById('root');
if (root === null) throw new Error('graphiql.html has no #root');
createRoot(root).render(<Page {...(await findStart())} />);
