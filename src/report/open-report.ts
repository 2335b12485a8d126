import type { EntityManager } from '@mikro-orm/postgresql';
import { maskPhonesIn } from '../access/mask-phone.js';
import { hashSecret, looksLikeSecret } from '../access/secret.js';
import type { SignInLimits } from '../access/sign-in-limits.js';
import { AppError } from '../errors.js';
import type { MailingStatus } from '../mailing/mailing.js';
import { findMailing } from '../mailing/mailings.js';
import type { ProgressReader } from '../mailing/progress-reader.js';
import type { StatusCounts } from '../mailing/status-counts.js';

/** What a link shows of a mailing: how it goes, and nothing of the people it goes to, of its text or of who made it. */
export interface MailingReport extends StatusCounts {
  name: string;
  status: MailingStatus;
  startsAt: Date;
  endsAt: Date;
  launchedAt: Date | null;
  finishedAt: Date | null;
  /** Messages a second that got a final status, over the last ten seconds. */
  ratePerSecond: number;
  eta: Date | null;
  /** When the counts were read. */
  asOf: Date;
  /** Until when the link holds. */
  linkExpiresAt: Date;
}

/** What reading a report works with. */
export interface ReportParts {
  em: EntityManager;
  progress: Pick<ProgressReader, 'of'>;
  limits: Pick<SignInLimits, 'charge' | 'giveBack'>;
}

/**
 * The report that a link leads to. A try is charged before it is made, and given back when the link holds: a screen that
 * shows a report asks for it again and again.
 *
 * @param address where the request came from
 * @throws AppError NOT_FOUND, the same for a link that never was, is over, or whose mailing was deleted
 * @throws TooManyTries when links were tried in vain from there too often
 */
export async function openReport(
  { em, progress, limits }: ReportParts,
  secret: string,
  address: string,
): Promise<MailingReport> {
  await limits.charge('report', address);
  const link = looksLikeSecret(secret) ? await takeLink(em, hashSecret(secret)) : undefined;
  if (link === undefined) {
    throw new AppError(
      'NOT_FOUND',
      'This link is over, or there never was one. Ask whoever gave it to you for another.',
    );
  }
  await limits.giveBack('report', address);
  const mailing = await findMailing(em, link.mailingId);
  const { name, startsAt, endsAt, launchedAt, finishedAt } = mailing;
  const { total, open, sent, failed, expired, cancelled, unknown, ...now } = await progress.of(mailing);
  return {
    ...{ name: maskPhonesIn(name), status: now.status, startsAt, endsAt, launchedAt, finishedAt },
    ...{ total, open, sent, failed, expired, cancelled, unknown },
    ...{ ratePerSecond: now.ratePerSecond, eta: now.eta, asOf: now.readAt, linkExpiresAt: new Date(link.expiresAt) },
  };
}

/** Notes the use once a minute at the most: a screen asks every few seconds. */
async function takeLink(em: EntityManager, hash: string): Promise<{ mailingId: string; expiresAt: Date } | undefined> {
  const [link] = await em.execute<{ id: string; mailingId: string; expiresAt: Date; isStale: boolean }[]>(
    `select l.id, l.mailing_id as "mailingId", l.expires_at as "expiresAt",
       coalesce(l.last_used_at < clock_timestamp() - interval '1 minute', true) as "isStale"
     from report_link l join mailing m on m.id = l.mailing_id
     where l.secret_hash = ? and l.revoked_at is null and l.expires_at > clock_timestamp() and m.deleted_at is null`,
    [hash],
  );
  if (link?.isStale)
    await em.execute('update report_link set last_used_at = clock_timestamp() where id = ?', [link.id]);
  return link;
}
