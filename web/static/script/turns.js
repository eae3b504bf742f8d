// Long work is done a turn at a time: between two of them the browser draws, scrolls and
// takes keys.

const longest = 12; // ms; a frame has 16

// turns gives a function to await between small steps: it waits for the browser where a
// turn has been long enough, and throws once signal is aborted.
export function turns(signal) {
  let begun = performance.now();
  return async function rest() {
    if (performance.now() - begun > longest) {
      await new Promise((resolve) => setTimeout(resolve));
      begun = performance.now();
    }
    signal.throwIfAborted();
  };
}
