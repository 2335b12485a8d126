import { Column, Heading, Hr, Link, Row, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import { COLOURS, type Colour, ink } from '../letters/colours.js';
import { LetterFrame } from '../letters/letter-frame.js';
import type { StatusCounts } from '../mailing/status-counts.js';
import type { DailyReportMailing } from './daily-report.js';
import {
  allFailures,
  count,
  countsInWords,
  dayInWords,
  earlierInWords,
  gapInWords,
  type LetterParts,
  reasonInWords,
  STATUSES,
  shareInWords,
  waitingInWords,
  windowInWords,
} from './daily-report-words.js';

/** The report as people see it who read HTML. */
export function DailyReportLetter({ report, earlier, publicUrl }: LetterParts) {
  const { mailings, otherMailings, timeZone } = report;
  const failures = allFailures(report).slice(0, 10);
  const notes = [gapInWords(report), earlier && earlierInWords(earlier)].filter((note) => note !== null);
  return (
    <LetterFrame title={dayInWords(report.id)} summary={countsInWords(report.messages)} footer={FOOTER}>
      <Heading as="h1" className="t-text" style={{ ...ink('text').style, margin: 0, fontSize: '22px' }}>
        {dayInWords(report.id)}
      </Heading>
      <Line colour="dim" small>
        {`A day of ${timeZone}, counted ${new Date(report.asOf).toISOString().slice(0, 16).replace('T', ' ')} UTC`}
      </Line>
      <Figures counts={report.messages} />
      <Bar counts={report.messages} />
      <Line>{shareInWords(report)}</Line>
      {notes.map((note) => (
        <Line key={note} colour="expired">
          {note}
        </Line>
      ))}
      {failures.length > 0 ? <Title>Why messages failed</Title> : null}
      {failures.map((each) => (
        <Reason key={each.words} {...each} />
      ))}
      <Title>Mailings</Title>
      {mailings.length === 0 ? <Line colour="dim">No mailing had anything to do.</Line> : null}
      {mailings.map((mailing) => (
        <Mailing key={mailing.id} {...{ mailing, timeZone, publicUrl }} />
      ))}
      {otherMailings > 0 ? (
        <Line colour="dim">{`${count(otherMailings)} more mailings are in the figures above.`}</Line>
      ) : null}
      {publicUrl === null ? null : (
        <Text style={{ margin: '20px 0 0' }}>
          <Away to={`${publicUrl}/reports?day=${report.id}`}>Open this day in the dashboard</Away>
        </Text>
      )}
    </LetterFrame>
  );
}

const FOOTER = 'You get this once a day because your address is in the settings of Heliograph (REPORT_RECIPIENTS).';

function Mailing(props: { mailing: DailyReportMailing; timeZone: string; publicUrl: string | null }) {
  const { mailing, timeZone, publicUrl } = props;
  const { id, name, status, messages, overall, isUnfinished, failures, otherFailures } = mailing;
  return (
    <Section>
      <Hr className="l-line" style={{ borderColor: COLOURS.line[0], margin: '14px 0 10px' }} />
      <Text className="t-text" style={{ ...ink('text').style, ...TIGHT, fontSize: '16px', fontWeight: 650 }}>
        {publicUrl === null ? name : <Away to={`${publicUrl}/mailings/${id}`}>{name}</Away>}
        <span {...ink('dim')}>{` ${status.toLowerCase()}`}</span>
      </Text>
      <Line colour="dim" small>
        {windowInWords(mailing, timeZone)}
      </Line>
      <Line>{`That day: ${countsInWords(messages)}.`}</Line>
      <Bar counts={messages} />
      <Line colour="dim" small>
        {`In all: ${countsInWords(overall)}.`}
      </Line>
      {isUnfinished
        ? waitingInWords(mailing, timeZone).map((words) => (
            <Line key={words} colour="expired">
              {`Not over: ${words}`}
            </Line>
          ))
        : null}
      {failures.map((each) => (
        <Reason key={`${each.status} ${reasonInWords(each)}`} words={reasonInWords(each)} count={each.count} />
      ))}
      {otherFailures > 0 ? <Reason words="for other reasons" count={otherFailures} /> : null}
    </Section>
  );
}

/** Every figure with its word: colours say nothing alone. */
function Figures({ counts }: { counts: StatusCounts }) {
  return (
    <Section style={{ margin: '12px 0 4px' }}>
      {[STATUSES.slice(0, 3), STATUSES.slice(3)].map((some) => (
        <Row key={some[0]![0]}>
          {some.map(([key, word]) => (
            <Column key={key} style={{ width: '33%', verticalAlign: 'top', padding: '4px 0' }}>
              <Text {...figureInk(key)}>{count(counts[key])}</Text>
              <Line colour="dim" small>
                {word}
              </Line>
            </Column>
          ))}
        </Row>
      ))}
    </Section>
  );
}

/** The colour of what is open is one of a surface: as text it would be too pale. */
function figureInk(status: (typeof STATUSES)[number][0]) {
  const { className, style } = ink(status === 'open' ? 'text' : status);
  return { className, style: { ...style, ...TIGHT, fontSize: '24px', lineHeight: '30px', fontWeight: 650 } };
}

/** A bar of table cells: no image. What it shows is written beside it. */
function Bar({ counts }: { counts: StatusCounts }) {
  if (counts.total === 0) return null;
  const shown = STATUSES.filter(([key]) => counts[key] > 0);
  return (
    <Section className="b-track" style={{ backgroundColor: COLOURS.track[0], margin: '4px 0' }} aria-hidden="true">
      <Row>
        {shown.map(([key]) => (
          <Column
            key={key}
            className={`b-${key}`}
            style={{
              width: `${Math.max(0.5, (counts[key] / counts.total) * 100).toFixed(2)}%`,
              height: '8px',
              fontSize: '1px',
              lineHeight: '8px',
              backgroundColor: COLOURS[key][0],
            }}
          >
            {'\u00a0'}
          </Column>
        ))}
      </Row>
    </Section>
  );
}

function Reason({ words, count: times }: { words: string; count: number }) {
  return (
    <Row style={{ margin: '2px 0' }}>
      <Column className="t-failed" style={{ ...ink('failed').style, ...CELL, width: '84px', textAlign: 'right' }}>
        {count(times)}
      </Column>
      <Column
        className="t-text"
        style={{ ...ink('text').style, ...CELL, paddingLeft: '10px', wordBreak: 'break-word' }}
      >
        {words}
      </Column>
    </Row>
  );
}

function Title({ children }: { children: string }) {
  return (
    <Heading as="h2" className="t-text" style={{ ...ink('text').style, margin: '22px 0 6px', fontSize: '17px' }}>
      {children}
    </Heading>
  );
}

function Line({ colour = 'text', small = false, children }: { colour?: Colour; small?: boolean; children: string }) {
  const { className, style } = ink(colour);
  return (
    <Text className={className} style={{ ...style, ...TIGHT, fontSize: small ? '13px' : '15px' }}>
      {children}
    </Text>
  );
}

function Away({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link href={to} className="t-link" style={{ ...ink('link').style, textDecoration: 'underline' }}>
      {children}
    </Link>
  );
}

const TIGHT = { margin: '2px 0', lineHeight: '21px' } as const;
const CELL = { fontSize: '14px', lineHeight: '20px', verticalAlign: 'top' } as const;
