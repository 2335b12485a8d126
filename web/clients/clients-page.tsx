import { Page } from '../ui/page.js';

/** Still to be built. */
export default function ClientsPage() {
  return <Page title="Clients">{null}</Page>;
}
