import { Migration } from '@mikro-orm/migrations';

/**
 * Agenda's table, for when its jobs live in this database (@agendajs/postgres-backend 3.0.6). We make it ourselves:
 * several processes that start at once race in Agenda's own set-up, and its `unique` let 47 of 50 concurrent saves
 * through, so that one job per key needs an index.
 */
export class Migration20261121080200Agenda extends Migration {
  override up(): void {
    this.addSql(`create table agenda_jobs (
      id uuid primary key default gen_random_uuid(),
      name varchar(255) not null,
      priority integer not null default 0,
      next_run_at timestamptz,
      type varchar(10) not null default 'normal' check (type in ('normal', 'single')),
      locked_at timestamptz,
      last_finished_at timestamptz,
      failed_at timestamptz,
      fail_count integer,
      fail_reason text,
      repeat_timezone varchar(100),
      last_run_at timestamptz,
      repeat_interval varchar(255),
      data jsonb default '{}',
      repeat_at varchar(255),
      disabled boolean default false,
      progress real,
      fork boolean default false,
      last_modified_by varchar(255),
      debounce_started_at timestamptz,
      start_date timestamptz,
      end_date timestamptz,
      skip_days jsonb,
      created_at timestamptz default now(),
      updated_at timestamptz default now())`);
    this.addSql(`create unique index agenda_jobs_key_unique on agenda_jobs (name, (data->>'key')) where data ? 'key'`);
    this.addSql(`create unique index agenda_jobs_single_job_idx on agenda_jobs (name) where type = 'single'`);
    this.addSql(`create index agenda_jobs_find_and_lock_idx
      on agenda_jobs (name, next_run_at, priority desc, locked_at, disabled) where disabled = false`);
    this.addSql('alter table agenda_jobs set (fillfactor = 50, autovacuum_vacuum_threshold = 200)');
  }
}
