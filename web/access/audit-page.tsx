import { Page } from '../ui/page.js';

/** Still to be built. */
export default function AuditPage() {
  return <Page title="Audit">{null}</Page>;
}
