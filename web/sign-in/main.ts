import '../theme/theme.css';
import './sign-in.css';
import { ask, SignedOut } from '../api/ask.js';
import { followStoredScheme } from '../theme/stored-scheme.js';
import { MAKE_ACCOUNT, PASSWORD_CHANGE, WHO_AM_I } from './documents.js';
import { nextAddress, readLink } from './links.js';
import { say, sayOfServer, translatePage } from './words.js';

/** What is wrong, and with which field. */
class Refused extends Error {
  constructor(
    message: string,
    readonly field?: string | null,
  ) {
    super(message);
  }
}

const element = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const found = document.querySelector<T>(selector);
  if (found === null) throw new Error(`sign-in.html has no ${selector}`);
  return found;
};

/** The other forms go, so that no password manager takes one of theirs for the one that is wanted. */
function show(section: string, title: string): void {
  const shown = element(`#${section}`);
  for (const other of document.querySelectorAll('section')) if (other !== shown) other.remove();
  shown.hidden = false;
  shown.dataset['shown'] = '';
  document.title = `${say(title)} · Heliograph`;
}

function tell(id: 'trouble' | 'done', text: string): void {
  const other = element(id === 'done' ? '#trouble' : '#done');
  other.hidden = true;
  const place = element(`#${id}`);
  place.textContent = text;
  place.hidden = false;
}

/** @throws {Refused} with the sentence of the server */
async function post(path: string, body: object): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Refused(say('The server does not answer. Is it still running?'));
  });
  if (response.ok) return;
  const answer = await response.json().catch(() => null);
  const [error] = answer?.errors ?? [];
  const unsaid = say('The server answered with HTTP {status}.', { status: String(response.status) });
  throw new Refused(error?.message ? say(error.message) : unsaid, error?.extensions?.field);
}

/** Does `work` with what is in a form, and shows what went wrong beside it. */
function onSubmit(section: string, work: (given: Record<string, string>) => Promise<void>): void {
  const form = element<HTMLFormElement>(`#${section} form`);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = element<HTMLButtonElement>(`#${section} button`);
    button.disabled = true;
    for (const input of form.querySelectorAll('input')) input.removeAttribute('aria-invalid');
    try {
      await work(Object.fromEntries(new FormData(form)) as Record<string, string>);
    } catch (error) {
      tell('trouble', await sayOfServer(error instanceof Error ? error.message : String(error)));
      const input = error instanceof Refused && error.field ? form.elements.namedItem(error.field) : null;
      if (input instanceof HTMLInputElement) {
        input.setAttribute('aria-invalid', 'true');
        input.focus();
      }
    } finally {
      button.disabled = false;
    }
  });
}

async function showSignIn(): Promise<void> {
  show('sign-in', 'Sign in');
  onSubmit('sign-in', async (given) => {
    await post('/sign-in', given);
    location.assign(nextAddress(location.href));
  });
  element('#oidc').hidden = !(await ways()).oidc;
}

async function showForgotPassword(): Promise<void> {
  show('forgot-password', 'Forgot your password?');
  onSubmit('forgot-password', async ({ email }) => {
    await post('/forgot-password', { email });
    const sent = 'If {email} has an account here, a letter with a link is on its way. The link works for an hour.';
    tell('done', say(sent, { email: email ?? '' }));
  });
  const { mail } = await ways();
  element('#no-mail').hidden = mail;
  element('#forgot-form').hidden = !mail;
}

async function showResetPassword(): Promise<void> {
  show('reset-password', 'Set your password');
  const { secret, email } = readLink(location.hash);
  element<HTMLInputElement>('#reset-email').value = email;
  onSubmit('reset-password', async ({ password }) => {
    await post('/reset-password', { link: secret, password });
    location.assign('/');
  });
}

interface Problems {
  userErrors: { message: string; field: string | null }[];
}

function checked<T extends Problems>(payload: T): T {
  const [problem] = payload.userErrors;
  if (problem) throw new Refused(say(problem.message), problem.field);
  return payload;
}

async function showAccount(): Promise<void> {
  const { viewer } = await ask<{ viewer: { name: string } }>(WHO_AM_I);
  const email = /^user:(.+)/.exec(viewer.name)?.[1];
  if (email !== undefined) {
    show('change-password', 'Change your password');
    element<HTMLInputElement>('#change-email').value = email;
    onSubmit('change-password', async (given) => {
      checked((await ask<{ passwordChange: Problems }>(PASSWORD_CHANGE, given)).passwordChange);
      location.assign('/sign-in');
    });
    return;
  }
  show('make-account', 'Make your account');
  onSubmit('make-account', async (given) => {
    const input = { ...given, role: 'ADMIN' };
    const { userInvite } = await ask<{ userInvite: Problems & { link: string | null } }>(MAKE_ACCOUNT, { input });
    const { link } = checked(userInvite);
    if (link === null) {
      return tell('done', say('A letter with a link is on its way to {email}.', { email: given['email'] ?? '' }));
    }
    const { pathname, hash } = new URL(link);
    location.assign(pathname + hash);
  });
}

/** What there is beside a password. While the server does not answer: nothing. */
async function ways(): Promise<{ mail: boolean; oidc: boolean }> {
  return await fetch('/sign-in/ways')
    .then((response) => response.json())
    .catch(() => ({ mail: false, oidc: false }));
}

const pages: Record<string, () => Promise<void>> = {
  '/forgot-password': showForgotPassword,
  '/reset-password': showResetPassword,
  '/account': showAccount,
};

followStoredScheme();
translatePage();
(pages[location.pathname.replace(/\/$/, '')] ?? showSignIn)().catch((error: unknown) => {
  if (error instanceof SignedOut) location.replace(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  else tell('trouble', say(error instanceof Error ? error.message : String(error)));
});
