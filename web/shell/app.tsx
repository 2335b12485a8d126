import './words.js';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Route as At, Router, Switch, useLocation } from 'wouter';
import { ViewerDocument } from '../generated/graphql.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { CrashGuard } from './crash-guard.js';
import { Frame } from './frame.js';
import { NotFound } from './not-found.js';
import { ROUTES } from './routes.js';
import { ViewerContext } from './viewer.js';

/** Everything behind the sign-in. Nothing is drawn before it is known who looks. */
export function App() {
  useTranslation('shell');
  const [path] = useLocation();
  const [{ data, error }, ask] = useQuery({ query: ViewerDocument });
  if (data === undefined) {
    return error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : null;
  }
  return (
    <ViewerContext.Provider value={data.viewer}>
      <Router>
        <Frame>
          <CrashGuard path={path}>
            <Suspense fallback={<PageSkeleton />}>
              <Switch>
                {ROUTES.map(({ path, page: Page }) => (
                  <At key={path} path={path}>
                    <Page />
                  </At>
                ))}
                <At>
                  <NotFound />
                </At>
              </Switch>
            </Suspense>
          </CrashGuard>
        </Frame>
      </Router>
    </ViewerContext.Provider>
  );
}
