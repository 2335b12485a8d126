import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createChannels } from './channels.js';
import { ConsoleChannel } from './console.js';

const delivery = { mailingId: '7', messageId: '10042', phone: '79161234567', text: 'Hello,\n  Anna!' };

describe('the console channel', () => {
  it('CLASSIC row 12: prints one line a message: mailing, message, masked phone, text', async () => {
    const out = new PassThrough();
    expect(await new ConsoleChannel(out, 1_000).send(delivery)).toEqual({ kind: 'accepted', gatewayCode: null });
    expect(String(out.read())).toBe('mailing 7  message 10042  to 7916*****67  Hello, Anna!\n');
  });

  it('needs no gateway', async () => {
    const gateway = { url: null, token: null, timeoutMs: 1_000, concurrency: 1 };
    const channels = createChannels({ gateway, output: new PassThrough() });
    expect(Object.keys(channels)).toEqual(['console']);
  });
});
