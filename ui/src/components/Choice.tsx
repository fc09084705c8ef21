type Props = {
  legend: string;
  name: string;
  options: { value: string; words: string }[];
  value: string | null;
  onChange: (value: string) => void;
};

/** One of a few, side by side, each as large as a finger. */
export function Choice({ legend, name, options, value, onChange }: Props) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-ink">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex min-h-11 cursor-pointer items-center gap-2 rounded-lg border border-edge bg-surface px-3.5 tint hover:bg-sunken has-checked:border-accent has-checked:bg-accent-soft has-checked:text-accent-strong has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="size-4 outline-none"
            />
            <span className="font-medium">{option.words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
