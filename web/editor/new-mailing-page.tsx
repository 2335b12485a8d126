import { Page } from '../ui/page.js';

/** Still to be built. */
export default function NewMailingPage() {
  return <Page title="New mailing">{null}</Page>;
}
