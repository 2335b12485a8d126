import { BigIntType, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { TextArrayType } from '../platform/sql-arrays.js';

/** What is wrong with a line. Never repeats what stands there: it may be a phone. */
export interface LineProblem {
  /** The file's column; empty when it is about the line as a whole. */
  field: string;
  /** One sentence for people. */
  message: string;
}

/**
 * A line of a file that is being imported. It arrives in the transaction that makes the job, and leaves in the one that
 * brings its client in; one with problems stays as long as its job is kept, so that it can be downloaded and mended.
 *
 * Nulls of a line without problems say that the file does not tell, and so changes nothing there.
 */
@Entity({ tableName: 'client_job_row' })
@Index({ name: 'client_job_row_phone_index', properties: ['jobId', 'phone'], where: 'problems is null' })
@Index({ name: 'client_job_row_problems_index', properties: ['jobId', 'line'], where: 'problems is not null' })
export class ClientJobRow {
  [PrimaryKeyProp]?: ['jobId', 'line'];

  @PrimaryKey({ type: new BigIntType('string') })
  jobId!: string;

  /** In the file, from 1 on; of a record over several lines, the first. */
  @PrimaryKey({ type: 'integer' })
  line!: number;

  /** As they stood in the file; of a line that is no CSV, the whole of it. */
  @Property({ type: new TextArrayType() })
  cells!: string[];

  @Property({ type: 'text', nullable: true })
  phone: string | null = null;

  @Property({ type: 'text', nullable: true })
  operatorCode: string | null = null;

  @Property({ type: new TextArrayType(), nullable: true })
  tags: string[] | null = null;

  @Property({ type: 'text', nullable: true })
  timeZone: string | null = null;

  /** A null in it takes that attribute away. */
  @Property({ type: 'jsonb', nullable: true })
  attributes: Record<string, string | null> | null = null;

  @Property({ type: 'jsonb', nullable: true })
  problems: LineProblem[] | null = null;
}
