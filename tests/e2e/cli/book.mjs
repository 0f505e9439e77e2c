// A pet insurer of one customer, pet, policy and provider with two claims: small enough that a test
// says which of its values it changes.
import { Lake } from './lake.mjs';

const customer = { customer_id: 'C1', first_name: 'Dana', last_name: 'Diaz', email: 'dana.diaz@example.org', phone: '(303) 555-7428', address_line1: '9461 Lake Rd', city: 'Denver', state: 'CO', zip_code: '80202', country: 'USA', date_of_birth: '1973-05-25', customer_since: '2023-03-28', preferred_contact: 'SMS', marketing_opt_in: 'False', referral_source: 'Referral', customer_segment: 'Active', lifetime_value: '1486.80', created_at: '2023-03-28T10:48:25', updated_at: '2024-07-06T15:04:39' };
const pet = { pet_id: 'P1', customer_id: 'C1', pet_name: 'Ginger', species: 'Cat', breed: 'Bengal', gender: 'Male', date_of_birth: '2016-11-24', weight_lbs: '14.7', color: 'Cream', microchip_id: 'MC831817288', is_neutered: 'True', pre_existing_conditions: '', vaccination_status: 'Up to Date', adoption_date: '2017-03-07', is_active: 'True', created_at: '2023-04-14T08:01:42', updated_at: '2023-11-21T18:29:18' };
const policy = { policy_id: 'L1', policy_number: 'PI2024-000001', customer_id: 'C1', pet_id: 'P1', plan_name: 'Standard', monthly_premium: '48.32', annual_deductible: '250', coverage_limit: '15000', reimbursement_percentage: '80', effective_date: '2024-02-02', expiration_date: '2025-02-01', status: 'Expired', payment_method: 'Bank Transfer', payment_frequency: 'Monthly', waiting_period_days: '14', includes_wellness: 'False', includes_dental: 'False', includes_behavioral: 'False', cancellation_date: '', renewal_count: '0', created_at: '2024-01-28T07:23:54', updated_at: '2024-02-02T15:15:57' };
const provider = { provider_id: 'V1', provider_name: 'Hughes Animal Clinic', provider_type: 'Emergency Hospital', address: '82 Oak Ave', city: 'Austin', state: 'TX', zip_code: '78701', phone: '(512) 555-8439', email: 'vet1@example.com', is_in_network: 'True', average_rating: '4.4', total_reviews: '10', accepts_emergency: 'True', operating_hours: '24/7', specialties: '', license_number: 'VETTX14128', created_at: '2021-09-05T08:07:38' };
const claim = { claim_id: 'K1', claim_number: 'CLM2024000001', policy_id: 'L1', pet_id: 'P1', customer_id: 'C1', provider_id: 'V1', claim_type: 'Ear Infection', claim_category: 'Illness', service_date: '2024-05-20', submitted_date: '2024-05-24', claim_amount: 500.0, deductible_applied: 250.0, covered_amount: 200.0, paid_amount: 200.0, status: 'Paid', denial_reason: null, processing_days: 5, diagnosis_code: 'DX1032', treatment_notes: 'Patient responded well.', invoice_number: 'INV335144', is_emergency: false, is_recurring: false, created_at: '2024-05-24T09:25:00', updated_at: '2024-05-29T09:25:00' };

export const a_customer = (changes = {}) => ({ ...customer, ...changes });
export const a_pet = (changes = {}) => ({ ...pet, ...changes });
export const a_policy = (changes = {}) => ({ ...policy, ...changes });
export const a_provider = (changes = {}) => ({ ...provider, ...changes });
export const a_claim = (changes = {}) => ({ ...claim, ...changes });

const field = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
export const csv = (rows, end = '\n') => [Object.keys(rows[0]), ...rows.map(Object.values)].map((row) => row.map(field).join(',') + end).join('');
export const jsonl = (rows) => rows.map((row) => JSON.stringify(row) + '\n').join('');

// The files of the book, by name.
export const book = () => ({
  'customers.csv': csv([a_customer()]),
  'pets.csv': csv([a_pet()]),
  'policies.csv': csv([a_policy()]),
  'vet_providers.csv': csv([a_provider()]),
  'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2', claim_number: 'CLM2024000002' })]),
});

// A lake with the book in raw/, with `files` instead of or beside its own (null: without it).
export function lake_with(files = {}) {
  const lake = Lake.empty();
  for (const [name, content] of Object.entries({ ...book(), ...files })) {
    if (content !== null) lake.put(name, content);
  }
  return lake;
}
