import { MAX_ATTRIBUTES, MAX_ATTRIBUTES_SIZE, MAX_TAGS } from '../client/client.inputs.js';

/** Lines of the file that are looked at in one batch: a transaction of some 200 ms. */
export const IMPORT_BATCH = 4_096;

const TOO_MANY_TAGS = problem('tags', `The client would have more than ${MAX_TAGS} tags.`);
/** Attributes written in so many characters are neither too many nor too long: each takes five at the least. */
const SURELY_FEW = 5 * MAX_ATTRIBUTES;
const TOO_MUCH = problem(
  '',
  `The client would have more than ${MAX_ATTRIBUTES} attributes, or more than ${MAX_ATTRIBUTES_SIZE} characters in them.`,
);

/**
 * Brings the next lines of a file in, $1 the job, $2 its cursor, $3 how many lines. Everything of a batch is this statement: clients, events,
 * lines, counts and the cursor; but opt-outs left with `phones` of clients it made, see `carryOptOuts`. It is `whole` unless somebody changed one of these clients, or made one, at the same time.
 *
 * Each phone is looked at once, where the file first names it, together with all later lines that have it: `keep` takes the
 * first of them, the others lay them over each other in their order. So a dry run, which leaves out what is written to clients
 * and nothing else, comes to the same counts, wherever batches end.
 *
 * A file knows text only: an attribute that reads the same stays what it is, be it a number, true or false, which a text may ask for.
 *
 * Shape matters: nothing is known yet of how many rows a fresh job has. Each table is entered by keys, and no two results are
 * joined with each other. `offset 0` keeps the lines of a batch from being looked for in the index of phones, which would walk the
 * whole file for each.
 */
