import { Page } from '../ui/page.js';

/** Still to be built. */
export default function ImportPage() {
  return <Page title="Import">{null}</Page>;
}
