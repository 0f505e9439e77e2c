// The little of Markdown that the contract's descriptions use: paragraphs, `code` and **strong**.
import type { ReactNode } from 'react';

export function Prose({ text }: { text: string }) {
  return (
    <>
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((paragraph, index) => (
          <p key={index} className="mb-2 break-inside-avoid">
            <Inline text={paragraph.replaceAll('\n', ' ')} />
          </p>
        ))}
    </>
  );
}

export function Inline({ text }: { text: string }) {
  return <>{text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map(inline)}</>;
}

function inline(part: string, index: number): ReactNode {
  if (part.startsWith('`')) return <code key={index}>{part.slice(1, -1)}</code>;
  if (part.startsWith('**')) return <strong key={index}>{part.slice(2, -2)}</strong>;
  return part;
}
