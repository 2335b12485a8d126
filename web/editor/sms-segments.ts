/**
 * How many SMS a text takes: 3GPP TS 23.038 §6.2.1 (the GSM 7-bit default alphabet and its extension table, the Latin ones without
 * national shifts) and TS 23.040 §9.2.3.24.1 (a text in parts: each loses 6 octets to its header).
 *
 * Our own, as it is these two tables: the packages for it carry more than this page does otherwise.
 */
export interface SmsCount {
  /** `GSM-7` as long as each character is in that alphabet; one that is not makes all of them two octets wide. */
  encoding: 'GSM-7' | 'UCS-2';
  /** What is charged: SMS, or parts of one. Nothing is sent without a part: 1 for no text. */
  segments: number;
  /** Used, in units of the encoding: septets, of which a character of the extension table takes two, or UTF-16 code units. */
  units: number;
  /** How many more units fit into the last segment. */
  left: number;
  /** The characters because of which the text is UCS-2, each once, in order. */
  wide: string[];
}

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Sent as an escape and another character. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** Units that fit where there is one segment, and where there are more. */
const ROOM = { 'GSM-7': { one: 160, part: 153 }, 'UCS-2': { one: 70, part: 67 } } as const;

export function countSms(text: string): SmsCount {
  const characters = [...text];
  const wide = [...new Set(characters.filter((one) => !BASIC.has(one) && !EXTENSION.has(one)))];
  const encoding = wide.length === 0 ? 'GSM-7' : 'UCS-2';
  const widths = characters.map((one) => (encoding === 'UCS-2' ? one.length : EXTENSION.has(one) ? 2 : 1));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { one, part } = ROOM[encoding];
  if (units <= one) return { encoding, segments: 1, units, left: one - units, wide };
  return { encoding, units, wide, ...pack(widths, part) };
}

/** A character never goes over into the next part: neither an escape without what it escapes, nor half an emoji. */
function pack(widths: readonly number[], room: number): { segments: number; left: number } {
  let segments = 1;
  let left = room;
  for (const width of widths) {
    if (width > left) {
      segments += 1;
      left = room;
    }
    left -= width;
  }
  return { segments, left };
}
