// Generated from api/openapi.yaml by `npm run generate`. A test compares the two.

export type Money = number;

export type Percent = number;

export type Instant = string;

export type Month = string;

export type Layer = 'bronze' | 'silver' | 'gold' | 'ops';

export type ValueTier = 'Platinum' | 'Gold' | 'Silver' | 'Bronze';

export type CustomerRisk = 'High Risk' | 'Medium Risk' | 'Low Risk' | 'Very Low Risk';

export type ChurnRisk = 'High' | 'Medium' | 'Low' | 'Churned' | 'Prospect';

export type RiskCategory = 'Very High' | 'High' | 'Medium' | 'Low' | 'Very Low';

export type ClaimStatus = 'Submitted' | 'Under Review' | 'Approved' | 'Partially Approved' | 'Denied' | 'Paid';

export type RuleStatus = 'passed' | 'warned' | 'failed' | 'skipped';

export type QuarantineState = 'waiting' | 'released' | 'waived' | 'dropped';

export type TableVersion = {
  table: string;
  version: number;
  committed_at: Instant;
};

export type Meta = {
  as_of: Instant | null;
  data_version: string;
  tables: TableVersion[];
  stale: Stale[];
};

export type Stale = {
  table: string;
  because_of: string;
  since: Instant;
  outcome: 'refused' | 'failed';
  run_id: string;
  rules: string[];
  message: string;
};

export type Pagination = {
  limit: number;
  offset: number;
  next_cursor: string | null;
  total: number | null;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  field?: string;
  next_step: string;
  errors?: FieldError[];
  instance?: string;
};

export type FieldError = {
  field: string;
  detail: string;
  next_step: string;
};

export type RecordPagination = {
  limit: number;
  next_cursor: string | null;
  total: number | null;
};

export type NewCustomer = {
  first_name: string;
  last_name: string;
  email: string;
  phone: string;
  address_line1?: string | null;
  address?: string | null;
  city: string;
  state: string;
  zip_code: string;
  country?: string;
  date_of_birth?: string;
  preferred_contact?: 'Email' | 'Phone' | 'SMS';
  marketing_opt_in?: boolean;
  referral_source?: string | null;
};

export type CustomerChange = {
  first_name?: string;
  last_name?: string;
  email?: string;
  phone?: string;
  address_line1?: string | null;
  address?: string | null;
  city?: string;
  state?: string;
  zip_code?: string;
  country?: string;
  date_of_birth?: string;
  preferred_contact?: 'Email' | 'Phone' | 'SMS';
  marketing_opt_in?: boolean;
  referral_source?: string | null;
};

export type CustomerRecord = {
  customer_id: string;
  first_name: string;
  last_name: string;
  email: string;
  phone: string;
  address_line1: string | null;
  city: string;
  state: string;
  zip_code: string;
  country: string;
  date_of_birth: string | null;
  customer_since: string;
  preferred_contact: string;
  marketing_opt_in: boolean;
  referral_source: string | null;
  customer_segment: string;
  lifetime_value: Money;
  created_at: Instant;
  updated_at: Instant;
  revision: number;
  message?: string;
};

export type NewPet = {
  customer_id: string;
  pet_name: string;
  species: 'Dog' | 'Cat';
  breed: string;
  gender: 'Male' | 'Female';
  date_of_birth: string;
  weight_lbs: number | string;
  color?: string | null;
  microchip_id?: string | null;
  is_neutered?: boolean;
  pre_existing_conditions?: string | null;
  vaccination_status?: 'Up to Date' | 'Up-to-date' | 'Overdue' | 'Unknown';
  adoption_date?: string;
  is_active?: boolean;
};

export type PetChange = {
  pet_name?: string;
  species?: 'Dog' | 'Cat';
  breed?: string;
  gender?: 'Male' | 'Female';
  date_of_birth?: string;
  weight_lbs?: number | string;
  color?: string | null;
  microchip_id?: string | null;
  is_neutered?: boolean;
  pre_existing_conditions?: string | null;
  vaccination_status?: 'Up to Date' | 'Up-to-date' | 'Overdue' | 'Unknown';
  adoption_date?: string;
  is_active?: boolean;
};

