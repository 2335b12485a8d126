import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';

/** Code of the error with which a connection to a refused address ends; not one byte has left. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/**
 * No sending service lives there, but what a machine tells only itself: the credentials that clouds give to their machines
 * (169.254.169.254, fd00:ec2::254, 100.100.100.200), and addresses that mean nobody or everybody. Private networks and this
 * machine itself are allowed: a gateway often stands beside us, and its address is in the settings of whoever runs us.
 */
const refused = new BlockList();
refused.addSubnet('0.0.0.0', 8);
refused.addSubnet('169.254.0.0', 16);
refused.addAddress('100.100.100.200');
refused.addSubnet('224.0.0.0', 3);
refused.addAddress('::', 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');

/** @param address as a connection is made to it: digits, an IPv4 one in the shape of an IPv6 one too */
export function isRefused(address: string): boolean {
  return refused.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Makes connections, but to no refused address: looked at when the connection is made, as what a name stood for when the
 * settings were read says nothing of what it stands for now.
 *
 * @param timeout for making one, ms
 * @param resolve finds the addresses of a name
 */
export function guardedConnector(timeout: number, resolve: LookupFunction = lookup): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: guardLookup(resolve) });
  return (options, callback) => {
    // An address in digits is never looked up.
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && isRefused(host)) return callback(refusal(host), null);
    connect(options, callback);
  };
}

function guardLookup(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    resolve(hostname, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
      if (error === null && addresses.some(isRefused)) return callback(refusal(hostname), found, family);
      callback(error, found, family);
    });
}

function refusal(host: string): Error {
  return Object.assign(new Error(`${host} is no address of a sending service`), { code: ADDRESS_REFUSED });
}
