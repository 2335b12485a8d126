import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime, TimeZone } from '../graphql/scalars.js';
import { UserError } from '../graphql/user-error.js';
import type { Forecast, ZoneForecast } from './forecast.js';

export enum ForecastLimit {
  WINDOW = 'WINDOW',
  RATE = 'RATE',
}

registerEnumType(ForecastLimit, {
  name: 'ForecastLimit',
  description: 'Why some will not be sent before the end.',
  valuesConfig: {
    WINDOW: { description: 'The hours allowed do not come before the end where they live, or are almost over.' },
    RATE: { description: 'At this rate there is not time enough for all.' },
  },
});

const COUNTS = {
  sent: 'How many can be sent in time, if the gateway accepts each at once.',
  expired: 'How many cannot be sent before the end.',
  failed: 'How many fail because the database does not know their time zone.',
  undecided:
    'How many still wait after the last window that was looked at; the forecast of a mailing that takes months stops there.',
  first: 'When the first is sent; null: none is.',
  last: 'When the last is sent; null: none is.',
} as const;

@ObjectType({ description: 'What will become of the clients of one time zone.' })
export class TimeZoneForecast {
  @Field(() => TimeZone, { description: 'Which one.' })
  timeZone!: string;

  @Field(() => Int, { description: 'How many clients it is of there; the four counts add up to it.' })
  count!: number;

  @Field(() => Int, { description: COUNTS.sent })
  sentCount!: number;

  @Field(() => Int, { description: COUNTS.expired })
  expiredCount!: number;

  @Field(() => Int, { description: COUNTS.failed })
  failedCount!: number;

  @Field(() => Int, { description: COUNTS.undecided })
  undecidedCount!: number;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'The first moment at or after the start at which they may be reached, be it after the end; null: there is none in the 16 days after the start.',
  })
  opensAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: COUNTS.first })
  firstSendAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: COUNTS.last })
  lastSendAt!: Date | null;
}

@ObjectType({ description: 'What will become of a mailing, as far as clocks and limits tell.' })
export class MailingForecast {
  @Field(() => Int, {
    description:
      'How many clients the filter matches now, or are left of a mailing under way, counted one by one; the four counts add up to it.',
  })
  audienceCount: number;

  @Field(() => Int, { description: COUNTS.sent })
  sentCount: number;

  @Field(() => Int, { description: COUNTS.expired })
  expiredCount: number;

  @Field(() => Int, { description: COUNTS.failed })
  failedCount: number;

  @Field(() => Int, { description: COUNTS.undecided })
  undecidedCount: number;

  @Field(() => DateTime, { nullable: true, description: COUNTS.first })
  firstSendAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: COUNTS.last })
  lastSendAt: Date | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Messages a second that were reckoned with: the least of the limits of mailing, channel and settings. Null: there is none, and everybody who is due is taken to be sent at once.',
  })
  rateLimit: number | null;

  @Field(() => ForecastLimit, {
    nullable: true,
    description: 'Why some will not be sent before the end; null: all will.',
  })
  limitedBy: `${ForecastLimit}` | null;

  @Field(() => [TimeZoneForecast], { description: 'The same by time zone, the largest first.' })
  timeZones: TimeZoneForecast[];

  constructor({ rateLimit, limitedBy, zones }: Forecast) {
    const sum = (count: (zone: ZoneForecast) => number) => zones.reduce((all, zone) => all + count(zone), 0);
    const moments = (of: (zone: ZoneForecast) => number | null) => zones.map(of).filter((moment) => moment !== null);
    const [first, last] = [moments((zone) => zone.firstSendAt), moments((zone) => zone.lastSendAt)];
    this.audienceCount = sum(({ count }) => count);
    this.sentCount = sum(({ sentCount }) => sentCount);
    this.expiredCount = sum(({ expiredCount }) => expiredCount);
    this.failedCount = sum(({ failedCount }) => failedCount);
    this.undecidedCount = sum(({ undecidedCount }) => undecidedCount);
    this.firstSendAt = first.length === 0 ? null : new Date(Math.min(...first));
    this.lastSendAt = last.length === 0 ? null : new Date(Math.max(...last));
    this.rateLimit = rateLimit;
    this.limitedBy = limitedBy;
    this.timeZones = zones.map(({ opensAt, firstSendAt, lastSendAt, ...counts }) => ({
      ...counts,
      opensAt: dateOf(opensAt),
      firstSendAt: dateOf(firstSendAt),
      lastSendAt: dateOf(lastSendAt),
    }));
  }
}

@ObjectType({ description: 'A forecast, or why there is none.' })
export class MailingForecastPayload {
  @Field(() => MailingForecast, { nullable: true, description: 'Null when there are user errors.' })
  forecast!: MailingForecast | null;

  @Field(() => [UserError], { description: 'Empty: there is a forecast.' })
  userErrors!: UserError[];

  @Field(() => [UserError], {
    description: 'What is probably a slip: values of the filter that no client has, a filter that matches nobody.',
  })
  warnings!: UserError[];
}

function dateOf(moment: number | null): Date | null {
  return moment === null ? null : new Date(moment);
}
