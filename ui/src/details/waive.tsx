// A person's word that a refused row goes into its table all the same, with the reason.
import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { feed } from '../api/client';
import type { Sent } from '../api/feed';
import type { WaiverChangeList } from '../api/types';

export const waive_path = '/api/quality/quarantine/waive';

// What came of it, in a sentence.
export function waived_text({ changes }: WaiverChangeList): string {
  const rules = changes.flatMap((change) => change.rules).join(', ');
  const still = changes.flatMap((change) => change.still_refused_by);
  return `${rules} waived. ${still.length === 0 ? 'The next run takes the row in.' : `The row is refused still, by ${still.join(', ')}.`}`;
}

export function Waive({ table, row_key }: { table: string; row_key: string }) {
  const [open, set_open] = useState(false);
  const [why, set_why] = useState('');
  const [busy, set_busy] = useState(false);
  const [sent, set_sent] = useState<Sent<WaiverChangeList>>();
  const field = useId();
  const say = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || why.trim() === '') return;
    set_busy(true);
    // Else an error that comes again would change nothing, and not be said again.
    set_sent(undefined);
    set_sent(await feed.send<WaiverChangeList>(waive_path, { table, key: row_key, why: why.trim() }));
    set_busy(false);
  };
  // Said to screen readers, too, which is why the place for it is there before.
  const done = sent?.data && waived_text(sent.data);
  const status = useRef<HTMLParagraphElement>(null);
  // The button that had the focus is gone then.
  useEffect(() => {
    if (done) status.current?.focus();
  }, [done]);
  return (
    <div className="mt-1">
      {!done && (
        <button type="button" className="button" aria-expanded={open} aria-label={`Waive ${row_key}`} onClick={() => set_open(!open)}>
          Waive
        </button>
      )}
      {open && !done && (
        <form onSubmit={(event) => void say(event)} className="mt-2 flex flex-wrap items-center gap-2">
          <label htmlFor={field}>Why</label>
          <input id={field} className="field min-w-0 flex-1" required maxLength={1000} value={why} placeholder="For those who read the table later" onChange={(event) => set_why(event.target.value)} />
          <button type="submit" className="button" disabled={why.trim() === ''} aria-disabled={busy}>
            Let it in
          </button>
        </form>
      )}
      <p ref={status} tabIndex={-1} role="status" className="break-words">
        {done}
      </p>
      {sent?.problem && (
        <p role="alert" className="mt-1 rounded-md bg-bad-soft px-3 py-2 break-words">
          {sent.problem.detail} {sent.problem.next_step}
        </p>
      )}
    </div>
  );
}
