import { Page } from '../ui/page.js';

/** Still to be built. */
export default function HealthPage() {
  return <Page title="Health">{null}</Page>;
}
