/** Whether the key is pressed into something that takes text. */
export const typing = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") !== null;

/** Ctrl, or Cmd where keyboards have it, and no other. */
export const withControl = (event: KeyboardEvent): boolean => (event.ctrlKey || event.metaKey) && !event.altKey;
