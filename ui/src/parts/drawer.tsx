// A sheet from the right for the detail of one thing. The native dialog keeps the keyboard focus
// inside, closes on Escape and gives the focus back.
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { Close } from './icons';

type DrawerProps = { label: string; on_close: () => void; children: ReactNode };

export function Drawer({ label, on_close, children }: DrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null);

  // A layout effect, because the dialog gives the focus back only while it is in the document.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        on_close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) on_close();
      }}
      className="fixed inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-full max-w-[860px] overflow-y-auto border-l border-line bg-ground p-0"
    >
      <div className="flex min-h-full flex-col gap-4 p-4 sm:p-6">
        <button
          type="button"
          className="button fixed top-3 right-4 z-10 !rounded-full !p-2"
          onClick={on_close}
          aria-label="Close"
        >
          <Close />
        </button>
        {children}
      </div>
    </dialog>
  );
}
