/**
 * Prints `N passed, N failed` from the JSON report of a test run: `node scripts/count-tests.mjs <report>`. A test file
 * that could not be run counts as one that failed, and so does a run that left no report. Exits with 1 if any failed.
 *
 * Plain JavaScript: it also runs where the installation failed, on whatever Node there is.
 */
import { readFileSync } from "node:fs";

/** @returns {{ passed: number, failed: number, skipped: number }} */
function count(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const { passed, failed, skipped } = count(process.argv[2]);
if (skipped > 0) console.log(`${skipped} left out`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
