/** Who does something, as events write it down: an actor, or `import`, `demo`. */
export interface By {
  readonly name: string;
}

/** Who asks. The name goes into `by` of events. */
export interface Actor extends By {
  /** `admin`: a script with ADMIN_TOKEN; `session`: a browser that opened the one-time link. */
  readonly name: 'admin' | 'session';
}
