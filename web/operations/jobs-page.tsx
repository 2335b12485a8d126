import { Page } from '../ui/page.js';

/** Still to be built. */
export default function JobsPage() {
  return <Page title="Jobs">{null}</Page>;
}
