// A short state with a colour; the word carries the meaning, the colour only helps.
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

const tones: Record<Tone, string> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  plain: 'bg-raised text-muted',
};

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={`inline-block rounded-full px-2 py-0.5 text-[0.77rem] leading-tight font-medium whitespace-nowrap ${tones[tone]}`}>
      {children}
    </span>
  );
}

const known: Record<string, Tone> = {
  Platinum: 'info',
  Gold: 'warn',
  Silver: 'plain',
  Bronze: 'plain',
  High: 'bad',
  'Very High': 'bad',
  'High Risk': 'bad',
  Medium: 'warn',
  'Medium Risk': 'warn',
  Low: 'good',
  'Very Low': 'good',
  'Low Risk': 'good',
  'Very Low Risk': 'good',
  Churned: 'plain',
  Prospect: 'info',
  Paid: 'good',
  Approved: 'good',
  'Partially Approved': 'good',
  Denied: 'bad',
  'Under Review': 'info',
  Submitted: 'info',
  Active: 'good',
  'In force': 'good',
  succeeded: 'good',
  passed: 'good',
  skipped: 'plain',
  running: 'info',
  warned: 'warn',
  failed: 'bad',
};

export function State({ of, label }: { of: string | null; label?: string }) {
  return of === null ? <>–</> : <Badge tone={known[of] ?? 'plain'}>{label ?? of}</Badge>;
}