export type PetRecord = {
  pet_id: string;
  customer_id: string;
  pet_name: string;
  species: string;
  breed: string;
  gender: string;
  date_of_birth: string;
  weight_lbs: number;
  color: string | null;
  microchip_id: string | null;
  is_neutered: boolean;
  pre_existing_conditions: string | null;
  vaccination_status: string;
  adoption_date: string | null;
  is_active: boolean;
  created_at: Instant;
  updated_at: Instant;
  revision: number;
  message?: string;
};

export type NewPolicy = {
  customer_id: string;
  pet_id: string;
  plan_name: 'Basic' | 'Standard' | 'Premium' | 'Unlimited';
  payment_method?: 'Credit Card' | 'Debit Card' | 'Bank Transfer' | 'PayPal';
  payment_frequency?: 'Monthly' | 'Quarterly' | 'Annual';
  includes_wellness?: boolean;
  includes_dental?: boolean;
  includes_behavioral?: boolean;
  effective_date?: string;
};

export type PolicyRecord = {
  policy_id: string;
  policy_number: string;
  customer_id: string;
  pet_id: string;
  plan_name: string;
  monthly_premium: Money;
  annual_deductible: Money;
  coverage_limit: Money;
  reimbursement_percentage: number;
  effective_date: string;
  expiration_date: string;
  status: string;
  payment_method: string;
  payment_frequency: string;
  waiting_period_days: number;
  includes_wellness: boolean;
  includes_dental: boolean;
  includes_behavioral: boolean;
  cancellation_date: string | null;
  renewal_count: number;
  created_at: Instant;
  updated_at: Instant;
  revision: number;
  message?: string;
};

export type Plan = {
  name: string;
  monthly_premium: Money;
  annual_deductible: Money;
  coverage_limit: Money;
  reimbursement_percentage: number;
  waiting_period_days: number;
};

export type PlanList = {
  plans: Plan[];
};

export type NewClaim = {
  customer_id: string;
  pet_id: string;
  policy_id: string;
  provider_id?: string | null;
  provider_name?: string | null;
  claim_type: 'Accident' | 'Illness' | 'Wellness' | 'Dental' | 'Behavioral';
  claim_category?: 'General' | 'Preventive' | 'Dental' | 'Surgery' | 'Emergency' | 'Diagnostic' | 'Illness' | 'Chronic';
  service_date: string;
  claim_amount?: number | string;
  amount?: number | string;
  diagnosis_code?: string | null;
  diagnosis?: string | null;
  treatment_notes?: string | null;
  description?: string | null;
  invoice_number?: string | null;
  is_emergency?: boolean;
};

export type ClaimRecord = {
  claim_id: string;
  claim_number: string;
  policy_id: string;
  pet_id: string;
  customer_id: string;
  provider_id: string | null;
  claim_type: string;
  claim_category: string;
  service_date: string;
  submitted_date: string;
  claim_amount: Money;
  deductible_applied: Money;
  covered_amount: Money;
  paid_amount: Money;
  status: string;
  denial_reason: string | null;
  processing_days: number | null;
  diagnosis_code: string | null;
  treatment_notes: string | null;
  invoice_number: string | null;
  is_emergency: boolean;
  is_recurring: boolean;
  description: string | null;
  provider_name: string | null;
  created_at: Instant;
  updated_at: Instant;
  revision: number;
  message?: string;
};

export type ClaimEvent = {
  kind: string;
  actor: string;
  detail: string | null;
  at: Instant;
};

export type ClaimRecordDetail = {
  claim_id: string;
  claim_number: string;
  policy_id: string;
  pet_id: string;
  customer_id: string;
  provider_id: string | null;
  claim_type: string;
  claim_category: string;
  service_date: string;
  submitted_date: string;
  claim_amount: Money;
  deductible_applied: Money;
  covered_amount: Money;
  paid_amount: Money;
  status: string;
  denial_reason: string | null;
  processing_days: number | null;
  diagnosis_code: string | null;
  treatment_notes: string | null;
  invoice_number: string | null;
  is_emergency: boolean;
  is_recurring: boolean;
  description: string | null;
  provider_name: string | null;
  created_at: Instant;
  updated_at: Instant;
  revision: number;
  timeline: ClaimEvent[];
};

