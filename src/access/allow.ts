import { Extensions } from 'type-graphql';
import type { Audience } from './permission.js';

/**
 * Opens a field to those who hold a permission, or to all who are signed in. Each field of Query, Mutation and Subscription
 * needs one (guard-schema.ts); others need it where they lead to what their parent's permission does not cover.
 */
export function Allow(audience: Exclude<Audience, 'everyone'>): MethodDecorator & PropertyDecorator {
  return Extensions({ allow: audience });
}

/** Marks a field whose words were written for everybody, so that a phone in it is nobody's secret: a mailing's text. */
export function PublicWords(): MethodDecorator & PropertyDecorator {
  return Extensions({ publicWords: true });
}
