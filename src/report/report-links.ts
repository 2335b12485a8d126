import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { By } from '../access/actor.js';
import { hashSecret, newSecret } from '../access/secret.js';
import { AppError } from '../errors.js';
import { moment } from '../graphql/moments.js';
import { notFound, parseId, parseInput } from '../graphql/parse-input.js';
import type { Mailing } from '../mailing/mailing.js';
import { findMailing } from '../mailing/mailings.js';
import { textArray } from '../platform/sql-arrays.js';
import { ReportLink } from './report-link.js';

/** How long a link holds when nobody says otherwise, and at the most, days. */
export const LINK_DAYS = 30;
export const MOST_LINK_DAYS = 366;
/** Links of one mailing that may hold at the same time. */
export const LIVING_LINKS = 20;
/** Links of one mailing that are listed, the newest. */
export const LISTED_LINKS = 50;

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

const given = z.strictObject({
  expiresAt: moment
    .refine((at) => at > new Date(), 'must be in the future')
    .refine((at) => at <= inDays(MOST_LINK_DAYS), `must be within ${MOST_LINK_DAYS} days`)
    .nullish(),
});

/** A link's row with the mailing it leads to. */
export interface LinkedReport {
  reportLink: ReportLink;
  mailing: Mailing;
}

/**
 * Makes a link. Its secret is in the answer and nowhere else.
 *
 * @param base the address people reach the server under, without a slash at the end
 * @throws AppError NOT_FOUND on `id`; BAD_USER_INPUT on `expiresAt`; CONFLICT when as many hold already as may
 */
export async function createReportLink(
  em: EntityManager,
  base: string,
  asked: { id: string; expiresAt: unknown },
  by: By,
): Promise<LinkedReport & { link: string }> {
  const { expiresAt } = parseInput(given, { expiresAt: asked.expiresAt });
  const mailing = await findMailing(em, asked.id);
  if ((await countLiving(em, mailing.id)) >= LIVING_LINKS) {
    throw new AppError('CONFLICT', `This mailing has ${LIVING_LINKS} links that hold. Revoke one of them first.`);
  }
  const secret = newSecret();
  const reportLink = Object.assign(new ReportLink(), {
    mailingId: mailing.id,
    secretHash: hashSecret(secret),
    expiresAt: expiresAt ?? inDays(LINK_DAYS),
    revokedAt: null,
    lastUsedAt: null,
    createdBy: by.name,
  });
  await em.persist(reportLink).flush();
  // Behind the #, which browsers send to nobody: no log of a proxy has it.
  return { reportLink, mailing, link: `${base}/report#${secret}` };
}

/** Two that are made at the same moment may be one more than the limit, which hurts nobody. */
async function countLiving(em: EntityManager, mailingId: string): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from report_link
     where mailing_id = ? and revoked_at is null and expires_at > clock_timestamp()`,
    [mailingId],
  );
  return row?.count ?? 0;
}

/**
 * Ends a link for good; one that was revoked before keeps its date.
 *
 * @throws AppError NOT_FOUND on `linkId`, also where its mailing was deleted
 */
export async function revokeReportLink(em: EntityManager, linkId: string): Promise<LinkedReport> {
  const id = parseId(linkId, 'link', 'linkId');
  const [row] = await em.execute<{ id: string }[]>(
    `update report_link l set revoked_at = coalesce(l.revoked_at, clock_timestamp())
     from mailing m where l.id = ? and m.id = l.mailing_id and m.deleted_at is null returning l.id`,
    [id],
  );
  if (row === undefined) throw notFound('link', 'linkId');
  const reportLink = await em.findOneOrFail(ReportLink, { id }, { disableIdentityMap: true });
  return { reportLink, mailing: await findMailing(em, reportLink.mailingId) };
}

/** The newest links of each mailing, those that are over as well: one statement for all. */
export async function listReportLinks(em: EntityManager, mailingIds: readonly string[]): Promise<ReportLink[][]> {
  const rows = await em.execute<{ id: string }[]>(
    `select l.id from unnest(?::bigint[]) as w (mailing_id) cross join lateral (
       select id from report_link where mailing_id = w.mailing_id order by id desc limit ${LISTED_LINKS}
     ) l`,
    [textArray(mailingIds)],
  );
  const ids = rows.map(({ id }) => id);
  const links = await em.find(ReportLink, { id: ids }, { orderBy: { id: 'desc' }, disableIdentityMap: true });
  const byMailing = Map.groupBy(links, ({ mailingId }) => mailingId);
  return mailingIds.map((id) => byMailing.get(id) ?? []);
}
