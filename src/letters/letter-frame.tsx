import { Body, Container, Head, Html, Preview, Section, Text } from '@react-email/components';
import type { ReactNode } from 'react';
import { COLOURS, DARK_STYLES, HEADER, ink } from './colours.js';

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif';

/** React Email gives the body's colour to a table in it as well, which gets no class. */
const DARK_GROUND = `body,body>table>tbody>tr>td{background-color:${COLOURS.page[1]}!important}`;

/** What every letter looks like from outside. No image, and nothing that is fetched from anywhere. */
export function LetterFrame({ title, summary, footer, children }: LetterFrameProps) {
  return (
    <Html lang="en">
      <Head>
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{`:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${DARK_GROUND}${DARK_STYLES}}`}</style>
      </Head>
      <Preview>{summary}</Preview>
      <Body className="b-page" style={{ margin: 0, backgroundColor: COLOURS.page[0], fontFamily: FONT }}>
        <Container style={{ maxWidth: '640px', margin: '0 auto', padding: '16px 8px' }}>
          <Section style={{ backgroundColor: HEADER, borderRadius: '8px 8px 0 0', padding: '12px 20px' }}>
            <Text style={{ margin: 0, color: '#ffffff', fontSize: '17px', fontWeight: 650 }}>Heliograph</Text>
          </Section>
          <Section className="b-card l-line" style={CARD}>
            {children}
          </Section>
          <Text className={ink('dim').className} style={{ ...ink('dim').style, fontSize: '12px', padding: '0 20px' }}>
            {footer}
          </Text>
        </Container>
      </Body>
    </Html>
  );
}

/** What goes into the frame. */
export interface LetterFrameProps {
  title: string;
  /** One sentence that lists of letters show beside the subject. */
  summary: string;
  /** Why somebody gets it. */
  footer: string;
  children: ReactNode;
}

const CARD = {
  padding: '20px',
  backgroundColor: COLOURS.card[0],
  border: `1px solid ${COLOURS.line[0]}`,
  borderTop: 'none',
  borderRadius: '0 0 8px 8px',
} as const;