export type ClaimStatusAnswer = {
  claim_id: string;
  claim_number: string;
  status: string;
  claim_amount: Money;
  covered_amount: Money;
  paid_amount: Money;
  processing_days: number | null;
  denial_reason: string | null;
  updated_at: Instant;
};

export type CustomerRecordList = {
  customers: CustomerRecord[];
  count: number;
  pagination: RecordPagination;
};

export type PetRecordList = {
  pets: PetRecord[];
  count: number;
  pagination: RecordPagination;
};

export type PolicyRecordList = {
  policies: PolicyRecord[];
  count: number;
  pagination: RecordPagination;
};

export type ClaimRecordList = {
  claims: ClaimRecord[];
  count: number;
  pagination: RecordPagination;
};

export type Summary = {
  total_customers: number;
  total_pets: number;
  total_policies: number;
  total_claims: number;
  total_providers: number;
  active_policies: number;
  pending_claims: number;
  premium_in_force: Money;
  total_earned_premium: Money;
  total_claim_amount: Money;
  total_paid_amount: Money;
  approval_rate: Percent;
  denial_rate: Percent;
  loss_ratio: Percent;
  avg_processing_days: number | null;
  median_decision_days: number | null;
  p90_decision_days: number | null;
  decided_claims: number;
  as_of_date: string | null;
  data_path: string;
  meta: Meta;
};

export type MonthlyKpi = {
  year_month: Month;
  is_complete: boolean;
  total_claims: number;
  unique_customers: number;
  unique_pets: number;
  total_claim_amount: Money;
  total_paid_amount: Money;
  avg_claim_amount: Money | null;
  avg_processing_days: number | null;
  median_decision_days: number | null;
  p90_decision_days: number | null;
  approved_count: number;
  denied_count: number;
  approved_claims: number;
  denied_claims: number;
  emergency_claims: number;
  approval_rate: Percent;
  denial_rate: Percent;
  earned_premium: Money;
  loss_ratio: Percent;
  frequency: number;
  severity: Money;
  straight_through_rate: Percent;
  new_customers: number;
  churned_customers: number;
  prev_claims: number | null;
  claims_growth_pct: number | null;
  paid_growth_pct: number | null;
  earned_premium_growth_pct: number | null;
};

export type MonthlyKpiList = {
  kpis: MonthlyKpi[];
  count: number;
  description: string;
  meta: Meta;
};

export type Category = {
  claim_category: string;
  species: string;
  claim_count: number;
  total_amount: Money;
  avg_amount: Money;
  total_paid: Money;
  avg_processing_days: number | null;
};

export type CategoryList = {
  categories: Category[];
  count: number;
  meta: Meta;
};

export type Segment = {
  tier: ValueTier;
  count: number;
  total_premium: Money;
  avg_premium: Money;
  total_claims: number;
  avg_claims: number;
  avg_loss_ratio: Percent;
  total_paid_amount: Money;
};

export type SegmentList = {
  segments: Segment[];
  total_customers: number;
  meta: Meta;
};

export type Customer = {
  customer_id: string;
  full_name: string | null;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  city: string | null;
  state: string | null;
  zip_code: string | null;
  customer_since: string | null;
  total_pets: number;
  total_policies: number;
  active_policies: number;
  total_annual_premium: Money;
  total_claims: number;
  total_claim_amount: Money;
  total_paid_amount: Money;
  loss_ratio: Percent;
  lifetime_value: Money;
  customer_value_tier: ValueTier;
  customer_risk_score: CustomerRisk;
  churn_risk: ChurnRisk;
};

export type CustomerList = {
  customers: Customer[];
  count: number;
  description: string;
  pagination: Pagination;
  meta: Meta;
};

