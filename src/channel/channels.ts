import type { Writable } from 'node:stream';
import type { Channel, ChannelName } from './channel.js';
import { ConsoleChannel } from './console.js';
import { HttpGateway } from './http-gateway.js';

/** What the channels are made from. */
export interface ChannelSettings {
  gateway: { url: string | null; token: string | null; timeoutMs: number; concurrency: number };
  /** Where the console channel prints. */
  output: Writable;
}

/** The channels this process can send by. One without settings is missing: its mailings are left to other workers. */
export function createChannels(settings: ChannelSettings): Partial<Record<ChannelName, Channel>> {
  const { url, ...gateway } = settings.gateway;
  return {
    ...(url === null ? {} : { gateway: new HttpGateway({ url, ...gateway }) }),
    console: new ConsoleChannel(settings.output, gateway.timeoutMs),
  };
}
