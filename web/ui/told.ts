/** Where the browser keeps which mailings somebody wants to hear of when they are done; all tabs share it. */
export const TOLD = 'heliograph-tell-when-done';
