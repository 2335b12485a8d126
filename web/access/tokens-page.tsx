import { Page } from '../ui/page.js';

/** Still to be built. */
export default function TokensPage() {
  return <Page title="Tokens">{null}</Page>;
}