export type Customer360 = {
  customer_id: string;
  full_name: string | null;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  city: string | null;
  state: string | null;
  zip_code: string | null;
  customer_since: string | null;
  age: number | null;
  tenure_months: number | null;
  preferred_contact: string | null;
  marketing_opt_in: boolean | null;
  referral_source: string | null;
  customer_segment: string | null;
  last_contact: string | null;
  total_pets: number;
  dog_count: number;
  cat_count: number;
  active_pets: number;
  avg_pet_age: number | null;
  pet_species_list: string[];
  pet_breeds_list: string[];
  pets_with_conditions: number;
  total_policies: number;
  active_policies: number;
  total_annual_premium: Money;
  avg_annual_premium: Money | null;
  highest_plan_tier: number | null;
  earned_premium: Money;
  first_policy_date: string | null;
  latest_policy_date: string | null;
  avg_renewal_count: number;
  wellness_coverage_count: number;
  dental_coverage_count: number;
  min_days_until_renewal: number | null;
  total_claims: number;
  total_claim_amount: Money;
  total_paid_amount: Money;
  avg_claim_amount: Money | null;
  max_claim_amount: Money | null;
  denied_claims: number;
  emergency_claims: number;
  avg_processing_days: number | null;
  first_claim_date: string | null;
  last_claim_date: string | null;
  unique_claim_categories: number;
  claim_categories_list: string[];
  loss_ratio: Percent;
  claims_per_pet: number;
  lifetime_value: Money;
  engagement_score: number;
  customer_value_tier: ValueTier;
  customer_risk_score: CustomerRisk;
  churn_risk: ChurnRisk;
  churn_drivers: string[];
  next_best_action: string | null;
};

export type Pet = {
  pet_id: string;
  pet_name: string | null;
  species: string | null;
  breed: string | null;
  gender: string | null;
  date_of_birth: string | null;
  age_years: number | null;
  life_stage: string | null;
  pre_existing_conditions: string | null;
  vaccination_status: string | null;
  is_active: boolean | null;
};

export type Policy = {
  policy_id: string;
  policy_number: string | null;
  pet_id: string | null;
  plan_name: string | null;
  status: string | null;
  is_in_force: boolean;
  annual_premium: Money | null;
  annual_deductible: Money | null;
  coverage_limit: Money | null;
  reimbursement_percentage: number | null;
  effective_date: string | null;
  expiration_date: string | null;
  days_until_renewal: number | null;
};

export type Claim = {
  claim_id: string;
  claim_number: string | null;
  customer_id: string | null;
  customer_name: string | null;
  policy_id: string | null;
  pet_id: string | null;
  pet_name: string | null;
  species: string | null;
  breed: string | null;
  plan_name: string | null;
  claim_type: string | null;
  claim_category: string | null;
  service_date: string | null;
  submitted_date: string | null;
  submission_date: string | null;
  service_year_month: Month | null;
  claim_amount: Money | null;
  covered_amount: Money | null;
  paid_amount: Money | null;
  status: ClaimStatus | null;
  denial_reason: string | null;
  processing_days: number | null;
  is_emergency: boolean | null;
  claim_size_category: string | null;
  provider_id: string | null;
  provider_name: string | null;
  is_in_network: boolean | null;
  network_savings: Money | null;
};

export type ClaimList = {
  claims: Claim[];
  count: number;
  filters: {
    status: string | null;
    category: string | null;
    customer_id: string | null;
  };
  description: string;
  pagination: Pagination;
  meta: Meta;
};

export type Provider = {
  provider_id: string;
  provider_name: string | null;
  provider_type: string | null;
  city: string | null;
  state: string | null;
  is_in_network: boolean | null;
  average_rating: number | null;
  total_claims: number;
  unique_customers: number;
  total_claim_amount: Money;
  total_billed: Money;
  total_paid: Money;
  avg_claim_amount: Money | null;
  avg_processing_days: number | null;
  denied_claims: number;
  denial_rate: Percent;
  emergency_visits: number;
  avg_cost_per_visit: Money | null;
  severity_z_score: number;
  decided_claims: number;
  flagged_claims: number;
  flagged_share: Percent;
  provider_tier: 'Preferred' | 'Standard' | 'Review Required';
};

export type ProviderList = {
  providers: Provider[];
  count: number;
  pagination: Pagination;
  meta: Meta;
};

export type RiskFactor = {
  factor: 'pet_age_risk' | 'condition_risk' | 'claims_frequency_risk' | 'emergency_risk' | 'loss_ratio_risk';
  points: number;
  share_pct: Percent;
};

