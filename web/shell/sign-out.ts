import { goToSignIn } from '../api/ask.js';

/** Ends the session of this browser. */
export async function signOut(): Promise<void> {
  await fetch('/sign-out', { method: 'POST' });
  goToSignIn();
}
