/** An event's id as receivers know it, in the header `webhook-id`. */
export function messageIdOf(eventId: string): string {
  return `msg_${eventId.replaceAll('-', '')}`;
}
