// Customer 360: who this is, what they hold, what it costs, and what to do next.
import { useReading } from '../api/client';
import type { Claim, CrossSell, Customer360, CustomerDetail, Pet, Policy, Risk } from '../api/types';
import { count, day, days, dollars, money, percent, plural, words } from '../format';
import { Badge, State } from '../parts/badge';
import { Drawer } from '../parts/drawer';
import { Freshness } from '../parts/freshness';
import { Loaded } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { customer_path } from '../panels/paths';
import { Block, Facts } from './parts';

export function CustomerDrawer({ id, on_close }: { id: string; on_close: () => void }) {
  const path = customer_path(id);
  const reading = useReading<CustomerDetail>(path);
  return (
    <Drawer label={reading.data?.customer.full_name ?? 'Customer'} on_close={on_close}>
      {reading.data === undefined && <h2 className="text-lg font-semibold">Customer</h2>}
      <Loaded reading={reading} path={path} lines={10}>
        {(data) => (
          <div className="flex flex-col gap-4">
            <Head detail={data} />
            <NextStep customer={data.customer} cross_sell={data.cross_sell} />
            <Money customer={data.customer} />
            <div className="grid gap-4 md:grid-cols-2">
              <Churn customer={data.customer} />
              <RiskBlock risk={data.risk} customer={data.customer} />
            </div>
            <Pets pets={data.pets} />
            <Policies policies={data.policies} pets={data.pets} />
            <Claims claims={data.claims} total={data.customer.total_claims} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Head({ detail: { customer, meta } }: { detail: CustomerDetail }) {
  const contact = [customer.email, customer.phone, [customer.city, customer.state, customer.zip_code].filter(Boolean).join(' ')];
  return (
    <header className="pr-12">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h2 className="text-[1.45rem] leading-tight font-semibold tracking-tight">
          {customer.full_name ?? customer.customer_id}
        </h2>
        <State of={customer.customer_value_tier} label={`${customer.customer_value_tier} tier`} />
        <State of={customer.customer_risk_score} />
        <State of={customer.churn_risk} label={churn_label(customer)} />
      </div>
      <p className="mt-1 text-[0.9rem] break-words">{contact.filter(Boolean).join(' · ')}</p>
      <p className="mt-0.5 text-[0.8rem] break-words text-muted">
        Customer since {day(customer.customer_since)}
        {customer.last_contact && ` · last contact ${day(customer.last_contact)}`}
        {customer.preferred_contact && ` · prefers ${customer.preferred_contact.toLowerCase()}`} ·{' '}
        <Freshness meta={meta} />
      </p>
      <p className="mt-0.5 font-mono text-[0.76rem] break-all text-muted">{customer.customer_id}</p>
    </header>
  );
}

function churn_label(customer: Customer360): string {
  return customer.churn_risk === 'Churned' || customer.churn_risk === 'Prospect'
    ? customer.churn_risk
    : `${customer.churn_risk} churn risk`;
}

function NextStep({ customer, cross_sell }: { customer: Customer360; cross_sell: CrossSell | null }) {
  if (!customer.next_best_action && !cross_sell) return null;
  return (
    <section aria-labelledby="next-step" className="rounded-xl bg-accent-soft p-4">
      <h3 id="next-step" className="text-[0.8rem] text-accent">
        Next best action
      </h3>
      <p className="text-[1.05rem] font-semibold">{customer.next_best_action ?? cross_sell?.recommendation}</p>
      {cross_sell && (
        <p className="mt-1 text-[0.88rem]">
          Cross-sell: {cross_sell.recommendation}. {cross_sell.recommendation_reason}
          {cross_sell.estimated_revenue_opportunity > 0 && (
            <> Worth about {dollars(cross_sell.estimated_revenue_opportunity)} a year.</>
          )}
        </p>
      )}
    </section>
  );
}

function Money({ customer }: { customer: Customer360 }) {
  return (
    <Block title="Value and claims">
      <Facts
        facts={[
          ['Premium in force', money(customer.total_annual_premium)],
          ['Lifetime value', money(customer.lifetime_value)],
          ['Earned premium', money(customer.earned_premium)],
          ['Loss ratio', percent(customer.loss_ratio)],
          ['Claims', count(customer.total_claims)],
          ['Claimed', money(customer.total_claim_amount)],
          ['Paid', money(customer.total_paid_amount)],
          ['Decision days', days(customer.avg_processing_days)],
        ]}
      />
    </Block>
  );
}

function Churn({ customer }: { customer: Customer360 }) {
  return (
    <Block title="Churn" note={<State of={customer.churn_risk} />}>
      {customer.churn_drivers.length === 0 ? (
        <p className="text-[0.88rem] text-muted">Nothing points to churn.</p>
      ) : (
        <ul className="list-disc pl-4 text-[0.9rem]">
          {customer.churn_drivers.map((driver) => (
            <li key={driver}>{driver}</li>
          ))}
        </ul>
      )}
      <p className="mt-2 text-[0.82rem] text-muted">
        {customer.min_days_until_renewal === null
          ? 'No policy is due for renewal.'
          : `Next renewal in ${plural(customer.min_days_until_renewal, 'day')}.`}{' '}
        Engagement score {count(customer.engagement_score)}.
      </p>
    </Block>
  );
}

function RiskBlock({ risk, customer }: { risk: Risk | null; customer: Customer360 }) {
  if (!risk) {
    return (
      <Block title="Risk" note={<State of={customer.customer_risk_score} />}>
        <p className="text-[0.88rem] text-muted">No risk score has been computed.</p>
      </Block>
    );
  }
  return (
    <Block title="Risk" note={<State of={risk.risk_category} label={`${count(risk.total_risk_score)} of 100, ${risk.risk_category}`} />}>
      <table className="grid-table">
        <caption className="sr-only">Points of each risk factor</caption>
        <tbody>
          {risk.factors.map((factor) => (
            <tr key={factor.factor}>
              <th scope="row" className="!py-1 !text-[0.84rem] !font-normal !text-ink">
                {words(factor.factor.replace(/_risk$/, ''))}
              </th>
              <td className="w-[40%] !py-1">
                <div className="h-2 rounded-full bg-raised" aria-hidden="true">
                  <div className="h-full rounded-full bg-s2" style={{ width: `${Math.min(100, factor.share_pct)}%` }} />
                </div>
              </td>
              <td className="num !py-1">{count(factor.points)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-[0.82rem] text-muted">{risk.recommended_action}.</p>
    </Block>
  );
}

function Pets({ pets }: { pets: Pet[] }) {
  return (
    <Block title="Pets" note={plural(pets.length, 'pet')}>
      {pets.length === 0 ? (
        <p className="text-[0.88rem] text-muted">No pets.</p>
      ) : (
        <ul className="grid gap-3 sm:grid-cols-2">
          {pets.map((pet) => (
            <li key={pet.pet_id} className="rounded-lg bg-raised px-3 py-2 text-[0.87rem]">
              <p className="font-medium">
                {pet.pet_name ?? pet.pet_id} {pet.is_active === false && <Badge>Inactive</Badge>}
              </p>
              <p className="text-muted">
                {[pet.breed, pet.species, pet.gender].filter(Boolean).join(', ')}
                {pet.age_years !== null && `, ${plural(pet.age_years, 'year')}`}
                {pet.life_stage && ` (${pet.life_stage.toLowerCase()})`}
              </p>
              {pet.pre_existing_conditions && <p>Has: {pet.pre_existing_conditions}</p>}
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}

function Policies({ policies, pets }: { policies: Policy[]; pets: Pet[] }) {
  const pet_name = (id: string | null) => pets.find((pet) => pet.pet_id === id)?.pet_name ?? '–';
  const in_force = policies.filter((policy) => policy.is_in_force).length;
  return (
    <Block title="Policies" note={`${count(in_force)} of ${count(policies.length)} in force`}>
      {policies.length === 0 ? (
        <p className="text-[0.88rem] text-muted">No policies.</p>
      ) : (
        <Scroll label="List of policies">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Plan</th>
                <th scope="col">Pet</th>
                <th scope="col">State</th>
                <th scope="col">Term</th>
                <th scope="col" className="num">
                  Premium a year
                </th>
                <th scope="col" className="num">
                  Pays
                </th>
              </tr>
            </thead>
            <tbody>
              {policies.map((policy) => (
                <tr key={policy.policy_id}>
                  <th scope="row" className="!text-[0.87rem] !font-normal !text-ink">
                    {policy.plan_name ?? '–'}
                    <span className="block text-[0.77rem] text-muted">{policy.policy_number}</span>
                  </th>
                  <td>{pet_name(policy.pet_id)}</td>
                  <td>
                    <State of={policy.is_in_force ? 'In force' : (policy.status ?? '–')} label={policy_state(policy)} />
                  </td>
                  <td className="whitespace-nowrap">
                    {day(policy.effective_date)} – {day(policy.expiration_date)}
                  </td>
                  <td className="num">{money(policy.annual_premium)}</td>
                  <td className="num">{percent(policy.reimbursement_percentage, 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Block>
  );
}

// A policy may say Active after its term has ended; then it is not in force.
function policy_state(policy: Policy): string {
  if (policy.is_in_force) return 'In force';
  return policy.status === 'Active' ? 'Outside its term' : (policy.status ?? '–');
}

function Claims({ claims, total }: { claims: Claim[]; total: number }) {
  return (
    <Block title="Claims" note={claims.length < total ? `the newest ${count(claims.length)} of ${count(total)}` : plural(total, 'claim')}>
      {claims.length === 0 ? (
        <p className="text-[0.88rem] text-muted">No claims.</p>
      ) : (
        <Scroll label="List of claims">
          <table className="grid-table">
            <thead>
              <tr>
                <th scope="col">Claim</th>
                <th scope="col">Service</th>
                <th scope="col">Pet</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Claimed
                </th>
                <th scope="col" className="num">
                  Paid
                </th>
                <th scope="col" className="num">
                  Days
                </th>
              </tr>
            </thead>
            <tbody>
              {claims.map((claim) => (
                <tr key={claim.claim_id}>
                  <th scope="row" className="!text-[0.87rem] !font-normal !text-ink">
                    {claim.claim_type ?? '–'}
                    <span className="block text-[0.77rem] text-muted">{claim.claim_number}</span>
                  </th>
                  <td className="whitespace-nowrap">{day(claim.service_date)}</td>
                  <td>{claim.pet_name ?? '–'}</td>
                  <td>
                    <State of={claim.status} />
                    {claim.denial_reason && (
                      <span className="block text-[0.77rem] text-muted">{claim.denial_reason}</span>
                    )}
                  </td>
                  <td className="num">{money(claim.claim_amount)}</td>
                  <td className="num">{money(claim.paid_amount)}</td>
                  <td className="num">{count(claim.processing_days)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Block>
  );
}
