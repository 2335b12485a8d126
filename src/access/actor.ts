/** Who asks. The name goes into `by` of events. */
export interface Actor {
  /** `admin`: a script with ADMIN_TOKEN; `session`: a browser that opened the one-time link. */
  readonly name: 'admin' | 'session';
}
