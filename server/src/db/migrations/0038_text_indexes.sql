-- Up Migration

-- What runs have in a param or tag is told from its index alone, as their metrics are (0035): which runs have a value,
-- and which values there are. A third of the index was its tenant and key, which equal values no longer share: it is
-- three times as large. The old ones go last: until then reads go on.
CREATE INDEX params_by_head ON maestro.params (tenant_id, experiment_id, key, value_head) INCLUDE (run_id);
CREATE INDEX tags_by_head ON maestro.tags (tenant_id, experiment_id, key, value_head) INCLUDE (run_id);

-- How many runs have a value depends on the key: taken for independent of it, they seemed too few, and were looked up one by
-- one.
CREATE STATISTICS maestro.params_values (mcv) ON experiment_id, key, value_head FROM maestro.params;
CREATE STATISTICS maestro.tags_values (mcv) ON experiment_id, key, value_head FROM maestro.tags;
-- Of empty tables nothing is to be learned, but that they are empty.
DO $$
BEGIN
  IF pg_relation_size('maestro.params') + pg_relation_size('maestro.tags') > 0 THEN
    ANALYZE maestro.params, maestro.tags;
  END IF;
END
$$;

DROP INDEX maestro.params_by_value;
ALTER INDEX maestro.params_by_head RENAME TO params_by_value;
DROP INDEX maestro.tags_by_value;
ALTER INDEX maestro.tags_by_head RENAME TO tags_by_value;

-- The name of a set of runs is half a digest of its maker and half one of the list, so that the primary key finds the sets
-- of one maker, among which the one used longest ago makes room: nothing is read by the use alone.
DROP INDEX maestro.run_sets_by_use;

-- Down Migration

CREATE INDEX run_sets_by_use ON maestro.run_sets (tenant_id, used_at DESC);

DROP STATISTICS maestro.params_values, maestro.tags_values;

DROP INDEX maestro.params_by_value, maestro.tags_by_value;
CREATE INDEX params_by_value ON maestro.params (tenant_id, experiment_id, key, value_head);
CREATE INDEX tags_by_value ON maestro.tags (tenant_id, experiment_id, key, value_head);
