import { Fragment, type ReactNode, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useQuery } from 'urql';
import { More } from './more.js';
import { PageSkeleton } from './page-skeleton.js';
import { Trouble } from './trouble.js';

interface PageVariables {
  after?: string | null | undefined;
}

/** A page of a list, as every list of the API gives it. */
interface Connection<Node> {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  edges: { node: Node }[];
}

export interface PagedProps<Data, Variables extends PageVariables, Node extends { id: string }> {
  query: TypedDocumentNode<Data, Variables>;
  /** All variables but `after`. */
  choice: Omit<Variables, 'after'>;
  read: (data: Data) => Connection<Node>;
  children: (node: Node) => ReactNode;
  /** Makes an entry of a list, or a row of a table, of what is no entry itself. */
  wrap: (content: ReactNode) => ReactNode;
  /** In front of the first entry, be there one or none. */
  first?: (totalCount: number, fetching: boolean) => ReactNode;
  /** Where this part begins; null: with the first. */
  after?: string | null;
}

/**
 * The entries of a list, and what comes behind them once one scrolls there. Each part knows from the one before it where it
 * begins, also when that one changes, so that nothing is missing in between. With another choice it begins at the top, and
 * shows what it had until that is there.
 */
export function Paged<Data, Variables extends PageVariables, Node extends { id: string }>(
  props: PagedProps<Data, Variables, Node>,
) {
  const { query, choice, read, children, wrap, first, after = null } = props;
  const key = JSON.stringify(choice);
  const [moreOf, setMoreOf] = useState<string | null>(null);
  const [{ data, error, fetching }, ask] = useQuery<Data, AnyVariables>({
    // urql can't tell by itself that these are the document's variables, as they come in two pieces.
    query: query as TypedDocumentNode<Data, never> as TypedDocumentNode<Data, AnyVariables>,
    variables: { ...choice, after },
    requestPolicy: 'cache-and-network',
  });
  if (error || data === undefined) {
    return wrap(
      error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : <PageSkeleton />,
    );
  }
  const { edges, pageInfo, totalCount } = read(data);
  const end = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  return (
    <>
      {after === null ? first?.(totalCount, fetching) : null}
      {edges.map(({ node }) => (
        <Fragment key={node.id}>{children(node)}</Fragment>
      ))}
      {end && moreOf === key ? <Paged {...props} after={end} /> : null}
      {end && moreOf !== key && !fetching ? wrap(<More onWanted={() => setMoreOf(key)} />) : null}
    </>
  );
}
