-- Up Migration

-- What 32 points of a chunk come to, block after block, for charts that look from afar: the greatest step and time of
-- each block, its least, greatest and last finite value (NaN where it has none), and, where the chunk has a value that
-- is no number, how many are NaN, +infinity and -infinity (the greatest doubles, see 0002). Column after column.
CREATE FUNCTION maestro.metric_blocks(timestamps bigint[], steps bigint[], points double precision[])
RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  WITH point AS (
    SELECT u.timestamp, u.step, u.value, u.place, (u.place - 1) / 32 AS block,
           abs(u.value) < 1.7976931348623157e308 AS is_finite
      FROM unnest($1, $2, $3) WITH ORDINALITY AS u(timestamp, step, value, place)
  ), part AS (
    SELECT p.block, max(p.step)::float8 AS step, max(p.timestamp)::float8 AS timestamp,
           coalesce(min(p.value) FILTER (WHERE p.is_finite), 'NaN') AS least,
           coalesce(max(p.value) FILTER (WHERE p.is_finite), 'NaN') AS greatest,
           coalesce((array_agg(p.value ORDER BY p.step DESC, p.place DESC) FILTER (WHERE p.is_finite))[1], 'NaN') AS last,
           count(*) FILTER (WHERE p.value = 'NaN')::float8 AS nan,
           count(*) FILTER (WHERE NOT p.is_finite AND p.value > 0 AND p.value <> 'NaN')::float8 AS up,
           count(*) FILTER (WHERE NOT p.is_finite AND p.value < 0)::float8 AS down
      FROM point p GROUP BY p.block
  )
  SELECT array_agg(b.step ORDER BY b.block) || array_agg(b.timestamp ORDER BY b.block)
      || array_agg(b.least ORDER BY b.block) || array_agg(b.greatest ORDER BY b.block) || array_agg(b.last ORDER BY b.block)
      || CASE WHEN sum(b.nan + b.up + b.down) = 0 THEN '{}'::double precision[]
              ELSE array_agg(b.nan ORDER BY b.block) || array_agg(b.up ORDER BY b.block) || array_agg(b.down ORDER BY b.block)
         END
    FROM part b
$$;

-- Small chunks are read whole, and merged soon.
ALTER TABLE maestro.metric_chunks
  ADD COLUMN blocks double precision[] GENERATED ALWAYS AS (
    CASE WHEN points >= 256 THEN maestro.metric_blocks(timestamps, steps, values) END) STORED,
  ALTER COLUMN blocks SET STORAGE EXTERNAL;

-- Down Migration

ALTER TABLE maestro.metric_chunks DROP COLUMN blocks;
DROP FUNCTION maestro.metric_blocks;
