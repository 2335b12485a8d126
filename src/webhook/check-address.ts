import { isIP, type LookupFunction } from 'node:net';
import ip from 'ipaddr.js';
import type { FindAddresses } from './find-addresses.js';

/** Code of the error with which a connection to a refused address ends; not one byte has left. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/** Kinds of addresses, by ipaddr.js, that WEBHOOK_ALLOW_PRIVATE opens. What clouds tell their machines is none, wherever it lies. */
const PRIVATE = ['loopback', 'private', 'uniqueLocal'];
/** What clouds tell their machines, where its kind does not show: of Amazon, and of Azure, which took a public address for it. */
const CLOUDS = ['fd00:ec2::254', '168.63.129.16'];

/**
 * Whether a webhook may lead there. What is asked is what an address is, not what it is not: only those that are given out for use
 * on the internet pass, so nothing that a new standard sets apart slips through. An IPv4 address in the shape of an IPv6 one, or
 * carried inside of one (6to4, Teredo, NAT64), is refused whatever it is.
 *
 * @param address in digits, as a connection is made to it
 */
export function isReachable(address: string, allowPrivate: boolean): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ip.parse(address);
  const range = parsed.range();
  if (CLOUDS.includes(parsed.toString())) return false;
  if (allowPrivate && PRIVATE.includes(range)) return true;
  // Of IPv6 no other network than this one is given out (RFC 4291, §2.4).
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(ip.parseCIDR('2000::/3')));
}

/** The host of an address as a connection is made to it: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * Finds the addresses of a name for one connection, which is then made to just these: between the check and the connection the name
 * is not asked for again, so it can't lead elsewhere by then. A name of which one address is refused is refused whole.
 *
 * @param passes which addresses a connection may be made to
 * @param find asks for the addresses of a name, once a connection
 */
export function guardedLookup(passes: (address: string) => boolean, find: FindAddresses): LookupFunction {
  return (hostname, options, callback) => {
    find(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => passes(address))) {
          callback(refusal(hostname), []);
        } else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
}

/** Why no connection is made. */
export function refusal(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} is no address that a webhook may lead to`), { code: ADDRESS_REFUSED });
}