export type Risk = {
  customer_id: string;
  full_name: string | null;
  total_risk_score: number;
  risk_category: RiskCategory;
  pet_age_risk: number;
  condition_risk: number;
  claims_frequency_risk: number;
  emergency_risk: number;
  loss_ratio_risk: number;
  breed_risk: number | null;
  factors: RiskFactor[];
  recommended_action: string;
  recommendation: string;
};

export type RiskList = {
  risk_scores: Risk[];
  distribution: Record<string, number>;
  count: number;
  pagination: Pagination;
  meta: Meta;
};

export type CrossSell = {
  customer_id: string;
  full_name: string | null;
  email: string | null;
  customer_value_tier: ValueTier;
  active_policies: number;
  current_plans: number;
  recommendation: 'Plan Upgrade' | 'Add Wellness Coverage' | 'Add Dental Coverage' | 'Insure Additional Pets' | 'Retain & Engage';
  recommendation_reason: string;
  upgrade_opportunity: boolean;
  wellness_opportunity: boolean;
  dental_opportunity: boolean;
  multi_pet_opportunity: boolean;
  estimated_revenue_opportunity: Money;
  priority_score: number;
};

export type CrossSellList = {
  recommendations: CrossSell[];
  count: number;
  total_opportunity: Money;
  pagination: Pagination;
  meta: Meta;
};

export type CustomerDetail = {
  customer: Customer360;
  pets: Pet[];
  policies: Policy[];
  claims: Claim[];
  risk: Risk | null;
  cross_sell: CrossSell | null;
  description: string;
  meta: Meta;
};

export type Run = {
  run_id: string;
  status: 'succeeded' | 'failed' | 'skipped' | 'running';
  operation: string;
  started_at: Instant;
  finished_at: Instant | null;
  rows_written: number | null;
  message: string | null;
};

export type Table = {
  table: string;
  layer: Layer;
  name: string;
  description: string;
  key: string[];
  inputs: string[];
  version: number | null;
  committed_at: Instant | null;
  stale: Stale | null;
  rows: number;
  files: number;
  bytes: number;
  quality_score: number | null;
  refused_rows: number;
  last_run: Run | null;
};

export type TableList = {
  tables: Table[];
  count: number;
  meta: Meta;
};

export type Column = {
  name: string;
  type: string;
  nullable: boolean;
  description: string | null;
  formula: string | null;
  unit: string | null;
};

export type Commit = {
  version: number;
  timestamp: Instant;
  operation: string;
  user: string | null;
  run_id: string | null;
  parameters: Record<string, string>;
  metrics: Record<string, string>;
};

export type RefusedCount = {
  table: string;
  rule: string;
  reason: string;
  waiting: number;
  released: number;
  dropped: number;
};

export type TableDetail = {
  table: Table;
  columns: Column[];
  partition_by: string[];
  properties: Record<string, string>;
  history: Commit[];
  upstream: string[];
  downstream: string[];
  model: string | null;
  refused: RefusedCount[];
  results: QualityResult[];
  meta: Meta;
};

export type LineageWay = 'identity' | 'transformation' | 'aggregation' | 'join' | 'group_by' | 'filter' | 'sort' | 'window' | 'conditional';

export type LineageSource = {
  table: string;
  column: string | null;
  field: string | null;
  way: LineageWay;
};

export type LineageColumn = {
  column: string;
  type: string;
  doc: string | null;
  unit: string | null;
  sources: LineageSource[];
};

export type LineageTable = {
  table: string;
  layer: 'raw' | 'bronze' | 'silver' | 'gold' | 'serving';
  kind: 'source' | 'append' | 'keyed' | 'full' | 'view' | 'function';
  description: string;
  files: string[];
  reads: string[];
  sql: string | null;
  columns: LineageColumn[];
  rows: LineageSource[];
};

export type Lineage = {
  tables: LineageTable[];
  count: number;
  meta: Meta;
};

export type ModelColumn = {
  name: string;
  type: string;
  doc: string;
  unit: string;
  added: boolean;
};

export type ModelRule = {
  rule: string;
  kind: string;
  action: 'flag' | 'warn' | 'quarantine' | 'drop' | 'fail';
  demand: string;
  when: string | null;
  reason: string | null;
  columns: string[];
};

