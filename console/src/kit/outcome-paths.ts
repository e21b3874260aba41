/** The signs of the outcomes, 16 by 16; a word stands beside each. */
export const outcomePaths = {
  success: "M3.5 8.5l3 3 6-7",
  failure: "M4 4l8 8M12 4l-8 8",
  denied: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM4 4l8 8",
  unknown: "M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1V9.5M8 12v.1",
} as const;
