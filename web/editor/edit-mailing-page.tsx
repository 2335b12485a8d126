import { Page } from '../ui/page.js';

/** Still to be built. */
export default function EditMailingPage() {
  return <Page title="Edit">{null}</Page>;
}