export type Model = {
  model: string;
  layer: 'bronze' | 'silver' | 'gold' | 'serving';
  kind: 'append' | 'keyed' | 'full' | 'view' | 'function';
  description: string;
  file: string;
  owner: string | null;
  key: string[];
  latest_by: string[];
  clock: 'day' | null;
  partition: string[];
  about: string | null;
  parameters: ModelParameter[];
  tags: ModelTag[];
  inputs: string[];
  rule_inputs: string[];
  readers: string[];
  columns: ModelColumn[];
  rules: ModelRule[];
  sql: string;
};

export type ModelParameter = {
  name: string;
  type: string;
};

export type ModelTag = {
  tag: string;
  columns: string[];
};

export type ModelList = {
  models: Model[];
  count: number;
  meta: Meta;
};

export type QualityResult = {
  run_id: string;
  table: string;
  rule: string;
  kind: string;
  column: string | null;
  action: 'flag' | 'warn' | 'quarantine' | 'drop' | 'fail';
  status: RuleStatus;
  rows_checked: number;
  rows_failed: number;
  message: string | null;
  checked_at: Instant;
};

export type QualityResultList = {
  results: QualityResult[];
  count: number;
  pagination: Pagination;
  meta: Meta;
};

export type QuarantinedRow = {
  table: string;
  key: string | null;
  rule: string;
  reason: string;
  position: string;
  source_file: string | null;
  state: QuarantineState;
  quarantined_at: Instant;
  released_at: Instant | null;
};

export type QuarantineList = {
  counts: RefusedCount[];
  rows: QuarantinedRow[];
  count: number;
  pagination: Pagination;
  meta: Meta;
};

export type LayerStatus = {
  status: 'empty' | 'ready' | 'stale' | 'failed';
  record_count: number;
  description: string;
  last_update: Instant | null;
};

export type ProcessingLogEntry = {
  timestamp: Instant;
  action: 'BRONZE_INGEST' | 'SILVER_PROCESS' | 'GOLD_PROCESS';
  claim_id: string | null;
  table: string;
  version: number | null;
  run_id: string | null;
  message: string;
};

export type PipelineStatus = {
  data_source: 'lake' | 'demo';
  layers: {
    bronze: LayerStatus;
    silver: LayerStatus;
    gold: LayerStatus;
  };
  metrics: {
    total_customers: number;
    total_pets: number;
    total_policies: number;
    total_claims: number;
    total_providers: number;
  };
  data_quality: {
    completeness: number | null;
    accuracy: number | null;
    freshness: Instant | null;
  };
  pending_claims: {
    bronze: number;
    silver: number;
    gold: number;
  };
  processing_log: ProcessingLogEntry[];
  last_processes: {
    BRONZE_INGEST: Instant | null;
    SILVER_PROCESS: Instant | null;
    GOLD_PROCESS: Instant | null;
  };
  execution_info: {
    mode: 'embedded';
    engine: string;
    description: string;
  };
  meta: Meta;
};

export type Health = {
  status: 'ok';
  service: 'claimlake';
  version: string;
};

export type Readiness = {
  status: 'ready' | 'not_ready';
  checks: {
    name: string;
    ok: boolean;
    detail: string;
  }[];
};

export type ModeName = 'continuous' | 'scheduled' | 'manual';

export type StepName = 'silver' | 'gold';

export type PipelineMode = {
  mode: ModeName;
  every?: string;
  cron?: string;
  changed_at?: Instant;
  changed_by?: string;
  run_by: string | null;
};

export type Schedule = {
  mode: ModeName;
  every?: string;
  cron?: string;
  changed_at?: Instant;
  changed_by?: string;
};

export type ModeChange = {
  mode?: ModeName;
  every?: string;
  cron?: string;
};

export type LiveFile = {
  file: string;
  bytes: number;
  since: Instant;
  reason: string;
};

export type LiveProblem = {
  of: string;
  message: string;
  since: Instant;
  again_at: Instant | null;
};

export type LiveState = {
  pipeline: Schedule;
  today: string;
  next_due: Instant | null;
  files_waiting: number;
  being_written: LiveFile[];
  files_refused: LiveFile[];
  problems: LiveProblem[];
};

export type LastRun = {
  run: string;
  outcome: TableOutcome;
  finished_at: Instant;
};

