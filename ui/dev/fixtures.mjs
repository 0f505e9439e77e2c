// Answers as the server gives them, made up from one seed, to look at the page without a lake.
// Names are words for trees and waters, addresses are at example.com.

function random_of(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const first_names = ['Alder', 'Aspen', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Juniper', 'Larch', 'Linden', 'Maple', 'Oak', 'Rowan', 'Willow', 'Yew'];
const last_names = ['Bay', 'Beck', 'Brook', 'Creek', 'Firth', 'Ford', 'Lake', 'Marsh', 'Mere', 'Pond', 'Rill', 'Tarn'];
const places = [['Austin', 'TX', '78701'], ['Denver', 'CO', '80202'], ['Portland', 'OR', '97201'], ['Madison', 'WI', '53703']];
const plans = [['Basic', 359.88, 500, 5000, 70], ['Standard', 599.88, 250, 10000, 80], ['Premium', 959.88, 100, 20000, 90], ['Unlimited', 1439.4, 0, 999999, 100]];
const categories = ['Illness', 'Preventive', 'Emergency', 'Diagnostic', 'Dental', 'Surgery', 'Chronic'];
const cents = (value) => Math.round(value * 100) / 100;
const month_of = (index) => new Date(Date.UTC(2024, index, 1)).toISOString().slice(0, 7);
const date_of = (days) => new Date(Date.UTC(2026, 0, 9) + days * 86400e3).toISOString().slice(0, 10);

export function make_lake(started_ms) {
  const random = random_of(20260109);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const id = () => Array.from({ length: 4 }, () => Math.floor(random() * 65536).toString(16).padStart(4, '0')).join('-');
  const committed = (seconds) => new Date(started_ms - seconds * 1000).toISOString().replace('Z', '000Z');

  const make_customer = (n) => {
    const [first, last, place] = [first_names[n % 14], last_names[Math.floor(n / 14) % 12], pick(places)];
    const customer_id = id();
    const pets = Array.from({ length: 1 + Math.floor(random() * 2.4) }, () => make_pet());
    const policies = pets.map((pet) => make_policy(pet));
    const in_force = policies.filter((policy) => policy.is_in_force);
    const claims = Array.from({ length: Math.floor(random() * 9) }, (_, i) => make_claim(customer_id, `${first} ${last}`, pick(policies), pets, i));
    claims.sort((a, b) => b.submitted_date.localeCompare(a.submitted_date));
    const sum = (rows, field) => cents(rows.reduce((total, row) => total + row[field], 0));
    const premium = sum(in_force, 'annual_premium');
    const earned = cents(sum(policies, 'annual_premium') * (0.4 + random()));
    const paid = sum(claims, 'paid_amount');
    const ratio = earned ? cents((100 * paid) / earned) : 0;
    const renewal = in_force.length ? Math.min(...in_force.map((policy) => policy.days_until_renewal)) : null;
    const churn = renewal === null ? 'Churned' : renewal < 30 ? 'High' : renewal < 60 ? 'Medium' : 'Low';
    const customer = {
      customer_id, full_name: `${first} ${last}`, first_name: first, last_name: last,
      email: `${first}.${last}@example.com`.toLowerCase(), phone: `+1512555${String(1000 + n).slice(-4)}`,
      city: place[0], state: place[1], zip_code: place[2], customer_since: date_of(-400 - Math.floor(random() * 900)),
      age: 22 + Math.floor(random() * 50), tenure_months: 13 + Math.floor(random() * 30), preferred_contact: pick(['Email', 'Phone', 'SMS']),
      marketing_opt_in: random() < 0.5, referral_source: 'Google', customer_segment: 'Active', last_contact: date_of(-Math.floor(random() * 200)),
      total_pets: pets.length, dog_count: pets.filter((pet) => pet.species === 'Dog').length, cat_count: pets.filter((pet) => pet.species === 'Cat').length,
      active_pets: pets.length, avg_pet_age: 4.5, pet_species_list: ['Cat', 'Dog'], pet_breeds_list: ['Beagle', 'Siamese'], pets_with_conditions: pets.filter((pet) => pet.pre_existing_conditions).length,
      total_policies: policies.length, active_policies: in_force.length, total_annual_premium: premium,
      avg_annual_premium: in_force.length ? cents(premium / in_force.length) : null, highest_plan_tier: 3, earned_premium: earned,
      first_policy_date: date_of(-700), latest_policy_date: date_of(-90), avg_renewal_count: 1.5, wellness_coverage_count: 0, dental_coverage_count: 0, min_days_until_renewal: renewal,
      total_claims: claims.length, total_claim_amount: sum(claims, 'claim_amount'), total_paid_amount: paid,
      avg_claim_amount: claims.length ? cents(sum(claims, 'claim_amount') / claims.length) : null,
      max_claim_amount: claims.length ? Math.max(...claims.map((claim) => claim.claim_amount)) : null,
      denied_claims: claims.filter((claim) => claim.status === 'Denied').length, emergency_claims: claims.filter((claim) => claim.is_emergency).length,
      avg_processing_days: claims.length ? 4.1 : null, first_claim_date: claims.at(-1)?.service_date ?? null, last_claim_date: claims[0]?.service_date ?? null, unique_claim_categories: 1, claim_categories_list: ['Illness'],
      loss_ratio: ratio, claims_per_pet: cents(claims.length / pets.length), lifetime_value: cents(earned - paid), engagement_score: 20 + claims.length * 10,
      customer_value_tier: premium > 1000 ? 'Platinum' : premium > 500 ? 'Gold' : premium > 200 ? 'Silver' : 'Bronze',
      customer_risk_score: ratio > 150 ? 'High Risk' : ratio > 100 ? 'Medium Risk' : ratio > 50 ? 'Low Risk' : 'Very Low Risk',
      churn_risk: churn, churn_drivers: churn === 'Low' ? [] : churn === 'Churned' ? ['No policy in force'] : [`A policy is due for renewal in ${renewal} days`, 'No wellness cover'],
      next_best_action: churn === 'Low' ? 'Offer wellness cover' : 'Call before the renewal',
    };
    return { customer, pets, policies, claims, risk: make_risk(customer), cross_sell: make_cross_sell(customer) };
  };
  const make_pet = () => {
    const species = random() < 0.6 ? 'Dog' : random() < 0.85 ? 'Cat' : 'Bird';
    return { pet_id: id(), pet_name: pick(['Biscuit', 'Pepper', 'Mochi', 'Clover', 'Pickle', 'Waffle']), species, breed: species === 'Dog' ? 'Beagle' : species === 'Cat' ? 'Siamese' : 'Canary', gender: pick(['Male', 'Female']), date_of_birth: '2020-05-04', age_years: 5, life_stage: 'Adult', pre_existing_conditions: random() < 0.2 ? 'Allergies' : null, vaccination_status: 'Up to Date', is_active: true };
  };
  const make_policy = (pet) => {
    const plan = pick(plans);
    const left = Math.floor(random() * 365);
    const is_in_force = random() < 0.8;
    return { policy_id: id(), policy_number: `PI2025-${String(Math.floor(random() * 1e6)).padStart(6, '0')}`, pet_id: pet.pet_id, plan_name: plan[0], status: is_in_force ? 'Active' : 'Expired', is_in_force, annual_premium: plan[1], annual_deductible: plan[2], coverage_limit: plan[3], reimbursement_percentage: plan[4], effective_date: date_of(is_in_force ? left - 365 : -500), expiration_date: date_of(is_in_force ? left : -135), days_until_renewal: is_in_force ? left : null };
  };
  const make_claim = (customer_id, customer_name, policy, pets, i) => {
    const status = pick(['Paid', 'Paid', 'Approved', 'Partially Approved', 'Denied', 'Submitted', 'Under Review']);
    const amount = cents(80 + random() * 900);
    const pays = ['Paid', 'Approved', 'Partially Approved'].includes(status);
    const pending = status === 'Submitted' || status === 'Under Review';
    const service = date_of(-10 - i * 40 - Math.floor(random() * 20));
    const category = pick(categories);
    const pet = pets.find((candidate) => candidate.pet_id === policy.pet_id);
    return { claim_id: id(), claim_number: `CLM2025${String(Math.floor(random() * 1e6)).padStart(6, '0')}`, customer_id, customer_name, policy_id: policy.policy_id, pet_id: policy.pet_id, pet_name: pet.pet_name, species: pet.species, breed: pet.breed, plan_name: policy.plan_name, claim_type: category === 'Illness' ? 'Ear Infection' : `${category} visit`, claim_category: category, service_date: service, submitted_date: service, submission_date: service, service_year_month: service.slice(0, 7), claim_amount: amount, covered_amount: pays ? cents(amount * 0.7) : 0, paid_amount: pays ? cents(amount * 0.7) : 0, status, denial_reason: status === 'Denied' ? 'Waiting period' : null, processing_days: pending ? null : 1 + Math.floor(random() * 8), is_emergency: category === 'Emergency', claim_size_category: amount < 500 ? 'Medium ($100-$500)' : 'Large ($500-$2000)', provider_id: 'provider-1', provider_name: 'Lakeside Animal Clinic', is_in_network: true, network_savings: cents(amount * 0.15) };
  };
  const make_risk = (customer) => {
    const points = { pet_age_risk: 10, condition_risk: customer.pets_with_conditions * 15, claims_frequency_risk: 5, emergency_risk: customer.emergency_claims > 1 ? 10 : 0, loss_ratio_risk: customer.loss_ratio > 100 ? 20 : 0 };
    const total = Object.values(points).reduce((a, b) => a + b, 0);
    const factors = Object.entries(points).map(([factor, value]) => ({ factor, points: value, share_pct: cents((100 * value) / total) })).sort((a, b) => b.points - a.points);
    return { customer_id: customer.customer_id, full_name: customer.full_name, total_risk_score: Math.min(100, total), risk_category: total > 80 ? 'Very High' : total > 60 ? 'High' : total > 40 ? 'Medium' : total > 20 ? 'Low' : 'Very Low', ...points, breed_risk: null, factors, recommended_action: 'Standard monitoring', recommendation: 'Standard monitoring' };
  };
  const make_cross_sell = (customer) => ({ customer_id: customer.customer_id, full_name: customer.full_name, email: customer.email, customer_value_tier: customer.customer_value_tier, active_policies: customer.active_policies, current_plans: customer.active_policies, recommendation: 'Add Wellness Coverage', recommendation_reason: 'No policy in force covers wellness.', upgrade_opportunity: false, wellness_opportunity: true, dental_opportunity: false, multi_pet_opportunity: false, estimated_revenue_opportunity: 120, priority_score: 71.5 });

  const customers = Array.from({ length: 168 }, (_, n) => make_customer(n));
  const kpis = Array.from({ length: 25 }, (_, index) => make_month(index, random)).map((month, index, all) => {
    const before = all[index - 1]?.total_claims ?? null;
    return { ...month, prev_claims: before, claims_growth_pct: before ? cents((100 * (month.total_claims - before)) / before) : null, paid_growth_pct: null, earned_premium_growth_pct: null };
  });
  return { customers, kpis, tables: make_tables(committed), categories: make_categories(random), committed };
}

function make_month(index, random) {
  const is_complete = index < 24;
  const total = Math.round((420 + index * 14 + 60 * Math.sin(index / 2)) * (is_complete ? 1 : 0.3) + random() * 40);
  const earned = cents((150000 + index * 5200) * (is_complete ? 1 : 0.29));
  const ratio = cents(62 + 10 * Math.sin(index / 3) + random() * 6);
  const paid = cents((earned * ratio) / 100);
  const approved = Math.round(total * 0.78);
  return { year_month: month_of(index), is_complete, total_claims: total, unique_customers: Math.round(total * 0.93), unique_pets: Math.round(total * 0.95), total_claim_amount: cents(paid * 1.6), total_paid_amount: paid, avg_claim_amount: cents((paid * 1.6) / total), avg_processing_days: cents(3.6 + random()), median_decision_days: 4, p90_decision_days: 8, approved_count: approved, denied_count: Math.round(total * 0.16), approved_claims: approved, denied_claims: Math.round(total * 0.16), emergency_claims: Math.round(total * 0.12), approval_rate: 82.98, denial_rate: 17.02, earned_premium: earned, loss_ratio: ratio, frequency: 1.92, severity: cents(paid / total), straight_through_rate: 41.2, new_customers: 120, churned_customers: 40 };
}

function make_categories(random) {
  return categories.flatMap((claim_category, index) =>
    [['Dog', 1], ['Cat', 0.62], ['Bird', 0.08], ['Exotic', 0.07]].map(([species, share]) => {
      const claim_count = Math.round((2100 - index * 250) * share * (0.9 + random() * 0.2));
      const avg_amount = cents(140 + index * 90);
      return { claim_category, species, claim_count, total_amount: cents(claim_count * avg_amount), avg_amount, total_paid: cents(claim_count * avg_amount * 0.62), avg_processing_days: cents(3.4 + random() * 1.5) };
    }),
  );
}

function make_tables(committed) {
  const run = (status, rows) => ({ run_id: 'run-1', status, operation: 'full refresh', started_at: committed(7), finished_at: committed(6), rows_written: rows, message: null });
  const table = (layer, name, rows, inputs, key, more = {}) => ({ table: `${layer}.${name}`, layer, name, description: `One row per ${key[0]?.replace('_id', '') ?? 'record'}.`, key, inputs, version: layer === 'bronze' ? 3 : 12, committed_at: committed(layer === 'gold' ? 4 : 6), stale: null, rows, files: 1 + Math.floor(rows / 9000), bytes: rows * 61 + 4100, quality_score: layer === 'bronze' ? null : 99.2, refused_rows: 0, last_run: run('succeeded', rows), ...more });
  const raw = ['customers', 'pets', 'policies', 'vet_providers', 'claims'].map((name, i) => table('bronze', `${name}_raw`, [5000, 6500, 6000, 200, 15000][i], [], []));
  return [
    ...raw,
    table('silver', 'dim_customers', 4991, ['bronze.customers_raw'], ['customer_id'], { quality_score: 98.71, refused_rows: 9 }),
    table('silver', 'dim_pets', 6493, ['bronze.pets_raw', 'silver.dim_customers'], ['pet_id'], { refused_rows: 7 }),
    table('silver', 'dim_policies', 6000, ['bronze.policies_raw', 'silver.dim_pets'], ['policy_id']),
    table('silver', 'dim_vet_providers', 200, ['bronze.vet_providers_raw'], ['provider_id'], { last_run: run('skipped', null) }),
    table('silver', 'fact_claims', 14958, ['bronze.claims_raw', 'silver.dim_policies', 'silver.dim_vet_providers'], ['claim_id'], { quality_score: 97.4, refused_rows: 42 }),
    table('gold', 'customer_360_view', 4991, ['silver.dim_customers', 'silver.dim_pets', 'silver.dim_policies', 'silver.fact_claims'], ['customer_id']),
    table('gold', 'claims_analytics', 14958, ['silver.fact_claims', 'silver.dim_pets', 'silver.dim_policies', 'silver.dim_vet_providers'], ['claim_id']),
    table('gold', 'claims_by_month', 25, ['silver.fact_claims'], ['year_month']),
    table('gold', 'claims_by_provider', 200, ['silver.fact_claims'], ['provider_id']),
    table('gold', 'decisions_by_month', 300, ['silver.fact_claims'], ['year_month', 'processing_days']),
    table('gold', 'policies_by_month', 60, ['silver.dim_policies'], ['year_month']),
    table('gold', 'monthly_kpis', 25, ['gold.claims_by_month', 'gold.decisions_by_month', 'gold.policies_by_month'], ['year_month']),
    table('gold', 'cross_sell_recommendations', 4991, ['gold.customer_360_view'], ['customer_id']),
    table('gold', 'provider_performance', 200, ['gold.claims_by_provider', 'silver.dim_vet_providers'], ['provider_id']),
    table('gold', 'risk_scoring', 4991, ['gold.customer_360_view'], ['customer_id']),
    table('ops', 'quarantine', 58, [], []),
    table('ops', 'quality_results', 412, [], []),
  ];
}

export function refused_rows(lake, name) {
  const { refused_rows: waiting } = lake.tables.find((table) => table.table === name) ?? { refused_rows: 0 };
  const count = { table: name, rule: 'policy_exists', reason: 'no row of silver.dim_policies has this policy_id', waiting, released: 3, dropped: 0 };
  const rows = Array.from({ length: waiting }, (_, i) => ({ table: name, key: `key-${i}`, rule: count.rule, reason: count.reason, position: `line ${140 + 7 * i}`, source_file: 'claims.jsonl', state: 'waiting', quarantined_at: lake.committed(60), released_at: null }));
  return { counts: waiting ? [count] : [], rows };
}

function reach(tables, start, next) {
  const found = [];
  let edge = [start];
  while (edge.length) {
    edge = [...new Set(edge.flatMap(next))].filter((name) => !found.includes(name) && tables.some((table) => table.table === name));
    found.push(...edge);
  }
  return found;
}

export function table_detail(lake, name) {
  const table = lake.tables.find((candidate) => candidate.table === name);
  if (!table) return undefined;
  const columns = [
    { name: table.key[0] ?? 'line', type: 'string', nullable: false, description: 'Business key', formula: null, unit: null },
    { name: 'loss_ratio', type: 'decimal(18,2)', nullable: true, description: 'What was paid of what was earned', formula: '100 * total_paid_amount / earned_premium; 0 where nothing is earned', unit: 'percent' },
    { name: 'total_paid_amount', type: 'decimal(18,2)', nullable: false, description: 'Sum of what was paid', formula: 'sum(paid_amount)', unit: 'USD' },
    { name: '_gold_processed_at', type: 'timestamp', nullable: false, description: 'When this row was computed', formula: null, unit: null },
  ];
  const history = Array.from({ length: Math.min(6, table.version + 1) }, (_, i) => ({ version: table.version - i, timestamp: lake.committed(6 + i * 3600), operation: 'WRITE', user: 'claimlake', run_id: `run-${table.version - i}`, parameters: { mode: 'Overwrite' }, metrics: { numOutputRows: String(table.rows) } }));
  const results = [
    { run_id: 'run-1', table: name, rule: 'key_present', kind: 'not_null', column: table.key[0] ?? null, action: 'fail', status: 'passed', rows_checked: table.rows, rows_failed: 0, message: null, checked_at: lake.committed(6) },
    { run_id: 'run-1', table: name, rule: 'amount_range', kind: 'between', column: 'claim_amount', action: 'quarantine', status: table.refused_rows ? 'warned' : 'passed', rows_checked: table.rows, rows_failed: table.refused_rows, message: null, checked_at: lake.committed(6) },
  ];
  const refused = refused_rows(lake, name).counts;
  return {
    table, columns, partition_by: [], properties: {}, history, refused, results,
    upstream: reach(lake.tables, name, (at) => lake.tables.find((t) => t.table === at)?.inputs ?? []),
    downstream: reach(lake.tables, name, (at) => lake.tables.filter((t) => t.inputs.includes(at)).map((t) => t.table)),
    model: table.layer === 'bronze' || table.layer === 'ops' ? null : `${table.layer}/${table.name}.sql`,
  };
}

