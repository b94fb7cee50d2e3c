// Generated from the catalogue by `npm run db -- types`; an integration test fails when it is out of date.
import type { ColumnType, Generated } from 'kysely';

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type Json = ColumnType<unknown, string, string>;
type GeneratedJson = ColumnType<unknown, string | undefined, string>;

export interface ApiKeys {
  tenant_id: string;
  key_id: Generated<string>;
  name: string;
  prefix: string;
  secret_hash: Buffer;
  user_id: string | null;
  service_account_id: string | null;
  created_by: string;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp | null;
  last_used_at: Timestamp | null;
  revoked_at: Timestamp | null;
  scopes: string[] | null;
  allowed_addresses: string[] | null;
  bound_user_ids: Generated<string[]>;
  bound_account_ids: Generated<string[]>;
  last_used_address: string | null;
  replaced_by: string | null;
  made_by_key: string | null;
  ends_by: Timestamp | null;
}

export interface ArtifactContents {
  tenant_id: string;
  sha256: Buffer;
  size: number;
  blob_id: string;
}

export interface ArtifactLeftovers {
  tenant_id: string;
  blob_id: string;
  since: GeneratedTimestamp;
  removal_began_at: Timestamp | null;
}

export interface ArtifactUsages {
  tenant_id: string;
  artifact_id: string;
  version: string;
  project_id: string;
  used_by: string;
  used_at: GeneratedTimestamp;
  impact_score: number | null;
}

export interface ArtifactVersions {
  tenant_id: string;
  artifact_id: string;
  version: string;
  number: number;
  description: Generated<string>;
  storage_path: string | null;
  sha256: Buffer | null;
  file_name: string | null;
  run_id: string | null;
  run_path: string | null;
  model_id: string | null;
  created_by: string;
  created_at: GeneratedTimestamp;
}

export interface Artifacts {
  tenant_id: string;
  artifact_id: Generated<string>;
  name: string;
  type: string;
  description: Generated<string>;
  tags: Generated<string[]>;
  is_active: Generated<boolean>;
  deprecation_reason: string | null;
  versions: Generated<number>;
  uses: Generated<number>;
  avg_impact_score: number | null;
  impact_projects: Generated<number>;
  created_by: string;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
  impact: Json | null;
  impact_low: number | null;
}

export interface AuditAnchors {
  tenant_id: string;
  seq: number;
  hash: Buffer;
  signed: string;
}

export interface AuditCopies {
  event_id: string;
  tenant_id: string;
}

export interface AuditEvents {
  tenant_id: string;
  event_id: Generated<string>;
  created_at: GeneratedTimestamp;
  actor_kind: string;
  actor_id: string;
  action: string;
  target: Generated<string>;
  outcome: string;
  request_id: Generated<string>;
  address: Generated<string>;
  detail: GeneratedJson;
  seq: number;
  person: Generated<string>;
  personal: Buffer | null;
  previous_hash: Buffer;
  hash: Buffer;
}

export interface AuditHeads {
  tenant_id: string;
  seq: number;
  hash: Buffer;
}

export interface BackupCodes {
  user_id: string;
  code_hash: Buffer;
  created_at: GeneratedTimestamp;
  used_at: Timestamp | null;
  pepper: string | null;
}

export interface CiRuns {
  tenant_id: string;
  project_id: string;
  repository: string;
  run_key: string;
  workflow: string;
  branch: string | null;
  sha: string | null;
  status: string;
  started_at: Timestamp;
  finished_at: Timestamp | null;
  tests: number | null;
  tests_failed: number | null;
  tests_skipped: number | null;
  tests_seconds: number | null;
}

export interface CodeAliases {
  tenant_id: string;
  project_id: string;
  email: string;
  person_id: string;
}

export interface CodeBranches {
  tenant_id: string;
  project_id: string;
  repository: string;
  branch: string;
  first_commit_at: Timestamp;
}

