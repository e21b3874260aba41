/**
 * Partitions of `entry`, one for each month in the ids of events. They are made ahead of time, by whoever owns the
 * schema; what lies outside of them goes to `entry_other`. A month that has entries there already stays there.
 */
export const partitionFunctions = `
CREATE FUNCTION $schema.month_bound(month date) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
  SELECT rpad(lpad(to_hex((extract(epoch FROM month::timestamp) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

CREATE FUNCTION $schema.guard_partition(partition text) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
  EXECUTE format('CREATE UNIQUE INDEX %I ON $schema.%I (key)', partition || '_key', partition);
  EXECUTE format('CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON $schema.%I EXECUTE FUNCTION $schema.refuse(%L)', partition, 'entries are never truncated');
  EXECUTE format('ALTER TABLE $schema.%I ENABLE ROW LEVEL SECURITY', partition);
END
$function$;

CREATE TABLE $schema.entry_other PARTITION OF $schema.entry DEFAULT;
SELECT $schema.guard_partition('entry_other');

-- Makes the partitions of this month and of the months after it that are missing; answers how many it made.
CREATE FUNCTION $schema.make_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql AS $function$
DECLARE
  month date;
  partition text;
  made integer := 0;
BEGIN
  FOR month IN SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date FROM generate_series(0, months_ahead) n LOOP
    partition := to_char(month, '"entry_"YYYY_MM');
    CONTINUE WHEN to_regclass(format('$schema.%I', partition)) IS NOT NULL;
    CONTINUE WHEN EXISTS (SELECT 1 FROM $schema.entry_other WHERE event_id >= $schema.month_bound(month)
      AND event_id < $schema.month_bound((month + interval '1 month')::date));
    EXECUTE format('CREATE TABLE $schema.%I PARTITION OF $schema.entry FOR VALUES FROM (%L) TO (%L)', partition,
      $schema.month_bound(month), $schema.month_bound((month + interval '1 month')::date));
    PERFORM $schema.guard_partition(partition);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$function$;
SELECT $schema.make_partitions(3);`;
