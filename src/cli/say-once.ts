/** Says the first of many things, and again only after a reset. */
export function sayOnce(say: (text: string) => void): { say: (text: string) => void; reset: () => void } {
  let isSaid = false;
  return {
    say: (text) => {
      if (!isSaid) say(text);
      isSaid = true;
    },
    reset: () => {
      isSaid = false;
    },
  };
}