export interface CodeCells {
  tenant_id: string;
  project_id: string;
  series: string;
  environment: string;
  period: string;
  start: string;
  repository: string;
  bucket: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface CodeChanges {
  tenant_id: string;
  project_id: string;
  repository: string;
  change_key: string;
  person_id: string;
  opened_at: Timestamp;
  first_commit_at: Timestamp | null;
  first_review_at: Timestamp | null;
  merged_at: Timestamp | null;
  closed_at: Timestamp | null;
  merge_sha: string | null;
  additions: Generated<number>;
  deletions: Generated<number>;
  files: Generated<number>;
  commits: Generated<number>;
  updated_at: Timestamp;
  branch: string | null;
}

export interface CodeCommits {
  tenant_id: string;
  project_id: string;
  repository: string;
  sha: string;
  person_id: string;
  authored_at: Timestamp;
  authored_offset: number;
  committed_at: Timestamp;
  additions: number;
  deletions: number;
  files: number;
  is_merge: boolean;
  is_complete: Generated<boolean>;
  landed_at: Timestamp;
}

export interface CodeDays {
  tenant_id: string;
  project_id: string;
  day: string;
  commits: Generated<number>;
  builds_succeeded: Generated<number>;
  builds_failed: Generated<number>;
  builds_cancelled: Generated<number>;
  tests: Generated<number>;
  tests_failed: Generated<number>;
  tests_skipped: Generated<number>;
}

export interface CodeFilePeople {
  tenant_id: string;
  project_id: string;
  repository: string;
  path: string;
  person_id: string;
  changes: number;
  first_at: Timestamp;
  last_at: Timestamp;
}

export interface CodeFiles {
  tenant_id: string;
  project_id: string;
  repository: string;
  path: string;
  people: string[];
  first_days: number[];
  last_days: number[];
  authors: string[];
}

export interface CodeLeftOut {
  tenant_id: string;
  project_id: string;
  address_hash: Buffer;
  person_id: string;
}

export interface CodePeople {
  tenant_id: string;
  project_id: string;
  person_id: Generated<string>;
  name: string;
  email: string;
  user_id: string | null;
  is_left_out: Generated<boolean>;
}

export interface CodePersonCells {
  tenant_id: string;
  project_id: string;
  period: string;
  start: string;
  person_id: string;
  commits: Generated<number>;
  merges: Generated<number>;
  additions: Generated<number>;
  deletions: Generated<number>;
  at_night: Generated<number>;
  at_weekend: Generated<number>;
  authored_days: Generated<number[]>;
  opened: Generated<number>;
  merged: Generated<number>;
  reviewed: Generated<number>;
  reviews: Generated<number>;
}

export interface CodeReleases {
  tenant_id: string;
  project_id: string;
  repository: string;
  tag: string;
  at: Timestamp;
  sha: string | null;
  is_prerelease: boolean;
}

export interface CodeReviewTies {
  tenant_id: string;
  project_id: string;
  period: string;
  start: string;
  reviewer_id: string;
  author_id: string;
}

export interface CodeReviews {
  tenant_id: string;
  project_id: string;
  repository: string;
  change_key: string;
  review_key: string;
  person_id: string;
  at: Timestamp;
  state: string;
}

export interface CodeStates {
  tenant_id: string;
  project_id: string;
  state: string;
}

export interface CodeSyncs {
  tenant_id: string;
  project_id: string;
  repository: string;
  last_sha: string;
  updated_at: GeneratedTimestamp;
}

export interface Datasets {
  tenant_id: string;
  experiment_id: number;
  name: string;
  digest: string;
  dataset_id: Generated<string>;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface Deployments {
  tenant_id: string;
  project_id: string;
  repository: string;
  deployment_key: string;
  environment: string;
  status: string;
  at: Timestamp;
  sha: string | null;
}

export interface DeviceSignIns {
  device_code_hash: Buffer;
  user_code_hash: Buffer;
  client_name: string;
  tenant: string | null;
  address: string;
  interval_seconds: number;
  asked_at: Timestamp | null;
  user_id: string | null;
  is_approved: boolean | null;
  sign_in_epoch: number | null;
  authenticated_at: Timestamp | null;
  with_factor: boolean | null;
  provider_domain: string | null;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp;
}

export interface Erasures {
  subject_id: string;
  subject_kind: string;
  sealed_names: Buffer | null;
  counts: GeneratedJson;
  began_at: GeneratedTimestamp;
  finished_at: Timestamp | null;
}

export interface ExperimentTags {
  tenant_id: string;
  experiment_id: number;
  key: string;
  value: string;
}

export interface Experiments {
  tenant_id: string;
  experiment_id: number;
  name: string;
  artifact_location: string;
  lifecycle_stage: Generated<string>;
  creation_time: number;
  last_update_time: number;
}

export interface FactorChallenges {
  challenge_hash: Buffer;
  purpose: string;
  user_id: string | null;
  session_id: string | null;
  tenant: string | null;
  attempts: Generated<number>;
  expires_at: Timestamp;
  provider_domain: string | null;
}

export interface Grants {
  tenant_id: string;
  grant_id: Generated<string>;
  subject_kind: string;
  subject_id: string;
  resource_kind: string;
  resource_id: string;
  role: string | null;
  permissions: Generated<string[]>;
  created_by: string;
  created_at: GeneratedTimestamp;
}

export interface Identities {
  identity_id: Generated<string>;
  issuer: string;
  subject: string;
  user_id: string;
  provider: string;
  email: string | null;
  created_at: GeneratedTimestamp;
  last_used_at: Timestamp | null;
}

export interface Incidents {
  tenant_id: string;
  project_id: string;
  external_key: string;
  environment: string;
  started_at: Timestamp;
  resolved_at: Timestamp | null;
}

export interface InsightDue {
  tenant_id: string;
  what: string;
  marks: Generated<number>;
  due_since: GeneratedTimestamp;
  failures: Generated<number>;
  worker: string | null;
  free_at: GeneratedTimestamp;
}

export interface InsightModels {
  tenant_id: string;
  version: number;
  outcome: string;
  trained_at: Timestamp;
  data_hash: Buffer;
  projects: string[];
  model: Buffer;
  report: Json;
}

export interface LatestMetrics {
  tenant_id: string;
  run_id: string;
  key: string;
  value: number;
  is_nan: boolean;
  step: number;
  timestamp: number;
  experiment_id: number;
  chunks: Generated<number>;
  item: Generated<string | null>;
  min_value: number | null;
  max_value: number | null;
}

export interface LoggedModelMetrics {
  tenant_id: string;
  model_id: string;
  key: string;
  timestamp: number;
  step: number;
  run_id: string;
  value: number;
  dataset_name: Generated<string>;
  dataset_digest: Generated<string>;
  experiment_id: number;
}

export interface LoggedModelParams {
  tenant_id: string;
  model_id: string;
  key: string;
  value: string;
}

export interface LoggedModelTags {
  tenant_id: string;
  model_id: string;
  key: string;
  value: string;
}

export interface LoggedModels {
  tenant_id: string;
  model_id: string;
  experiment_id: number;
  name: string;
  artifact_location: string;
  creation_time: number;
  last_update_time: number;
  status: number;
  status_message: string | null;
  lifecycle_stage: Generated<string>;
  model_type: string | null;
  source_run_id: string | null;
}

export interface Memberships {
  tenant_id: string;
  user_id: string;
  role: string;
  created_at: GeneratedTimestamp;
}

export interface MetricChunks {
  tenant_id: string;
  run_id: string;
  key: string;
  first_timestamp: number;
  chunk_id: Generated<string>;
  last_timestamp: number;
  first_step: number;
  last_step: number;
  points: number;
  timestamps: number[];
  steps: number[];
  values: number[];
  blocks: Generated<number[] | null>;
}

export interface OneTimeTokens {
  token_id: Generated<string>;
  token_hash: Buffer;
  purpose: string;
  email: string;
  user_id: string | null;
  tenant_id: string | null;
  role: string | null;
  asked_by: string | null;
  address: Generated<string>;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
  ended_at: Timestamp | null;
  bound_user_ids: Generated<string[]>;
  bound_account_ids: Generated<string[]>;
  key_id: string | null;
}

export interface OperatorAuditAnchors {
  chain: string;
  seq: number;
  hash: Buffer;
  signed: string;
}

export interface OperatorAuditEvents {
  event_id: Generated<string>;
  created_at: GeneratedTimestamp;
  actor_kind: string;
  actor_id: string;
  action: string;
  target: Generated<string>;
  outcome: string;
  request_id: Generated<string>;
  address: Generated<string>;
  detail: GeneratedJson;
  seq: number;
  person: Generated<string>;
  personal: Buffer | null;
  copy_to: Generated<string[]>;
  previous_hash: Buffer;
  hash: Buffer;
}

export interface OperatorAuditHeads {
  chain: string;
  seq: number;
  hash: Buffer;
}

export interface OperatorSwitches {
  session_id: string;
  tenant_id: string;
  role: string;
  reason: string;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp;
}

export interface Params {
  tenant_id: string;
  run_id: string;
  key: string;
  value: string;
  experiment_id: number;
  value_head: Generated<string | null>;
  item: Generated<string | null>;
}

export interface PersonKeys {
  person: string;
  sealed_key: Buffer | null;
  created_at: GeneratedTimestamp;
  destroyed_at: Timestamp | null;
}

export interface Predictions {
  tenant_id: string;
  prediction_id: Generated<string>;
  project_id: string | null;
  asked: Json;
  model_version: number | null;
  answer: Json;
  is_scored: boolean;
  created_by: string;
  created_at: GeneratedTimestamp;
}

export interface ProcessMetricCells {
  tenant_id: string;
  project_id: string;
  metric_type: string;
  start: string;
  bucket: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  period: string;
}

export interface ProcessMetrics {
  tenant_id: string;
  project_id: string;
  metric_type: string;
  at: Timestamp;
  metric_id: Generated<string>;
  value: number;
  source: string;
  external_key: string | null;
  metadata: GeneratedJson;
}

export interface ProjectExperiments {
  tenant_id: string;
  experiment_id: number;
  project_id: string;
}

export interface ProjectSpecs {
  tenant_id: string;
  project_id: string;
  text: string;
  words: string[];
  counts: number[];
  weights: number[];
  length: number;
  model: string | null;
  vector: Buffer | null;
  updated_at: GeneratedTimestamp;
}

export interface Projects {
  tenant_id: string;
  project_id: Generated<string>;
  name: string;
  problem_class: string | null;
  complexity_score: number | null;
  team_size: number | null;
  start_date: string | null;
  completion_date: string | null;
  success_score: number | null;
  model_performance: number | null;
  compute_cost: number | null;
  business_impact: number | null;
  metadata: GeneratedJson;
  created_by: string;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface ProviderFlows {
  state_hash: Buffer;
  cookie_hash: Buffer;
  provider: string;
  sealed_checks: Buffer;
  return_to: string;
  tenant: string | null;
  link_user_id: string | null;
  link_session_id: string | null;
  expires_at: Timestamp;
}

export interface RefreshTokens {
  token_hash: Buffer;
  session_id: string;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
  contested_at: Timestamp | null;
  settled_at: Timestamp | null;
}

export interface Roles {
  tenant_id: string;
  name: string;
  description: Generated<string>;
  inherits: Generated<string[]>;
  permissions: Generated<string[]>;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface RunDatasets {
  tenant_id: string;
  run_id: string;
  dataset_id: string;
  tags: GeneratedJson;
  created_at: GeneratedTimestamp;
}

export interface RunModels {
  tenant_id: string;
  run_id: string;
  direction: string;
  model_id: string;
  step: Generated<number>;
  created_at: GeneratedTimestamp;
}

export interface RunSets {
  tenant_id: string;
  set_id: string;
  run_ids: string[];
  used_at: GeneratedTimestamp;
}

export interface Runs {
  tenant_id: string;
  run_id: string;
  experiment_id: number;
  name: string;
  user_id: Generated<string>;
  status: Generated<string>;
  start_time: Generated<number>;
  end_time: number | null;
  deleted_time: number | null;
  lifecycle_stage: Generated<string>;
  artifact_uri: string | null;
  is_linked: Generated<boolean>;
  duration: Generated<number | null>;
}

export interface SavedViews {
  tenant_id: string;
  view_id: Generated<string>;
  experiment_id: number | null;
  name: string;
  path: string;
  query: string;
  is_shared: boolean;
  created_by: string;
  updated_at: GeneratedTimestamp;
}

export interface SealingKeys {
  purpose: string;
  generation: number;
  key_id: string;
  sealed_key: Buffer;
  created_at: GeneratedTimestamp;
}

export interface SearchTerms {
  tenant_id: string;
  kind: string;
  term: string;
  weight: number;
  subject_id: string;
}

export interface SearchTrigrams {
  tenant_id: string;
  trigram: string;
  word: string;
}

export interface SearchWords {
  tenant_id: string;
  word: string;
}

export interface ServiceAccounts {
  tenant_id: string;
  service_account_id: Generated<string>;
  name: string;
  role: string;
  is_active: Generated<boolean>;
  created_at: GeneratedTimestamp;
  created_by: Generated<string>;
  bound_user_ids: Generated<string[]>;
  bound_account_ids: Generated<string[]>;
  updated_at: GeneratedTimestamp;
}

export interface Sessions {
  session_id: Generated<string>;
  user_id: string;
  tenant_id: string | null;
  device: Generated<string>;
  address: Generated<string>;
  created_at: GeneratedTimestamp;
  expires_at: Timestamp;
  ended_at: Timestamp | null;
  end_reason: string | null;
  authenticated_at: GeneratedTimestamp;
  with_factor: Generated<boolean>;
  last_seen_at: GeneratedTimestamp;
  cookie_hash: Buffer | null;
  provider_domain: string | null;
}

export interface SigningKeys {
  kid: string;
  public_jwk: string;
  sealed_private: Buffer | null;
  created_at: GeneratedTimestamp;
  retired_at: Timestamp | null;
  verify_until: Timestamp | null;
}

export interface SpecTerms {
  tenant_id: string;
  term: string;
  weight: number;
  project_id: string;
}

export interface SpecWords {
  tenant_id: string;
  term: string;
  documents: number;
  occurrences: number;
}

export interface Tags {
  tenant_id: string;
  run_id: string;
  key: string;
  value: string;
  experiment_id: number;
  value_head: Generated<string | null>;
  item: Generated<string | null>;
}

export interface TeamMembers {
  tenant_id: string;
  project_id: string;
  member_id: Generated<string>;
  user_id: string | null;
  name: string;
  role: string;
  experience_level: string | null;
  contribution_hours: number | null;
  performance_score: number | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
}

export interface TenantCounters {
  tenant_id: string;
  name: string;
  value: number;
}

export interface Tenants {
  tenant_id: Generated<string>;
  slug: string;
  name: string;
  is_active: Generated<boolean>;
  max_users: Generated<number>;
  max_projects: Generated<number>;
  max_artifacts: Generated<number>;
  settings: GeneratedJson;
  metadata: GeneratedJson;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
  session_idle_minutes: number | null;
  session_days: number | null;
  requires_factor: Generated<boolean>;
  max_storage_bytes: number | null;
  requests_per_second: number | null;
  deletion_began_at: Timestamp | null;
  allowed_email_domains: Generated<string[]>;
  jit_providers: Generated<string[]>;
  jit_role: Generated<string>;
  group_roles: GeneratedJson;
}

export interface TotpFactors {
  user_id: string;
  factor_id: Generated<string>;
  name: string;
  sealed_seed: Buffer;
  last_step: Generated<number>;
  failures: Generated<number>;
  failed_at: Timestamp | null;
  created_at: GeneratedTimestamp;
  confirmed_at: Timestamp | null;
  last_used_at: Timestamp | null;
}

export interface Users {
  user_id: Generated<string>;
  email: string;
  name: Generated<string>;
  password_hash: string | null;
  is_operator: Generated<boolean>;
  is_active: Generated<boolean>;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
  email_verified_at: Timestamp | null;
  deleted_at: Timestamp | null;
  sign_in_epoch: Generated<number>;
}

export interface WebauthnCredentials {
  credential_id: string;
  factor_id: Generated<string>;
  user_id: string;
  name: string;
  public_key: Buffer;
  counter: number;
  transports: Generated<string[]>;
  created_at: GeneratedTimestamp;
  last_used_at: Timestamp | null;
}

export interface WebhookDeliveries {
  tenant_id: string;
  project_id: string;
  webhook_id: string;
  delivery_id: string;
  body_hash: Buffer;
  received_at: Timestamp;
}

export interface Webhooks {
  webhook_id: string;
  tenant_id: string;
  project_id: string;
  kind: string;
  sealed_secret: Buffer;
  created_by: string;
  created_at: GeneratedTimestamp;
}

export interface DB {
  api_keys: ApiKeys;
  artifact_contents: ArtifactContents;
  artifact_leftovers: ArtifactLeftovers;
  artifact_usages: ArtifactUsages;
  artifact_versions: ArtifactVersions;
  artifacts: Artifacts;
  audit_anchors: AuditAnchors;
  audit_copies: AuditCopies;
  audit_events: AuditEvents;
  audit_heads: AuditHeads;
  backup_codes: BackupCodes;
  ci_runs: CiRuns;
  code_aliases: CodeAliases;
  code_branches: CodeBranches;
  code_cells: CodeCells;
  code_changes: CodeChanges;
  code_commits: CodeCommits;
  code_days: CodeDays;
  code_file_people: CodeFilePeople;
  code_files: CodeFiles;
  code_left_out: CodeLeftOut;
  code_people: CodePeople;
  code_person_cells: CodePersonCells;
  code_releases: CodeReleases;
  code_review_ties: CodeReviewTies;
  code_reviews: CodeReviews;
  code_states: CodeStates;
  code_syncs: CodeSyncs;
  datasets: Datasets;
  deployments: Deployments;
  device_sign_ins: DeviceSignIns;
  erasures: Erasures;
  experiment_tags: ExperimentTags;
  experiments: Experiments;
  factor_challenges: FactorChallenges;
  grants: Grants;
  identities: Identities;
  incidents: Incidents;
  insight_due: InsightDue;
  insight_models: InsightModels;
  latest_metrics: LatestMetrics;
  logged_model_metrics: LoggedModelMetrics;
  logged_model_params: LoggedModelParams;
  logged_model_tags: LoggedModelTags;
  logged_models: LoggedModels;
  memberships: Memberships;
  metric_chunks: MetricChunks;
  one_time_tokens: OneTimeTokens;
  operator_audit_anchors: OperatorAuditAnchors;
  operator_audit_events: OperatorAuditEvents;
  operator_audit_heads: OperatorAuditHeads;
  operator_switches: OperatorSwitches;
  params: Params;
  person_keys: PersonKeys;
  predictions: Predictions;
  process_metric_cells: ProcessMetricCells;
  process_metrics: ProcessMetrics;
  project_experiments: ProjectExperiments;
  project_specs: ProjectSpecs;
  projects: Projects;
  provider_flows: ProviderFlows;
  refresh_tokens: RefreshTokens;
  roles: Roles;
  run_datasets: RunDatasets;
  run_models: RunModels;
  run_sets: RunSets;
  runs: Runs;
  saved_views: SavedViews;
  sealing_keys: SealingKeys;
  search_terms: SearchTerms;
  search_trigrams: SearchTrigrams;
  search_words: SearchWords;
  service_accounts: ServiceAccounts;
  sessions: Sessions;
  signing_keys: SigningKeys;
  spec_terms: SpecTerms;
  spec_words: SpecWords;
  tags: Tags;
  team_members: TeamMembers;
  tenant_counters: TenantCounters;
  tenants: Tenants;
  totp_factors: TotpFactors;
  users: Users;
  webauthn_credentials: WebauthnCredentials;
  webhook_deliveries: WebhookDeliveries;
  webhooks: Webhooks;
}
