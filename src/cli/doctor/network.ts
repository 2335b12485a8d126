import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../../config.js';
import { type Finding, fail, ok, warn } from './check.js';

/** How long a server may take to take a connection, ms. */
const WITHIN_MS = 5_000;
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'smtp:': 25, 'smtps:': 465 };

/** Whether the gateway takes a connection. Nothing is sent over it: no request, and no message to anybody. */
export async function checkGateway({ gateway, channel, demo, role }: Config): Promise<Finding> {
  if (gateway.url === null) {
    if (role === 'api') return ok('gateway', 'ROLE=api sends nothing.');
    const says =
      channel === 'console'
        ? 'Messages are printed, and go to nobody.'
        : 'Messages go to the simulator, and to nobody.';
    return demo || channel === 'console'
      ? ok('gateway', says)
      : warn('gateway', 'No gateway is set.', 'Set GATEWAY_URL.');
  }
  return await reach(
    'gateway',
    gateway.url,
    'Check GATEWAY_URL, and whether this machine may reach that one (firewall, proxy, DNS).',
  );
}

/** Whether the mail server takes a connection. */
export async function checkMail({ mail }: Pick<Config, 'mail'>): Promise<Finding> {
  if (mail === null) return ok('mail', 'No mail server is set (SMTP_URL): links are handed over by people.');
  return await reach('mail', mail.url, 'Check SMTP_URL, and whether this machine may reach that one.');
}

/** Connects, with TLS where the address says so, and hangs up. */
async function reach(name: string, address: string, advice: string): Promise<Finding> {
  const { protocol, hostname, port } = new URL(address);
  const isTls = protocol === 'https:' || protocol === 'smtps:';
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || PORTS[protocol] || 443 };
  const shown = `${at.host}:${at.port}`;
  const began = performance.now();
  const socket = isTls ? connectTls({ ...at, servername: at.host }) : connectTcp(at);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(isTls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
      socket.setTimeout(WITHIN_MS, () => reject(new Error(`no answer within ${WITHIN_MS / 1_000} s`)));
    });
    return ok(
      name,
      `${shown} takes connections${isTls ? ' over TLS' : ''} (${Math.round(performance.now() - began)} ms).`,
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isCertificate = /CERT|SELF_SIGNED|ALTNAME/.test(code ?? '');
    const why = isCertificate ? `its certificate is not trusted (${code})` : code || message;
    return fail(
      name,
      `${shown} can't be reached: ${why}.`,
      isCertificate ? 'Trust its issuer by NODE_EXTRA_CA_CERTS, or mend its certificate.' : advice,
    );
  } finally {
    socket.destroy();
  }
}
