import { existsSync, readFileSync } from "node:fs";

const status = "/proc/self/status";

/**
 * The largest resident size that this process has had, in bytes. Linux hands getrusage's figure on from the process that started
 * it, so that a small child of a large parent seems as large; VmHWM counts since the program began.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function peakMemoryBytes(): number {
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, "utf8"))![1]) * 1024;
}
