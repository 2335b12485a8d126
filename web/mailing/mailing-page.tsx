import { Page } from '../ui/page.js';

/** Still to be built. */
export default function MailingPage() {
  return <Page title="Mailing">{null}</Page>;
}
