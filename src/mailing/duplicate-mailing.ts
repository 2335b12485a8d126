import type { By } from '../access/actor.js';
import { LAST_MOMENT } from '../graphql/moments.js';
import type { KeyedCall } from '../platform/idempotency.js';
import { fieldsOf, makeMailing } from './edit-mailing.js';
import type { EditParts } from './lifecycle-parts.js';
import { MAX_NAME } from './mailing.inputs.js';
import { type Mailing, MailingStatus } from './mailing.js';
import { findMailing } from './mailings.js';

const SUFFIX = ' (copy)';

/**
 * Makes a draft with everything a person decided about another mailing, whatever has become of that one. The copy lasts as
 * long as the original; it starts when that does, or now where that moment has passed.
 *
 * @param name null: that of the original, with "(copy)" behind it
 * @throws AppError NOT_FOUND; CONFLICT on `idempotencyKey`; BAD_USER_INPUT when the original would be refused today
 */
export async function duplicateMailing(
  parts: EditParts,
  id: string,
  name: string | null,
  by: By,
  call: KeyedCall | null,
): Promise<Mailing> {
  return await makeMailing(parts, by, call, async (tx, now) => {
    const original = await findMailing(tx, id);
    const fields = { ...fieldsOf(original), name: name ?? nameOfCopy(original.name), ...datesOfCopy(original, now) };
    return { fields, status: MailingStatus.DRAFT, details: { copyOf: original.id } };
  });
}

function datesOfCopy({ startsAt, endsAt }: Mailing, now: Date): { startsAt: Date; endsAt: Date } {
  if (startsAt >= now) return { startsAt, endsAt };
  const duration = endsAt.getTime() - startsAt.getTime();
  return { startsAt: now, endsAt: new Date(Math.min(now.getTime() + duration, LAST_MOMENT.getTime())) };
}

/** As long as a name may be, and no emoji cut in two. */
function nameOfCopy(name: string): string {
  const room = MAX_NAME - SUFFIX.length;
  const kept =
    name.length <= room
      ? name
      : name
          .slice(0, room)
          .replace(/[\ud800-\udbff]$/, '')
          .trimEnd();
  return `${kept}${SUFFIX}`;
}
