import { type LookupAddress, promises as system } from 'node:dns';

/** Finds the addresses of a name. */
export type FindAddresses = (name: string) => Promise<readonly LookupAddress[]>;

/** How long a name server has for each of two tries, ms. */
const ANSWER_MS = 2_000;
/** Nobody there has the name. The machine's own files may, or those of its container. */
const NOT_THERE = ['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'];

/**
 * Finds the addresses of a name by asking the name servers ourselves. A lookup of the system (getaddrinfo) holds one of four threads
 * for as long as nobody answers, and files, passwords and the addresses of database and gateway need those too: four names that
 * nobody answers for would hold up everything. So the system is asked only for what the name servers said they don't have, and for
 * `localhost`, which is none of theirs (RFC 6761, §6.3).
 *
 * @param servers `127.0.0.1:53`; left out: those of the machine's settings as they are now
 * @throws Error with a `code` of node:dns: nobody has the name, or nobody answered
 */
export async function findAddresses(name: string, servers?: readonly string[]): Promise<LookupAddress[]> {
  if (name === 'localhost') return await system.lookup(name, { all: true });
  const resolver = new system.Resolver({ timeout: ANSWER_MS, maxTimeout: ANSWER_MS, tries: 2 });
  if (servers) resolver.setServers(servers);
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = [...addressesOf(four, 4), ...addressesOf(six, 6)];
  if (found.length > 0) return found;
  const silence = [four, six].find((asked) => asked.status === 'rejected' && !NOT_THERE.includes(asked.reason.code));
  if (silence?.status === 'rejected') throw silence.reason;
  return await system.lookup(name, { all: true });
}

function addressesOf(asked: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return asked.status === 'rejected' ? [] : asked.value.map((address) => ({ address, family }));
}
