import { Page } from '../ui/page.js';

/** Still to be built. */
export default function ClientPage() {
  return <Page title="Client">{null}</Page>;
}
