import { ChevronDown, Share } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Button } from "./Button";

type Props<K extends string> = {
  words: string;
  look?: "secondary" | "quiet";
  /** The forms, in order, each as it is called. */
  forms: readonly (readonly [form: K, words: string])[];
  onExport: (form: K) => void;
};

/** The forms in which something leaves. */
export function ExportMenu<K extends string>({ words, look = "secondary", forms, onExport }: Props<K>) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button look={look} className="data-[state=open]:bg-sunken" icon={<Share aria-hidden className="size-4.5" />}>
          {words}
          <ChevronDown aria-hidden className="size-4 text-ink-3" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className="appear z-30 min-w-52 rounded-xl border border-line bg-surface p-1.5 shadow-lift">
          {forms.map(([form, name]) => (
            <DropdownMenu.Item
              key={form}
              onSelect={() => onExport(form)}
              className="flex min-h-11 cursor-pointer items-center rounded-lg px-3 outline-none data-[highlighted]:bg-sunken"
            >
              {name}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
