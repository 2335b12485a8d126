/** What the banner tells. */
export interface BannerFacts {
  /** Address of the server, without a slash at the end. */
  url: string;
  /** Opens a session once. */
  adminLink: string;
  demo: boolean;
  /** All sending is stopped: since when, by whom and why, in one sentence; null: it is not. */
  stopped: string | null;
  /** Whether the text goes to a terminal that shows colours. */
  colour: boolean;
}

/** The few lines a person sees when the program is ready. */
export function banner(facts: BannerFacts): string {
  const bold = (text: string) => (facts.colour ? `\x1b[1m${text}\x1b[22m` : text);
  const dim = (text: string) => (facts.colour ? `\x1b[2m${text}\x1b[22m` : text);
  const mode = facts.demo ? 'demo: messages go to the simulator on this machine, to nobody else' : 'ready';
  return [
    '',
    `  ${bold('Heliograph')}  ${dim(mode)}`,
    '',
    `  Dashboard   ${facts.url}/`,
    `  GraphiQL    ${facts.url}/graphiql`,
    `  API docs    ${facts.url}/guide   REST: ${facts.url}/docs`,
    '',
    `  Sign in     ${facts.adminLink}`,
    `              ${dim('once, within an hour, by you alone; another one: npm run cli -- link')}`,
    ...(facts.stopped === null ? [] : ['', `  ${bold(facts.stopped)}`, `  ${dim('To go on: npm run cli -- resume')}`]),
    '',
    `  ${dim('Ctrl-C stops it.')}`,
    '',
    '',
  ].join('\n');
}