export type LiveTable = {
  table: string;
  version: number | null;
  committed_at: Instant | null;
  rows: number;
  rows_in: number;
  waiting: number;
  refused: number;
  lag_seconds: number;
  problem?: string;
  stale: Stale | null;
  last_run?: LastRun | null;
};

export type LivePipeline = {
  pipeline: Schedule;
  run_by: string | null;
  next_due: Instant | null;
  state: LiveState | null;
  tables: LiveTable[];
};

export type LiveEvent = {
  event: 'refresh' | 'state' | 'commits';
  noticed_at?: Instant;
  finished_at: Instant;
  seconds?: number;
  ingest?: StepReport | null;
  run?: StepReport | null;
  pipeline?: Schedule;
  today?: string;
  next_due?: Instant | null;
  files_waiting?: number;
  being_written?: LiveFile[];
  files_refused?: LiveFile[];
  problems?: LiveProblem[];
  tables: LiveTable[];
};

export type WaitingCount = {
  step: StepName;
  from: string;
  change: 'insert' | 'update' | 'delete';
  rows: number;
  for: string;
};

export type WaitingRow = {
  step: StepName;
  table: string;
  from: string;
  change: 'insert' | 'update' | 'delete';
  key: string | null;
  file: string | null;
  position: number | null;
};

export type WaitingList = {
  counts: WaitingCount[];
  rows: WaitingRow[];
};

export type StepChoice = {
  step: StepName;
};

export type TableOutcome = 'built' | 'skipped' | 'refused' | 'failed' | 'waiting';

export type StepTable = {
  table: string;
  outcome: TableOutcome;
  version: number | null;
  rows: number;
  refused_rows: number;
  seconds: number;
  way: string;
  message: string;
};

export type StepReport = {
  run: string;
  started_at: Instant;
  seconds: number;
  rows: number;
  refused_rows: number;
  ok: boolean;
  publish?: 'each' | 'together';
  tables: StepTable[];
};

export type WaiverRequest = {
  table: string;
  key: string;
  rule?: string;
  why: string;
  by?: string;
};

export type WaiverChange = {
  table: string;
  key: string | null;
  id: string;
  rules: string[];
  still_refused_by: string[];
  by: string;
  why: string;
};

export type WaiverChangeList = {
  changes: WaiverChange[];
};

export type RecheckRequest = {
  table: string;
  key?: string;
  rule?: string;
};

export type RecheckOutcome = 'refused' | 'goes in' | 'waived' | 'gone';

export type RecheckedRow = {
  table: string;
  key: string | null;
  id: string;
  outcome: RecheckOutcome;
  rules: string;
  reason: string;
};

export type RecheckCounts = {
  refused: number;
  goes_in: number;
  waived: number;
  gone: number;
};

export type RecheckAnswer = {
  counts: RecheckCounts;
  rows: RecheckedRow[];
};

export type ReplayAnswer = {
  counts: RecheckCounts;
  rows: RecheckedRow[];
  run: StepReport | null;
};

export type WhyQuestion = {
  table: string;
  key: string;
};

export type WhyWritten = {
  version: number;
  time: Instant;
  run: string;
  way: string;
};

export type WhyRefused = {
  table: string;
  key: string;
  reason: string;
  state: string;
  source_file: string;
  source_position: string | null;
  batch: string;
  since: string;
};

export type WhySource = {
  table: string;
  column: string | null;
  way: LineageWay;
  value?: string | null;
};

export type WhyColumn = {
  column: string;
  value: string | null;
  from: WhySource[];
};

export type WhyRule = {
  rule: string;
  demand: string;
  outcome: string;
  of: 'row' | 'table';
};

export type WhyWaiver = {
  table: string;
  key: string;
  rule: string;
  by: string;
  why: string;
  at: string;
  withdrawn_by: string | null;
};

export type WhyInput = {
  table: string;
  version: number | null;
  whole: string | null;
  problem: string | null;
  count: number | null;
  rows: (Record<string, string | null>)[];
  written: WhyWritten[];
  refused: WhyRefused[];
  waivers: WhyWaiver[];
  inputs: WhyInput[];
};

