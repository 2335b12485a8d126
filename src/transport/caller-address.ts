import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Names that stand for private networks, as Fastify's `trustProxy` knows them. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Finds out where a request came from, given what came over its connection. */
export type CallerAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string | null;

/**
 * `request.ip` of Fastify, for requests that it never sees: upgrades to a WebSocket. The last address that is none of these
 * proxies, or the first that was named.
 */
export function callerAddress(proxies: readonly string[]): CallerAddress {
  const trusted = new BlockList();
  for (const network of proxies.flatMap((name) => NETWORKS[name] ?? name)) {
    const [ip = '', bits] = network.split('/');
    const family = familyOf(ip);
    trusted.addSubnet(ip, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, familyOf(address));
  return ({ headers, socket }) => {
    let address = socket.remoteAddress;
    const named = String(headers['x-forwarded-for'] ?? '').split(',');
    for (const next of named.map((each) => each.trim()).reverse()) {
      if (next === '' || address === undefined || !isTrusted(withoutZone(address))) continue;
      address = next;
    }
    return address ?? null;
  };
}

const familyOf = (ip: string) => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');
/** `fe80::1%eth0` says by which of this machine's lines it came. */
const withoutZone = (ip: string) => ip.replace(/%.*$/, '');
