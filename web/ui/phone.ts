/** What stands where the phone of somebody was erased. */
const ERASED = '70000000000';

/** Whether it is nobody's phone any more: there are words for that. */
export const isErased = (phone: string): boolean => phone === ERASED;

/** `79161234567` → `+7 916 123-45-67`; a masked one, `79*****4567`, keeps its stars: `+7 9** ***-45-67`. */
export function shownPhone(phone: string): string {
  const parts = /^7([\d*]{3})([\d*]{3})([\d*]{2})([\d*]{2})$/.exec(phone);
  return parts === null ? phone : `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}`;
}