export type Why = {
  table: string;
  key: Record<string, string>;
  version: number;
  present: boolean;
  written: WhyWritten | null;
  columns: WhyColumn[];
  rules: WhyRule[];
  refused: WhyRefused[];
  waivers: WhyWaiver[];
  inputs: WhyInput[];
};

// The answer of each operation, by operationId.
export type Answers = {
  getSummary: Summary;
  listMonthlyKpis: MonthlyKpiList;
  listClaimCategories: CategoryList;
  listSegments: SegmentList;
  listCustomers: CustomerList;
  getCustomer: CustomerDetail;
  listClaims: ClaimList;
  listProviders: ProviderList;
  listRisks: RiskList;
  listCrossSell: CrossSellList;
  listTables: TableList;
  getTable: TableDetail;
  getLineage: Lineage;
  listModels: ModelList;
  getWhy: Why;
  listQualityResults: QualityResultList;
  listQuarantine: QuarantineList;
  waiveRow: WaiverChangeList;
  withdrawWaiver: WaiverChangeList;
  recheckRows: RecheckAnswer;
  replayRows: ReplayAnswer;
  getPipelineStatus: PipelineStatus;
  getLivePipeline: LivePipeline;
  getPipelineMode: PipelineMode;
  setPipelineMode: PipelineMode;
  listWaiting: WaitingList;
  takeStep: StepReport;
  listEnteredCustomers: CustomerRecordList;
  createCustomer: CustomerRecord;
  readCustomer: CustomerRecord;
  changeCustomer: CustomerRecord;
  listPets: PetRecordList;
  createPet: PetRecord;
  readPet: PetRecord;
  changePet: PetRecord;
  listPolicies: PolicyRecordList;
  createPolicy: PolicyRecord;
  listPlans: PlanList;
  readPolicy: PolicyRecord;
  listEnteredClaims: ClaimRecordList;
  createClaim: ClaimRecord;
  readClaim: ClaimRecordDetail;
  readClaimStatus: ClaimStatusAnswer;
  getHealth: Health;
  getReadiness: Readiness;
};

// How figures are computed, in the words of the contract.
export const formulas = {
  Summary: {
    total_customers: "Customers in gold.customer_360_view.",
    total_claims: "Claims in gold.claims_analytics, whatever their status.",
    active_policies: "Policies with status Active whose term includes the as-of date.",
    pending_claims: "Claims that are Submitted or Under Review.",
    premium_in_force: "Annual premium of the policies in force.",
    total_earned_premium: "Annual premium × days in force up to the as-of date ÷ days of the term, over all policies.",
    total_claim_amount: "Sum of what was claimed.",
    total_paid_amount: "Sum of what was paid.",
    approval_rate: "(Approved + Partially Approved + Paid) ÷ decided claims. Pending claims are not counted.",
    denial_rate: "Denied ÷ decided claims.",
    loss_ratio: "Paid ÷ earned premium, since the first policy.",
    avg_processing_days: "Mean days from submission to decision, over decided claims.",
    median_decision_days: "Median days from submission to decision.",
    p90_decision_days: "Nine of ten claims are decided within these days.",
    decided_claims: "Claims that are Approved, Partially Approved, Paid or Denied.",
  },
  MonthlyKpi: {
    approved_claims: "Approved + Partially Approved + Paid.",
    approval_rate: "Approved claims ÷ decided claims of the month.",
    earned_premium: "Premium earned by the days in force within the month.",
    loss_ratio: "Paid for services of the month ÷ premium earned in the month; 0 where nothing is earned.",
    frequency: "Claims ÷ policy years in force in the month.",
    severity: "Paid ÷ claims with a payment.",
    straight_through_rate: "Share of decided claims that were decided within one day.",
  },
  Customer: {
    loss_ratio: "Paid ÷ earned premium; 0 where nothing is earned.",
    lifetime_value: "Premium earned − paid.",
  },
  Customer360: {
    loss_ratio: "Paid ÷ earned premium; 0 where nothing is earned.",
    lifetime_value: "Premium earned − paid.",
  },
  Provider: {
    severity_z_score: "(Own mean claim − mean of providers of the same type) ÷ their standard deviation; 0 where they do not differ.",
  },
  Risk: {
    total_risk_score: "Sum of the factors, at most 100.",
  },
} as const;
