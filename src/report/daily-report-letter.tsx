import { Column, Heading, Hr, Link, Row, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import { COLOURS, type Colour, ink } from '../letters/colours.js';
import { LetterFrame } from '../letters/letter-frame.js';
import type { StatusCounts } from '../mailing/status-counts.js';
import { type MailingOutline, outlineOf, type ReasonOutline } from './daily-report-outline.js';
import { count, countsInWords, dayInWords, type LetterParts, STATUSES, shareInWords } from './daily-report-words.js';

/** The report as people see it who read HTML. */
export function DailyReportLetter(parts: LetterParts) {
  const { report } = parts;
  const { notes, reasons, mailings, rest, address } = outlineOf(parts);
  return (
    <LetterFrame title={dayInWords(report.id)} summary={countsInWords(report.messages)} footer={FOOTER}>
      <Heading as="h1" className="t-text" style={{ ...ink('text').style, margin: 0, fontSize: '22px' }}>
        {dayInWords(report.id)}
      </Heading>
      <Line colour="dim" small>
        {`A day of ${report.timeZone}, counted ${new Date(report.asOf).toISOString().slice(0, 16).replace('T', ' ')} UTC`}
      </Line>
      <Figures counts={report.messages} />
      <Bar counts={report.messages} />
      <Line>{shareInWords(report)}</Line>
      {notes.map((note) => (
        <Line key={note} colour="expired">
          {note}
        </Line>
      ))}
      {reasons.length > 0 ? <Title>Why messages failed</Title> : null}
      <Reasons reasons={reasons} />
      <Title>Mailings</Title>
      {mailings.map((mailing) => (
        <Mailing key={mailing.id} {...mailing} />
      ))}
      {rest === null ? null : <Line colour="dim">{rest}</Line>}
      {address === null ? null : (
        <Text style={{ margin: '20px 0 0' }}>
          <Away to={address}>Open this day in the dashboard</Away>
        </Text>
      )}
    </LetterFrame>
  );
}

const FOOTER = 'You get this once a day because your address is in the settings of Heliograph (REPORT_RECIPIENTS).';

function Mailing({ name, status, window, messages, thatDay, inAll, notOver, reasons, address }: MailingOutline) {
  return (
    <Section>
      <Hr className="l-line" style={{ borderColor: COLOURS.line[0], margin: '14px 0 10px' }} />
      <Text className="t-text" style={{ ...ink('text').style, ...TIGHT, fontSize: '16px', fontWeight: 650 }}>
        {address === null ? name : <Away to={address}>{name}</Away>}
        <span {...ink('dim')}>{` ${status}`}</span>
      </Text>
      <Line colour="dim" small>
        {window}
      </Line>
      <Line>{thatDay}</Line>
      <Bar counts={messages} />
      <Line colour="dim" small>
        {inAll}
      </Line>
      {notOver.map((words) => (
        <Line key={words} colour="expired">
          {words}
        </Line>
      ))}
      <Reasons reasons={reasons} />
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

function Reasons({ reasons }: { reasons: ReasonOutline[] }) {
  return reasons.map(({ words, count: times }) => (
    <Row key={`${times} ${words}`} style={{ margin: '2px 0' }}>
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
  ));
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