export const IMPORT = `
  with j as materialized (
    select dry_run, created_by, params->>'timeZone' as default_zone, params->>'onConflict' as rule,
      (params->>'lastLine')::int <= $2::int + $3::int as is_end
    from client_job where id = $1
  ), here as materialized (
    select * from (select * from client_job_row where job_id = $1 and line > $2 and line <= $2 + $3 offset 0) r where problems is null
  ), alike as materialized (
    select phone, min(line) as line from client_job_row
    where job_id = $1 and phone = any (array(select phone from here)) and problems is null group by phone having count(*) > 1
  ), told as materialized (
    select phone, line, array[line] as lines, operator_code, time_zone, tags, attributes
    from here where phone not in (select phone from alike)
    union all
    select f.phone, f.line, t.lines, t.operator_code, t.time_zone,
      case when t.tags is not null then without_doubles(array(select jsonb_array_elements_text(t.tags))) end, t.attributes
    from j, alike f cross join lateral (
      select array_agg(line) as lines,
        (array_agg(operator_code order by line desc) filter (where operator_code is not null and not is_spare))[1] as operator_code,
        (array_agg(time_zone order by line desc) filter (where time_zone is not null and not is_spare))[1] as time_zone,
        case when j.rule = 'overwrite' then (array_agg(to_jsonb(tags) order by line desc) filter (where tags is not null))[1]
          else jsonb_path_query_array(jsonb_agg(to_jsonb(tags) order by line) filter (where tags is not null and not is_spare), '$[*][*]') end as tags,
        jsonb_overlay(attributes order by line) filter (where not is_spare) as attributes
      from (
        select *, j.rule = 'keep' and line > f.line as is_spare from client_job_row
        where job_id = $1 and phone = f.phone and problems is null) r) t
  ), meant as materialized (
    select t.phone, t.line, t.lines, c.id, c.revision, c.time_zone as old_zone, c.attributes as old_attributes,
      c.tags as old_tags, c.operator_code as old_code,
      coalesce(t.operator_code, c.operator_code, substr(t.phone, 2, 3)) as operator_code,
      coalesce(t.time_zone, c.time_zone, j.default_zone) as time_zone,
      case when c.id is null then jsonb_strip_nulls(t.attributes)
        when jsonb_strip_nulls(c.attributes || t.attributes) = c.attributes then c.attributes
        else jsonb_strip_nulls(c.attributes || coalesce((
          select jsonb_object_agg(key, value) from jsonb_each(t.attributes) where value #>> '{}' is distinct from c.attributes ->> key
        ), '{}')) end as attributes,
      case when c.id is null then coalesce(t.tags, '{}') when t.tags is null then c.tags
        when j.rule = 'merge' then without_doubles(c.tags || t.tags) else t.tags end as tags
    from j, told t left join client c on c.phone = t.phone and c.deleted_at is null
  ), judged as materialized (
    select m.*, cardinality(lines) as n, w.problems, case
      when id is not null and (j.rule = 'keep'
        or (operator_code, time_zone, attributes, tags) = (old_code, old_zone, old_attributes, old_tags)) then 'unchanged'
      when w.problems is not null then 'failed'
      when id is null then 'created' else 'updated' end as verdict
    from j, meant m, lateral (select case when cardinality(tags) > ${MAX_TAGS} then ${TOO_MANY_TAGS}
      when length(attributes::text) > ${SURELY_FEW} and (
        select count(*) > ${MAX_ATTRIBUTES} or length(attributes::text) > ${MAX_ATTRIBUTES_SIZE} + 2 * count(*) - 1
        from jsonb_object_keys(attributes)) then ${TOO_MUCH} end as problems) w
  ), inserted as (
    insert into client (phone, operator_code, tags, time_zone, attributes)
    select phone, operator_code, tags, time_zone, attributes from judged, j
    where verdict = 'created' and not j.dry_run order by line
    on conflict (phone) where deleted_at is null do nothing
    returning id
  ), changed as (
    update client c set operator_code = g.operator_code, tags = g.tags, time_zone = g.time_zone, attributes = g.attributes,
      updated_at = clock_timestamp(), revision = c.revision + 1
    from (select g.* from judged g, j where verdict = 'updated' and not j.dry_run order by id) g
    where c.id = g.id and c.revision = g.revision
    returning c.id
  ), moved as (
    insert into client_event (client_id, kind, by, details)
    select id, 'TIME_ZONE_CHANGED', j.created_by, jsonb_build_object('from', old_zone, 'to', time_zone)
    from judged, j where verdict = 'updated' and old_zone <> time_zone and not j.dry_run
  ), kept as (
    update client_job_row r set problems = f.problems
    from (select unnest(lines) as line, problems from judged where verdict = 'failed') f
    where r.job_id = $1 and r.line = f.line
  ), gone as (
    delete from client_job_row
    where job_id = $1 and line = any (array(select unnest(lines) from judged where verdict <> 'failed'))
  ), tally as (
    select count(*) filter (where verdict = 'created') as created, count(*) filter (where verdict = 'updated') as updated,
      count(*) filter (where verdict = 'unchanged') as unchanged, coalesce(sum(n - 1) filter (where verdict <> 'failed'), 0) as duplicates,
      coalesce(sum(n) filter (where verdict = 'failed'), 0) as failed, coalesce(sum(n), 0) as done
    from judged
  )
  update client_job b set cursor = $2 + $3, done = b.done + t.done, failed = b.failed + t.failed,
    created = b.created + t.created, updated = b.updated + t.updated, unchanged = b.unchanged + t.unchanged,
    duplicates = b.duplicates + t.duplicates, version = version + 1,
    status = case when j.is_end then 'COMPLETED' else b.status end,
    finished_at = case when j.is_end then clock_timestamp() end
  from j, tally t
  where b.id = $1 and b.cursor = $2
  returning b.version, b.status, b.dry_run as "dryRun", b.created_by as by,
    array(select phone from judged where verdict = 'created') as phones, b.dry_run
    or (t.created, t.updated) = ((select count(*) from inserted), (select count(*) from changed)) as whole`;

/**
 * Leaves out the line behind the cursor, $1 the job, $2 its cursor, whose client could not be brought in, with all that have its
 * phone.
 */
export const PASS_OVER = `
  with j as materialized (
    select id from client_job where id = $1 and cursor = $2 for no key update
  ), given_up as (
    update client_job_row r set problems = ${problem('', 'The database did not take this client, or not in time: try this line again.')}
    from j where r.job_id = j.id and r.problems is null
      and r.phone = (select phone from client_job_row where job_id = $1 and line = $2 + 1 and problems is null)
    returning line
  )
  update client_job b set cursor = $2 + 1, done = b.done + n, failed = b.failed + n
  from j, (select count(*) as n from given_up) g where b.id = j.id`;

/** The same for every line of a batch that has it, as SQL. */
function problem(field: string, message: string): string {
  return `'${JSON.stringify([{ field, message }])}'::jsonb`;
}
