/** A moment in whole µs since the epoch, as cursors carry it: a Date cuts off what is below a ms. @param moment in SQL */
export const microsOf = (moment: string): string => `(extract(epoch from ${moment}) * 1000000)::bigint`;

/** The moment of so many µs: stands for one value. */
export const MOMENT_OF_MICROS = `timestamptz 'epoch' + ?::bigint * interval '1 microsecond'`;
