import type { Finding } from './check.js';

/**
 * A line for each check, and one for the whole: `2  SENT messages 10,000, each accepted by the gateway: holds`.
 *
 * @param ledger whether the gateway's ledger was part of it
 */
export function reportFindings(findings: readonly Finding[], ledger: boolean): string {
  const broken = findings.filter((finding) => finding.broken > 0);
  const summary =
    broken.length > 0
      ? `BROKEN: ${broken.length} of ${findings.length} checks.`
      : `All ${findings.length} checks hold${ledger ? '' : ' (the database alone; --ledger holds it against the gateway too)'}.`;
  return `${[...findings.map(reportLine), summary].join('\n')}\n`;
}

function reportLine({ invariant, subject, must, counted, broken, examples }: Finding): string {
  const begin = `${invariant}  ${subject} ${count(counted)}, ${must}:`;
  if (broken === 0) return `${begin} holds`;
  return `${begin} BROKEN for ${count(broken)}: ${examples.join(', ')}${broken > examples.length ? ', …' : ''}`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
