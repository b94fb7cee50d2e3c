-- Up Migration

CREATE INDEX incidents_in_order ON maestro.incidents (tenant_id, project_id, started_at, external_key);

-- Branches beside the default one, as webhooks tell of them. `first_commit_at`: when the oldest commit that was pushed to
-- it was written.
CREATE TABLE maestro.code_branches (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  branch text COLLATE "C" NOT NULL CHECK (length(branch) BETWEEN 1 AND 300),
  first_commit_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, branch),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
SELECT maestro.isolate_by_tenant('maestro.code_branches');

-- The branch that a change is of, where it is in the repository itself and not in a fork.
ALTER TABLE maestro.code_changes ADD COLUMN branch text COLLATE "C" CHECK (length(branch) <= 300);
CREATE INDEX code_changes_by_branch ON maestro.code_changes (tenant_id, project_id, repository, branch)
  WHERE branch IS NOT NULL;
CREATE INDEX code_changes_by_merge_sha ON maestro.code_changes (tenant_id, project_id, repository, merge_sha)
  WHERE merge_sha IS NOT NULL;

-- When a commit came to the branch whose history is read: when it was committed or, for one of another branch, when that was
-- merged.
ALTER TABLE maestro.code_commits ADD COLUMN landed_at timestamptz;
ALTER TABLE maestro.code_commits NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.code_commits SET landed_at = committed_at;
ALTER TABLE maestro.code_commits FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_commits ALTER COLUMN landed_at SET NOT NULL;
DROP INDEX maestro.code_commits_by_repository;
CREATE INDEX code_commits_by_landing ON maestro.code_commits (tenant_id, project_id, repository, landed_at)
  INCLUDE (person_id, is_merge, authored_at, sha);

-- Down Migration

DROP INDEX maestro.code_commits_by_landing;
CREATE INDEX code_commits_by_repository ON maestro.code_commits (tenant_id, project_id, repository, committed_at)
  INCLUDE (person_id, is_merge, authored_at);
ALTER TABLE maestro.code_commits DROP COLUMN landed_at;
DROP INDEX maestro.code_changes_by_merge_sha;
ALTER TABLE maestro.code_changes DROP COLUMN branch;
DROP TABLE maestro.code_branches;
DROP INDEX maestro.incidents_in_order;
