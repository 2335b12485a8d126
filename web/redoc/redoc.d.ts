declare module 'redoc/bundles/redoc.standalone.js' {
  /** Draws a document into an element. */
  export function init(document: object, options: object, place: HTMLElement): void;
}
