#include "records/schema.h"

namespace claimlake::records {
namespace {

// Never edit a step that was released: add the next one, and its fixture (released/).
SchemaStep version_1_of_the_book() {
  return {
      R"(CREATE TABLE store_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT)",
      R"(CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT)",
      R"(INSERT INTO counters (name, value) VALUES ('outbox', 0), ('relay_files', 0))",
      R"(CREATE TABLE customers (
           customer_id TEXT PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
           email TEXT NOT NULL, phone TEXT NOT NULL, address_line1 TEXT, city TEXT NOT NULL,
           state TEXT NOT NULL, zip_code TEXT NOT NULL, country TEXT NOT NULL, date_of_birth TEXT,
           customer_since TEXT NOT NULL, preferred_contact TEXT NOT NULL,
           marketing_opt_in INTEGER NOT NULL, referral_source TEXT, customer_segment TEXT NOT NULL,
           lifetime_value_cents INTEGER NOT NULL, created_at INTEGER NOT NULL,
           updated_at INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX customers_by_email ON customers (email, created_at, customer_id))",
      R"(CREATE INDEX customers_by_age ON customers (created_at, customer_id))",
      R"(CREATE TABLE pets (
           pet_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers,
           pet_name TEXT NOT NULL, species TEXT NOT NULL, breed TEXT NOT NULL, gender TEXT NOT NULL,
           date_of_birth TEXT NOT NULL, weight_lbs TEXT NOT NULL, color TEXT, microchip_id TEXT,
           is_neutered INTEGER NOT NULL, pre_existing_conditions TEXT,
           vaccination_status TEXT NOT NULL, adoption_date TEXT, is_active INTEGER NOT NULL,
           created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
           revision INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX pets_by_customer ON pets (customer_id, created_at, pet_id))",
      R"(CREATE INDEX pets_by_age ON pets (created_at, pet_id))",
      R"(CREATE TABLE policies (
           policy_id TEXT PRIMARY KEY, policy_number TEXT NOT NULL UNIQUE,
           customer_id TEXT NOT NULL REFERENCES customers, pet_id TEXT NOT NULL REFERENCES pets,
           plan_name TEXT NOT NULL, monthly_premium_cents INTEGER NOT NULL,
           annual_deductible_cents INTEGER NOT NULL, coverage_limit_cents INTEGER NOT NULL,
           reimbursement_percentage INTEGER NOT NULL, effective_date TEXT NOT NULL,
           expiration_date TEXT NOT NULL, status TEXT NOT NULL, payment_method TEXT NOT NULL,
           payment_frequency TEXT NOT NULL, waiting_period_days INTEGER NOT NULL,
           includes_wellness INTEGER NOT NULL, includes_dental INTEGER NOT NULL,
           includes_behavioral INTEGER NOT NULL, cancellation_date TEXT,
           renewal_count INTEGER NOT NULL, created_at INTEGER NOT NULL,
           updated_at INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX policies_by_customer ON policies (customer_id, created_at, policy_id))",
      R"(CREATE INDEX policies_by_pet ON policies (pet_id, created_at, policy_id))",
      R"(CREATE INDEX policies_by_age ON policies (created_at, policy_id))",
      R"(CREATE TABLE claims (
           claim_id TEXT PRIMARY KEY, claim_number TEXT NOT NULL UNIQUE,
           policy_id TEXT NOT NULL REFERENCES policies, pet_id TEXT NOT NULL REFERENCES pets,
           customer_id TEXT NOT NULL REFERENCES customers, provider_id TEXT,
           claim_type TEXT NOT NULL, claim_category TEXT NOT NULL, service_date TEXT NOT NULL,
           submitted_date TEXT NOT NULL, claim_amount_cents INTEGER NOT NULL,
           deductible_applied_cents INTEGER NOT NULL, covered_amount_cents INTEGER NOT NULL,
           paid_amount_cents INTEGER NOT NULL, status TEXT NOT NULL, denial_reason TEXT,
           processing_days INTEGER, diagnosis_code TEXT, treatment_notes TEXT, invoice_number TEXT,
           is_emergency INTEGER NOT NULL, is_recurring INTEGER NOT NULL, description TEXT,
           provider_name TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
           revision INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX claims_by_customer ON claims (customer_id, created_at, claim_id))",
      R"(CREATE INDEX claims_by_policy ON claims (policy_id, created_at, claim_id))",
      R"(CREATE INDEX claims_by_age ON claims (created_at, claim_id))",
      R"(CREATE TABLE claim_lines (
           claim_id TEXT NOT NULL REFERENCES claims, line INTEGER NOT NULL,
           description TEXT NOT NULL, amount_cents INTEGER NOT NULL,
           PRIMARY KEY (claim_id, line)) STRICT)",
      R"(CREATE TABLE claim_events (
           claim_id TEXT NOT NULL REFERENCES claims, number INTEGER NOT NULL, kind TEXT NOT NULL,
           actor TEXT NOT NULL, detail TEXT, at INTEGER NOT NULL,
           PRIMARY KEY (claim_id, number)) STRICT)",
  };
}

