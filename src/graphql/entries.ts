import { Extensions } from 'type-graphql';

/** Says how many entries a list without pages has at the most: what an operation may cost is reckoned by it (transport/operation-limits.ts). */
export function Entries(most: number): MethodDecorator & PropertyDecorator {
  return Extensions({ entries: most });
}
