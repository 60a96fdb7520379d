// What is not needed for the first picture waits until that is on the screen.
export const afterPaint = (run: () => void): void => {
  requestAnimationFrame(() => setTimeout(run, 0));
};