SchemaStep version_1_of_the_rest() {
  return {
      R"(CREATE TABLE documents (
           document_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers,
           claim_id TEXT REFERENCES claims, name TEXT NOT NULL, media_type TEXT NOT NULL,
           bytes_count INTEGER NOT NULL, sha256 TEXT NOT NULL, path TEXT NOT NULL,
           created_at INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX documents_by_claim ON documents (claim_id, document_id))",
      R"(CREATE TABLE notes (
           note_id TEXT PRIMARY KEY, claim_id TEXT REFERENCES claims,
           customer_id TEXT REFERENCES customers, author TEXT NOT NULL, body TEXT NOT NULL,
           created_at INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX notes_by_claim ON notes (claim_id, note_id))",
      R"(CREATE TABLE users (
           user_id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
           role TEXT NOT NULL, customer_id TEXT REFERENCES customers, password_hash TEXT,
           totp_secret TEXT, state TEXT NOT NULL, failures_count INTEGER NOT NULL,
           locked_until_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
           revision INTEGER NOT NULL) STRICT)",
      R"(CREATE TABLE sessions (
           session_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
           csrf_hash TEXT, client TEXT, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
           expires_at INTEGER NOT NULL) STRICT)",
      R"(CREATE INDEX sessions_by_user ON sessions (user_id))",
      R"(CREATE TABLE api_tokens (
           token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, name TEXT NOT NULL,
           scopes TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER,
           expires_at INTEGER) STRICT)",
      R"(CREATE TABLE one_time_codes (
           code_hash TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT REFERENCES users,
           email TEXT, role TEXT, created_at INTEGER NOT NULL, used_at INTEGER,
           expires_at INTEGER NOT NULL) STRICT)",
      R"(CREATE TABLE idempotency_keys (
           caller TEXT NOT NULL, key TEXT NOT NULL, request_digest TEXT NOT NULL,
           status INTEGER NOT NULL, location TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL,
           created_at INTEGER NOT NULL, PRIMARY KEY (caller, key)) STRICT)",
      R"(CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at))",
      R"(CREATE TABLE relay_files (
           file_number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, rows_count INTEGER NOT NULL,
           decided_at INTEGER NOT NULL, written_at INTEGER) STRICT)",
      R"(CREATE TABLE outbox (
           number INTEGER PRIMARY KEY, folder TEXT NOT NULL, entity_id TEXT NOT NULL,
           line TEXT NOT NULL, at INTEGER NOT NULL,
           file_number INTEGER REFERENCES relay_files) STRICT)",
      R"(CREATE INDEX outbox_by_file ON outbox (file_number, number))",
  };
}

}  // namespace

const std::vector<SchemaStep>& schema_steps() {
  static const std::vector<SchemaStep> steps = [] {
    SchemaStep first = version_1_of_the_book();
    for (std::string& statement : version_1_of_the_rest()) first.push_back(std::move(statement));
    return std::vector<SchemaStep>{std::move(first)};
  }();
  return steps;
}

}  // namespace claimlake::records
