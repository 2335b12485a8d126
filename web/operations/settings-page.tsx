import { Page } from '../ui/page.js';

/** Still to be built. */
export default function SettingsPage() {
  return <Page title="Settings">{null}</Page>;
}
