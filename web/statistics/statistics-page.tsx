import { Page } from '../ui/page.js';

/** Still to be built. */
export default function StatisticsPage() {
  return <Page title="Statistics">{null}</Page>;
}
