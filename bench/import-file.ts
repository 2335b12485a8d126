/** A file of clients for the bench of the import, with faults in lines that are known. */
export interface ImportFile {
  rows: number;
  /** Left out: nothing is wrong with any row, and no phone is in it twice. */
  hasFaults?: boolean;
}

/** What is wrong with the row of this number; undefined: nothing. */
function faultOf(n: number): 'phone' | 'zone' | 'quote' | 'cells' | undefined {
  if (n % 1_000 === 1) return 'phone';
  if (n % 5_000 === 2) return 'zone';
  if (n % 10_000 === 3) return 'quote';
  return n % 20_000 === 4 ? 'cells' : undefined;
}

/** Every thousandth right row has the phone of the one before. */
const isDouble = (n: number) => n % 1_000 === 6;

const phoneOf = (n: number) => `79${String(n).padStart(9, '0')}`;
const zoneOf = (n: number) => (n % 3 === 0 ? 'Asia/Omsk' : 'Europe/Moscow');
const rightRow = (n: number, phone = phoneOf(n)) => `${phone},${zoneOf(n)},vip;t${n % 10},"Anna ""${n}"""\n`;

function rowOf(n: number): string {
  switch (faultOf(n)) {
    case 'phone':
      return `12345,${zoneOf(n)},vip,Anna ${n}\n`;
    case 'zone':
      return `${phoneOf(n)},Mars/Phobos,vip,Anna ${n}\n`;
    case 'quote':
      return `${phoneOf(n)},${zoneOf(n)},vip,"Anna ${n}\n`;
    case 'cells':
      return `${phoneOf(n)},${zoneOf(n)}\n`;
    default:
      return rightRow(n, phoneOf(isDouble(n) ? n - 1 : n));
  }
}

/** Made while it is read, in pieces of 64 KB. */
export function* pieces({ rows, hasFaults }: ImportFile): Generator<Buffer> {
  const row = hasFaults ? rowOf : rightRow;
  let piece = 'phone,time_zone,tags,name\n';
  for (let n = 0; n < rows; n += 1) {
    piece += row(n);
    if (piece.length < 65_536) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  yield Buffer.from(piece);
}

/** What must come of a file with faults. */
export function expected(rows: number): { wrongLines: number[]; doubles: number; right: number } {
  const numbers = Array.from({ length: rows }, (_, n) => n);
  const wrongLines = numbers.filter((n) => faultOf(n) !== undefined).map((n) => n + 2);
  const doubles = numbers.filter(isDouble).length;
  return { wrongLines, doubles, right: rows - wrongLines.length - doubles };
}
