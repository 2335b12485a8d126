/** What stands behind the # of a link that sets a password: `#<secret>.<e-mail>`. */
export function readLink(hash: string): { secret: string; email: string } {
  const [, secret = '', email = ''] = /^#([\w-]+)(?:\.(.*))?$/.exec(hash) ?? [];
  try {
    return { secret, email: decodeURIComponent(email) };
  } catch {
    return { secret, email: '' };
  }
}

/** Where somebody wanted to go before they were asked to sign in (`?next=`): a page of ours, or the start page. Whole, for `//…` is another host. */
export function nextAddress(href: string): string {
  const { origin, searchParams } = new URL(href);
  const wanted = searchParams.get('next') ?? '/';
  const next = URL.canParse(wanted, origin) ? new URL(wanted, origin) : null;
  return next?.origin === origin ? next.href : `${origin}/`;
}
