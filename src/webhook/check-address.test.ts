import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../testing/receiver.js';
import { ADDRESS_REFUSED, isReachable } from './check-address.js';
import type { FindAddresses } from './find-addresses.js';
import { Poster } from './post-webhook.js';

/** Finds one list of addresses after the other, and counts how often it is asked. */
function names(...answers: string[][]) {
  let asked = 0;
  const find: FindAddresses = async () => {
    const addresses = answers[Math.min(asked, answers.length - 1)]!;
    asked += 1;
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { find, asked: () => asked };
}

const FORBIDDEN = [
  ['this machine', '127.0.0.1'],
  ['all of this machine', '127.255.255.254'],
  ['nobody', '0.0.0.0'],
  ['a private network', '10.1.2.3'],
  ['another private network', '172.16.0.1'],
  ['one more private network', '192.168.1.1'],
  ['what a cloud tells its machines', '169.254.169.254'],
  ['what another cloud tells its machines', '100.100.100.200'],
  ['what a third cloud tells its machines', '168.63.129.16'],
  ['a network behind a carrier', '100.64.0.1'],
  ['everybody', '255.255.255.255'],
  ['a group', '224.0.0.1'],
  ['what is set apart', '240.0.0.1'],
  ['examples', '192.0.2.1'],
  ['tests of speed', '198.18.0.1'],
  ['this machine, IPv6', '::1'],
  ['nobody, IPv6', '::'],
  ['a link', 'fe80::1'],
  ['a private network, IPv6', 'fd00::1'],
  ['what a cloud tells its machines, IPv6', 'fd00:ec2::254'],
  ['an old private network', 'fec0::1'],
  ['a group, IPv6', 'ff02::1'],
  ['this machine in the shape of IPv6', '::ffff:127.0.0.1'],
  ['anybody in the shape of IPv6', '::ffff:93.184.216.34'],
  ['an old shape', '::127.0.0.1'],
  ['IPv4 through a translator', '64:ff9b::7f00:1'],
  ['IPv4 through a tunnel', '2002:7f00:1::1'],
  ['IPv4 through another tunnel', '2001:0:7f00:1::1'],
  ['examples, IPv6', '2001:db8::1'],
  ['what is not given out', '4000::1'],
] as const;

it.each(FORBIDDEN)('a webhook leads nowhere to %s (%s), in digits or by name', async (_, address) => {
  expect(isReachable(address, false)).toBe(false);
  const host = address.includes(':') ? `[${address}]` : address;
  const refused = { status: null, reason: expect.stringContaining(ADDRESS_REFUSED) };
  expect(await new Poster().post(`http://${host}:9/`, {}, '{}')).toMatchObject(refused);
  const { find, asked } = names([address]);
  expect(await new Poster({ find }).post('https://hooks.example.org/', {}, '{}')).toMatchObject(refused);
  // One that may be led to beside it changes nothing.
  const both = names(['93.184.216.34', address]);
  expect(await new Poster({ find: both.find }).post('http://hooks.example.org/', {}, '{}')).toMatchObject(refused);
  expect(asked()).toBe(1);
});

it.each([
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://[::ffff:7f00:1]/',
  'http://localhost/',
])('nor does another way to write this machine lead there: %s', async (url) => {
  expect(await new Poster().post(url, {}, '{}')).toMatchObject({ reason: expect.stringContaining(ADDRESS_REFUSED) });
});

it.each(['93.184.216.34', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001::1'])('a webhook may lead to %s', (address) =>
  expect(isReachable(address, false)).toBe(true),
);

it('where things are tried out it may lead to this machine and private networks, and to nothing else that is closed', () => {
  const open = FORBIDDEN.filter(([, address]) => isReachable(address, true)).map(([, address]) => address);
  expect(open).toEqual([
    ...['127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '192.168.1.1', '::1', 'fd00::1'],
  ]);
});

it('a name that leads elsewhere from one moment to the next leads nowhere: it is asked for once, and the connection is made to what was checked', async () => {
  const inside = await startReceiver(undefined, { host: '127.0.0.2' });
  onTestFinished(() => inside.close());
  const { port } = new URL(inside.url);
  const outside = await startReceiver(undefined, { host: '127.0.0.1', port: Number(port) });
  onTestFinished(() => outside.close());
  const { find, asked } = names(['127.0.0.1'], ['127.0.0.2']);
  // 127.0.0.1 stands for an address outside here, and 127.0.0.2 for one inside.
  const poster = new Poster({ find, passes: (address) => address === '127.0.0.1' });
  expect(await poster.post(`http://rebound.example.org:${port}/`, {}, '{}')).toMatchObject({ status: 204 });
  expect(asked()).toBe(1);
  expect(await poster.post(`http://rebound.example.org:${port}/`, {}, '{}')).toMatchObject({
    reason: expect.stringContaining(ADDRESS_REFUSED),
  });
  expect([outside.received.length, inside.received.length]).toEqual([1, 0]);
});

it('an address in digits that no webhook may lead to gets no connection', async () => {
  const inside = await startReceiver();
  onTestFinished(() => inside.close());
  expect(await new Poster().post(inside.url, {}, '{}')).toMatchObject({ status: null });
  expect(inside.received).toEqual([]);
});

it('a redirect is an answer like others: nobody goes where it points', async () => {
  const inside = await startReceiver();
  onTestFinished(() => inside.close());
  for (const status of [301, 302, 303, 307, 308]) {
    const receiver = await startReceiver((_, response) => response.writeHead(status, { location: inside.url }).end());
    onTestFinished(() => receiver.close());
    const poster = new Poster({ allowPrivate: true });
    expect(await poster.post(receiver.url, {}, '{}')).toMatchObject({ status, reason: null });
  }
  expect(inside.received).toEqual([]);
});

it('an answer without end is read for a kilobyte, and one that never comes for as long as a try may take', async () => {
  const endless = await startReceiver((_, response) => {
    response.writeHead(200);
    const more = () => response.writable && response.write('x'.repeat(65_536), more);
    more();
  });
  const silent = await startReceiver(() => {});
  onTestFinished(async () => {
    await endless.close();
    await silent.close();
  });
  expect(await new Poster({ allowPrivate: true }).post(endless.url, {}, '{}')).toEqual({
    status: 200,
    body: 'x'.repeat(1_024),
    reason: null,
  });
  expect(await new Poster({ allowPrivate: true, timeoutMs: 300 }).post(silent.url, {}, '{}')).toMatchObject({
    status: null,
    reason: expect.stringContaining('ETIMEDOUT'),
  });
});
