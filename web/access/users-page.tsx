import { Page } from '../ui/page.js';

/** Still to be built. */
export default function UsersPage() {
  return <Page title="Users">{null}</Page>;
}
