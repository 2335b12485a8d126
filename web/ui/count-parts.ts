/** The parts of a mailing's counts, as they stand in bars and tables from left to right. */
export const COUNT_PARTS = ['sent', 'failed', 'expired', 'cancelled', 'unknown', 'open'] as const;
export type CountPart = (typeof COUNT_PARTS)[number];
