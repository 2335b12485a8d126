import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import type { ChannelName } from '../channel/channel.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import type { EditParts } from '../mailing/lifecycle-parts.js';
import type { ProgressReader } from '../mailing/progress-reader.js';
import type { TemplateCache } from '../mailing/template.js';
import type { Downloads } from './downloads.js';

/** Where the API begins; one that breaks what people rely on gets another number. */
export const REST_PATH = '/api/v1';

/** What the routes work with: the same as the resolvers. */
export interface RestParts extends EditParts {
  /** For files that come and go: no statement of its connections has a time limit. */
  files: pg.Pool;
  downloads: Downloads;
  /** How large a file may be that is imported, bytes. */
  importMaxBytes: number;
  /** Forked for each request. */
  em: EntityManager;
  timeZones: TimeZones;
  progress: ProgressReader;
  templates: TemplateCache;
  /** The channel of a mailing that names none. */
  defaultChannel: ChannelName;
  /** What the settings allow a channel, messages a second; null: anything. */
  settingsLimit: (channel: string) => number | null;
}

/** Who asks. Only guarded routes know (transport/guard-routes.ts). */
export function actorOf({ identity }: Pick<FastifyRequest, 'identity'>): Actor {
  if (identity === null) throw new Error('a route that needs to know who asks is open to everyone');
  return identity.actor;
}

/** A 64-bit integer, as a string: JavaScript would round those above 2^53. */
export const id = z.string().regex(/^[1-9]\d{0,18}$/);

/** The parameter of each address that names one thing. What cannot be an id names nothing, so any text is taken. */
export const byId = z.object({ id: z.string().meta({ pattern: '^[1-9][0-9]{0,18}$' }) });

/** For documents: which zones there are, the database knows, and the functions that take the input ask it. */
export const anyZone: TimeZoneList = { find: (name) => name };
