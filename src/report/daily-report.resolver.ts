import { Arg, Args, Ctx, Field, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import type { SignInLimits } from '../access/sign-in-limits.js';
import { findUser } from '../access/users.js';
import { AppError } from '../errors.js';
import { connectionType, type KeyPart, PageArgs, readKeyset } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import { DateTime, LocalTime, TimeZone } from '../graphql/scalars.js';
import { answer, UserError } from '../graphql/user-error.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { DailyReport } from './daily-report.js';
import { countReports, DailyReportSummary, lettersOf, listReports } from './daily-report-history.js';
import { DailyReports, NO_MAIL } from './daily-reports.js';
import { readDue, reportDay } from './report-days.js';
import { type ReportSources, reportParts } from './report-parts.js';

const DailyReportConnection = connectionType('DailyReportSummary', DailyReportSummary);

/** A date as eight digits, in cursors. */
const DAY_PART: KeyPart = { min: 19_700_101n, max: 99_991_231n };
const asDigits = (day: string) => day.replaceAll('-', '');

/** When reports are sent, and whether they can be. */
@ObjectType({ description: 'When daily reports are sent, by the settings.', simpleResolvers: true })
export class DailyReportPlan {
  @Field(() => LocalTime, { description: 'At this time of day…' })
  at!: string;

  @Field(() => TimeZone, { description: '…of this zone, whose days they are about.' })
  timeZone!: string;

  @Field(() => Int, { description: 'To how many addresses; 0: none is sent.' })
  recipientCount!: number;

  @Field(() => Boolean, { description: 'A mail server is set up.' })
  canMail!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When the next is sent; null: none is.' })
  nextAt!: Date | null;
}

@ObjectType({ description: 'What became of having a report sent.', simpleResolvers: true })
export class DailyReportPayload {
  @Field(() => DailyReport, { nullable: true, description: 'Which report; null when there are user errors.' })
  dailyReport!: DailyReport | null;

  @Field(() => Int, { nullable: true, description: 'How many letters are sent; null when there are user errors.' })
  letterCount!: number | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** What the resolver works with. */
export interface DailyReportOptions extends ReportSources {
  scheduler: Pick<Scheduler, 'ring'>;
  limits: Pick<SignInLimits, 'charge'>;
}

/** The daily report: any day's, those that were sent, and sending one again. */
@Resolver()
export class DailyReportResolver {
  readonly #parts;
  readonly #reports;

  constructor(private readonly options: DailyReportOptions) {
    this.#parts = reportParts(options);
    this.#reports = new DailyReports(this.#parts);
  }

  @Allow('mailings:read')
  @Query(() => DailyReport, {
    nullable: true,
    description: 'The report of a day: as it was sent, or, where it was not, as it would be now.',
  })
  async dailyReport(
    @Arg('date', () => String, {
      description: 'Which day, in the zone of the settings: `2026-11-21`; today at the latest.',
    })
    date: string,
    @Ctx() { em }: RequestContext,
  ): Promise<DailyReport> {
    return await this.#find(em, date);
  }

  @Allow('mailings:read')
  @Query(() => DailyReportConnection, { description: 'The daily reports that were sent, the newest first.' })
  async dailyReports(@Args(() => PageArgs) page: PageArgs, @Ctx() { em }: RequestContext) {
    const list = 'dailyReport';
    const keyset = readKeyset(page, list, [DAY_PART]);
    const rows = await listReports(em, keyset);
    const count = () => countReports(em);
    return new DailyReportConnection({ keyset, rows, list, keyOf: ({ id }) => [asDigits(id)], count });
  }

  @Allow('mailings:read')
  @Query(() => DailyReportPlan, { description: 'When daily reports are sent, by the settings.' })
  async dailyReportPlan(): Promise<DailyReportPlan> {
    const { pool, settings, mail } = this.#parts;
    const { recipients, at, timeZone } = settings();
    const canMail = mail !== null;
    const nextAt = canMail && recipients.length > 0 ? (await readDue(pool, settings())).next : null;
    return Object.assign(new DailyReportPlan(), { at, timeZone, recipientCount: recipients.length, canMail, nextAt });
  }

  @Allow('mailings:read')
  @Mutation(() => DailyReportPayload, {
    description: 'Sends you the report of a day, to the e-mail of your account, now. Changes nothing for anybody else.',
  })
  async dailyReportSendToMe(
    @Arg('date', () => String, { description: 'Which day: `2026-11-21`.' }) date: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<DailyReportPayload> {
    return await this.#answer(async () => {
      const { mail } = this.#parts;
      if (mail === null) throw new AppError('CONFLICT', NO_MAIL);
      if (actor.userId === null) throw new AppError('CONFLICT', 'You are signed in without an account of your own.');
      const dailyReport = await this.#find(em, date);
      const { email } = await findUser(em, actor.userId);
      await this.options.limits.charge('ownReport', email);
      const { subject, html, text } = dailyReport;
      await mail.mailer.send({ to: email, subject, html, text, isAutomatic: true });
      return { dailyReport, letterCount: 1 };
    });
  }

  @Allow('access:admin')
  @Mutation(() => DailyReportPayload, {
    description:
      'Has the report of a day sent to the recipients in the settings. Where it was sent before, only to those whom it did not reach for sure: an IN_DOUBT letter may then arrive twice, with one Message-ID.',
  })
  async dailyReportSend(
    @Arg('date', () => String, { description: 'Which day, that is over: `2026-11-21`.' }) date: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<DailyReportPayload> {
    return await this.#answer(async () => {
      const letterCount = await this.#reports.haveSent(parseInput(reportDay, date, ['date']), actor.name);
      if (letterCount > 0) await this.options.scheduler.ring('report.daily', {});
      return { dailyReport: await this.#find(em, date), letterCount };
    });
  }

  async #answer(work: () => Promise<Omit<DailyReportPayload, 'userErrors'>>): Promise<DailyReportPayload> {
    const { result, userErrors } = await answer(work);
    const nothing = { dailyReport: null, letterCount: null };
    return Object.assign(new DailyReportPayload(), { ...nothing, ...result, userErrors });
  }

  async #find(em: RequestContext['em'], given: string): Promise<DailyReport> {
    const date = parseInput(reportDay, given, ['date']);
    const { content, ...shown } = await this.#reports.show(date);
    const letters = shown.bookedAt === null ? [] : await lettersOf(em, [date]);
    return Object.assign(new DailyReport(), content, shown, { letters });
  }
}
